package io.barnabas.protocol;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assertions.fail;

import com.sun.management.ThreadMXBean;
import io.barnabas.protocol.message.ApiMessage;
import io.barnabas.protocol.message.MalformedMessageException;
import io.barnabas.protocol.message.MessageReader;
import io.barnabas.protocol.message.MetadataRequestData;
import io.barnabas.protocol.message.ProduceRequestData;
import io.netty.buffer.ByteBuf;
import io.netty.buffer.Unpooled;
import java.lang.management.ManagementFactory;
import java.nio.ByteBuffer;
import java.util.List;
import java.util.Random;
import org.junit.jupiter.api.DisplayName;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

/** Bytes of peers that are broken or mean harm: the answer is always the same exception, and never much memory. */
class HostileInputTest {
    private static final int ROUNDS = Integer.getInteger("barnabas.rounds", 200);

    /** More than any element of any message takes; what one byte on the wire may cost at most. */
    private static final long MEMORY_PER_BYTE = 1_024;

    private static final long MEMORY_PER_MESSAGE = 64 * 1_024;

    private static final ThreadMXBean THREADS = (ThreadMXBean) ManagementFactory.getThreadMXBean();

    static List<WireMessage> messages() {
        return WireMessage.all();
    }

    @ParameterizedTest
    @MethodSource("messages")
    @DisplayName("(WIRE-13) a body cut off at any byte is malformed")
    void truncatedBodies(WireMessage message) {
        for (short version : message.versions().toList()) {
            long seed = Seed.of(message.name() + version, 1);
            ByteBuffer whole = new RandomBodies(seed, true).next(message.schema(version));
            for (int length = 0; length < whole.limit(); length++) {
                if (isRead(message, version, Unpooled.wrappedBuffer(whole.slice(0, length)))) {
                    fail(message + " v" + version + " of " + whole.limit() + " bytes was read from " + length + ", "
                            + Seed.repeat());
                }
            }
        }
    }

    @ParameterizedTest
    @MethodSource("messages")
    @DisplayName("(WIRE-14) huge lengths put anywhere into a body cost no memory and nothing but an error")
    void lengthBombsAnywhere(WireMessage message) {
        byte[][] bombs = {
            {0x7f, -1, -1, -1},
            {0x7f, -1},
            {-1, -1, -1, -1, 0x07},
            {-1, -1, -1, -1, 0x7f},
            {-1, -1, -1, -2},
            {0, 0x0f, 0x42, 0x40},
        };
        for (short version : message.versions().toList()) {
            long seed = Seed.of(message.name() + version, 2);
            ByteBuffer whole = new RandomBodies(seed, false).next(message.schema(version));
            int last = Math.min(whole.limit(), 400);
            for (int at = 0; at < last; at++) {
                for (byte[] bomb : bombs) {
                    byte[] bytes = new byte[Math.max(whole.limit(), at + bomb.length)];
                    whole.get(0, bytes, 0, whole.limit());
                    System.arraycopy(bomb, 0, bytes, at, bomb.length);
                    readWithinBounds(message, version, bytes);
                }
            }
        }
    }

    @ParameterizedTest
    @MethodSource("messages")
    @DisplayName("(WIRE-14) garbage is read or malformed, within bounded memory")
    void garbage(WireMessage message) {
        for (short version : message.versions().toList()) {
            var random = new Random(Seed.of(message.name() + version, 3));
            for (int round = 0; round < ROUNDS; round++) {
                byte[] bytes = new byte[random.nextInt(200)];
                random.nextBytes(bytes);
                if (random.nextBoolean()) {
                    // small numbers are plausible lengths and get deeper into a message
                    for (int i = 0; i < bytes.length; i++) {
                        bytes[i] = (byte) (random.nextInt(8) == 0 ? bytes[i] : bytes[i] & 3);
                    }
                }
                readWithinBounds(message, version, bytes);
            }
        }
    }

    @Test
    @DisplayName(
            "(WIRE-14) 4,000 topics without a name are 4,000 topics, and none of them costs more than the one before")
    void equalTopicNames() {
        ByteBuf body = Unpooled.buffer();
        body.writeShort(-1).writeShort(1).writeInt(1_000).writeInt(4_000);
        for (int i = 0; i < 4_000; i++) {
            body.writeShort(0).writeInt(0);
        }

        var request = (ProduceRequestData) RequestCodec.readBody(ApiKey.PRODUCE, (short) 7, body);

        assertThat(request.topicData).hasSize(4_000);
        assertThat(body.isReadable()).isFalse();
    }

