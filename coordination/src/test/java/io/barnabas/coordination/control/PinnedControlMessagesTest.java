package io.barnabas.coordination.control;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.io.InputStream;
import java.nio.charset.StandardCharsets;
import java.util.HexFormat;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.function.Function;
import java.util.stream.Collectors;
import org.junit.jupiter.api.DisplayName;
import org.junit.jupiter.api.Test;

/**
 * The bytes of one message of each kind. A message that gets another field gets other bytes, and its old line stays in another file: what older
 * brokers write has to be read for as long as they are let into a cluster.
 */
@DisplayName("the bytes between brokers are what they were")
class PinnedControlMessagesTest {
    private final KryoControlCodec codec = new KryoControlCodec();

    @Test
    void requestsAreWrittenAsPinned() throws IOException {
        assertThat(lines(SampleMessages.requests(), codec::encode)).isEqualTo(pinned("requests.pinned"));
    }

    @Test
    void repliesAreWrittenAsPinned() throws IOException {
        assertThat(lines(SampleMessages.replies(), codec::encode)).isEqualTo(pinned("replies.pinned"));
    }

    @Test
    void pinnedBytesAreRead() throws IOException {
        assertRead("requests.pinned", SampleMessages.requests(), codec::decodeRequest);
        assertRead("replies.pinned", SampleMessages.replies(), codec::decodeReply);
    }

    @Test
    @DisplayName(
            "what was written before states named eligible leaders is read as naming none (REPL-24), a ping that did not speak of news as owing none")
    void earlierBytesAreRead() throws IOException {
        assertRead("earlier-requests.pinned", SampleMessages.earlierRequests(), codec::decodeRequest);
        assertRead("earlier-replies.pinned", SampleMessages.earlierReplies(), codec::decodeReply);
    }

    private static <T> void assertRead(String file, Map<String, T> expected, Function<byte[], T> decode)
            throws IOException {
        Map<String, String> lines = byName(pinned(file));
        assertThat(lines.keySet()).isEqualTo(expected.keySet());
        lines.forEach((name, hex) -> assertThat(decode.apply(HexFormat.of().parseHex(hex)))
                .usingRecursiveComparison()
                .isEqualTo(expected.get(name)));
    }

    @Test
    @DisplayName("every kind of message has a sample")
    void noKindIsForgotten() {
        assertThat(SampleMessages.requests().values().stream()
                        .map(Object::getClass)
                        .distinct())
                .containsExactlyInAnyOrder(PeerRequest.class.getPermittedSubclasses());
        assertThat(SampleMessages.replies().values().stream()
                        .map(Object::getClass)
                        .distinct())
                .containsExactlyInAnyOrder(PeerReply.class.getPermittedSubclasses());
    }

    private static <T> String lines(Map<String, T> messages, Function<T, byte[]> encode) {
        return messages.entrySet().stream()
                .map(entry -> entry.getKey() + " " + HexFormat.of().formatHex(encode.apply(entry.getValue())) + "\n")
                .collect(Collectors.joining());
    }

    private static Map<String, String> byName(String lines) {
        Map<String, String> byName = new LinkedHashMap<>();
        lines.lines().forEach(line -> byName.put(line.split(" ")[0], line.split(" ")[1]));
        return byName;
    }

    private static String pinned(String file) throws IOException {
        try (InputStream in = PinnedControlMessagesTest.class.getResourceAsStream(file)) {
            return new String(in.readAllBytes(), StandardCharsets.UTF_8);
        }
    }
}
