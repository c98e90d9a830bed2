package io.barnabas.coordination.control;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import com.esotericsoftware.kryo.serializers.TaggedFieldSerializer.Tag;
import com.sun.management.ThreadMXBean;
import io.barnabas.model.BrokerId;
import java.lang.management.ManagementFactory;
import java.lang.reflect.Field;
import java.lang.reflect.Modifier;
import java.util.Arrays;
import java.util.HexFormat;
import java.util.List;
import java.util.Map;
import java.util.Random;
import java.util.Set;
import java.util.function.Consumer;
import java.util.stream.Stream;
import org.junit.jupiter.api.DisplayName;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

@DisplayName("bytes that no broker wrote")
class HostileControlMessagesTest {
    private static final int FLIPS = 400;

    /** What reading may allocate at most: so much in any case, and so much for each byte. */
    private static final long BASE_BYTES = 256 << 10;

    private static final long PER_BYTE = 1024;

    private final KryoControlCodec codec = new KryoControlCodec();

    @ParameterizedTest(name = "{1}")
    @CsvSource({
        "'', nothing at all",
        "01, a version and nothing else",
        "02, another version",
        "0100, null",
        "0101, a class by name",
        "010100fe636f6d, a class by a name that begins and does not end",
        "0103ffffffff0f, text of Kryo's own",
        "0105ffffffff0f, a number of Kryo's own",
        "010c80808080088080808008, bytes without a message",
        "010f8080808008, a list without a message",
        "017f02, a kind that nobody knows",
        "01ffffffff0f, a kind beyond all",
        "013f0200058080808002, half a billion bytes of a proof",
        "014b0200058080808002, half a billion proposals",
        "014b02000506808080801f, half a billion proposals and a sixth",
        "013f0200ffffffff7f, a chunk of half a billion",
        "013fffffffff07, half a billion fields"
    })
    void areRefused(String hex, String what) {
        byte[] bytes = HexFormat.of().parseHex(hex);

        long before = allocated();
        assertThatThrownBy(() -> codec.decodeRequest(bytes)).isInstanceOf(MalformedControlMessageException.class);
        assertThatThrownBy(() -> codec.decodeReply(bytes)).isInstanceOf(MalformedControlMessageException.class);
        assertThat(allocated() - before).as(what).isLessThan(4 << 20);
    }

    @Test
    @DisplayName("an array of half a billion numbers is refused before it is allocated")
    void arraysOfNumbers() {
        byte[] change = codec.encode(new PeerRequest.Tell(
                1,
                new ClusterChange(
                        1,
                        new BrokerId(1),
                        1,
                        List.of(),
                        Set.of(new BrokerId(0x1234567), new BrokerId(0x1234568)),
                        List.of(),
                        Set.of(),
                        Map.of())));
        int at = indexOf(change, HexFormat.of().parseHex("03ce959a12"));

        // varint of 2 + 1, then the first id: make the length half a billion, as long as what it takes the place of
        byte[] bomb = change.clone();
        System.arraycopy(HexFormat.of().parseHex("8180808002"), 0, bomb, at, 5);

        long before = allocated();
        assertThatThrownBy(() -> codec.decodeRequest(bomb)).isInstanceOf(MalformedControlMessageException.class);
        assertThat(allocated() - before).isLessThan(4 << 20);
    }

    @Test
    @DisplayName("a message that ends too early is refused, wherever it ends")
    void truncations() {
        samples().forEach(bytes -> {
            for (int length = 0; length < bytes.length; length++) {
                byte[] part = Arrays.copyOf(bytes, length);

                assertThatThrownBy(() -> codec.decodeRequest(part))
                        .isInstanceOf(MalformedControlMessageException.class);
                assertThatThrownBy(() -> codec.decodeReply(part)).isInstanceOf(MalformedControlMessageException.class);
            }
        });
    }

    @Test
    @DisplayName("more bytes than the message has are refused")
    void excess() {
        samples().forEach(bytes -> {
            byte[] more = Arrays.copyOf(bytes, bytes.length + 1);

            assertThatThrownBy(() -> codec.decodeRequest(more)).isInstanceOf(MalformedControlMessageException.class);
            assertThatThrownBy(() -> codec.decodeReply(more)).isInstanceOf(MalformedControlMessageException.class);
        });
    }

    @Test
    @DisplayName("a request is no reply, and a reply no request")
    void kinds() {
        SampleMessages.requests()
                .values()
                .forEach(request -> assertThatThrownBy(() -> codec.decodeReply(codec.encode(request)))
                        .isInstanceOf(MalformedControlMessageException.class));
        SampleMessages.replies()
                .values()
                .forEach(reply -> assertThatThrownBy(() -> codec.decodeRequest(codec.encode(reply)))
                        .isInstanceOf(MalformedControlMessageException.class));
    }

    @Test
    @DisplayName("a message with other bytes in it is read or refused, in memory that its own length bounds")
    void flips() {
        long seed = Long.getLong("barnabas.seed", new Random().nextLong());
        Random random = new Random(seed);
        samples().forEach(bytes -> {
            for (int round = 0; round < FLIPS; round++) {
                byte[] hostile = bytes.clone();
                for (int flips = random.nextInt(1, 6); flips > 0; flips--) {
                    hostile[random.nextInt(1, hostile.length)] = (byte) random.nextInt();
                }

                long before = allocated();
                readOrRefuse(seed, hostile, codec::decodeRequest);
                readOrRefuse(seed, hostile, codec::decodeReply);
                assertThat(allocated() - before)
                        .as("seed %d: %s", seed, HexFormat.of().formatHex(hostile))
                        .isLessThan(BASE_BYTES + PER_BYTE * hostile.length);
            }
        });
    }

    @Test
    @DisplayName(
            "no form has a field that could hold something else than it is declared to hold, or text of Kryo's own")
    void fieldsAreClosed() {
        for (Class<?> form : FormLedger.FORMS.values()) {
            assertThat(Modifier.isFinal(form.getModifiers())).as(form.getName()).isTrue();
            for (Field field : form.getDeclaredFields()) {
                if (field.isSynthetic()) {
                    continue;
                }
                Class<?> type = field.getType();
                assertThat(field.isAnnotationPresent(Tag.class))
                        .as(field.toString())
                        .isTrue();
                assertThat(type).as(field.toString()).isNotEqualTo(String.class);
                assertThat(type.isPrimitive() || Modifier.isFinal(type.getModifiers()))
                        .as(field.toString())
                        .isTrue();
            }
        }
    }

    private void readOrRefuse(long seed, byte[] bytes, Consumer<byte[]> decode) {
        try {
            decode.accept(bytes);
        } catch (MalformedControlMessageException refused) {
            assertThat(refused).hasMessageMatching("(?s).+");
        } catch (RuntimeException | Error other) {
            throw new AssertionError("seed " + seed + ": " + HexFormat.of().formatHex(bytes), other);
        }
    }

    private Stream<byte[]> samples() {
        return Stream.concat(
                SampleMessages.requests().values().stream().map(codec::encode),
                SampleMessages.replies().values().stream().map(codec::encode));
    }

    private static int indexOf(byte[] bytes, byte[] part) {
        for (int at = 0; at + part.length <= bytes.length; at++) {
            if (Arrays.equals(bytes, at, at + part.length, part, 0, part.length)) {
                return at;
            }
        }
        throw new AssertionError(
                HexFormat.of().formatHex(bytes) + " has no " + HexFormat.of().formatHex(part));
    }

    private static long allocated() {
        return ((ThreadMXBean) ManagementFactory.getThreadMXBean())
                .getThreadAllocatedBytes(Thread.currentThread().getId());
    }
}