    @Test
    @DisplayName("(WIRE-14) a frame full of empty elements runs out of its budget, not of our memory")
    void tooManyElements() {
        ByteBuf body = Unpooled.buffer();
        body.writeShort(-1).writeShort(1).writeInt(1_000).writeInt(MessageReader.DEFAULT_ELEMENT_BUDGET + 1);
        body.writeZero(6 * (MessageReader.DEFAULT_ELEMENT_BUDGET + 1));

        long before = THREADS.getCurrentThreadAllocatedBytes();
        assertThatThrownBy(() -> RequestCodec.readBody(ApiKey.PRODUCE, (short) 7, body))
                .isInstanceOf(MalformedMessageException.class);
        assertThat(THREADS.getCurrentThreadAllocatedBytes() - before).isLessThan(MEMORY_PER_MESSAGE);
    }

    @Test
    @DisplayName("(WIRE-15) a null compact array is another thing than an empty one")
    void nullAndEmptyArrays() {
        ByteBuf none = Unpooled.wrappedBuffer(new byte[] {0, 1, 0, 0, 0});
        ByteBuf empty = Unpooled.wrappedBuffer(new byte[] {1, 1, 0, 0, 0});

        var all = (MetadataRequestData) RequestCodec.readBody(ApiKey.METADATA, (short) 9, none);
        var nothing = (MetadataRequestData) RequestCodec.readBody(ApiKey.METADATA, (short) 9, empty);

        assertThat(all.topics).isNull();
        assertThat(nothing.topics).isEmpty();
    }

    @Test
    @DisplayName("(WIRE-15) tagged fields out of order or given twice: the last one counts")
    void tagsInAnyOrder() {
        ByteBuf body = Unpooled.buffer();
        body.writeInt(0).writeShort(0).writeInt(0).writeByte(1);
        // unknown tag 9 first, then node endpoints (tag 0) empty, and once more
        body.writeByte(3).writeBytes(new byte[] {9, 2, 7, 7, 0, 1, 1, 0, 1, 1});

        ApiMessage response = ResponseCodec.readBody(ApiKey.FETCH, (short) 16, body);

        assertThat(response).isEqualTo(ApiKey.FETCH.newResponse());
    }

    @Test
    @DisplayName("(WIRE-14) a tagged field that claims another size than it has is malformed")
    void taggedFieldOfWrongSize() {
        for (int size : new int[] {0, 2, 100}) {
            ByteBuf body = Unpooled.buffer();
            body.writeInt(0).writeShort(0).writeInt(0).writeByte(1);
            body.writeByte(1).writeByte(0).writeByte(size).writeByte(1).writeByte(0);

            assertThatThrownBy(() -> ResponseCodec.readBody(ApiKey.FETCH, (short) 16, body))
                    .isInstanceOf(MalformedMessageException.class);
        }
    }

    private static void readWithinBounds(WireMessage message, short version, byte[] bytes) {
        long bound = MEMORY_PER_MESSAGE + MEMORY_PER_BYTE * bytes.length;
        long taken = memoryTakenBy(message, version, bytes);
        if (taken > bound) {
            // the first time may have loaded classes, which is not the message's doing
            taken = memoryTakenBy(message, version, bytes);
        }
        if (taken > bound) {
            fail(message + " v" + version + " took " + taken + " bytes of memory for " + bytes.length + ", "
                    + Seed.repeat());
        }
    }

    private static long memoryTakenBy(WireMessage message, short version, byte[] bytes) {
        ByteBuf buffer = Unpooled.wrappedBuffer(bytes);
        long before = THREADS.getCurrentThreadAllocatedBytes();
        isRead(message, version, buffer);
        return THREADS.getCurrentThreadAllocatedBytes() - before;
    }

    /** Whether it was read; false if it is malformed. Anything else flies on and fails the test. */
    private static boolean isRead(WireMessage message, short version, ByteBuf bytes) {
        try {
            message.ours().get().read(new MessageReader(bytes), version);
            return true;
        } catch (MalformedMessageException e) {
            return false;
        }
    }
}
