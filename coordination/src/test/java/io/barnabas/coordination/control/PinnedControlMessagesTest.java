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
 * The bytes of one message of each kind. A message that gets another field gets other bytes, and its old line stays under another name: what older
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
        Map<String, PeerRequest> requests = SampleMessages.requests();
        for (Map.Entry<String, String> line : byName(pinned("requests.pinned")).entrySet()) {
            assertThat(codec.decodeRequest(HexFormat.of().parseHex(line.getValue())))
                    .usingRecursiveComparison()
                    .isEqualTo(requests.get(line.getKey()));
        }
        Map<String, PeerReply> replies = SampleMessages.replies();
        for (Map.Entry<String, String> line : byName(pinned("replies.pinned")).entrySet()) {
            assertThat(codec.decodeReply(HexFormat.of().parseHex(line.getValue())))
                    .usingRecursiveComparison()
                    .isEqualTo(replies.get(line.getKey()));
        }
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
