package io.barnabas.protocol;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assertions.fail;

import io.barnabas.protocol.message.ApiMessage;
import io.barnabas.protocol.message.MessageReader;
import io.barnabas.protocol.message.MessageWriter;
import io.barnabas.protocol.message.UnwritableMessageException;
import io.netty.buffer.ByteBuf;
import io.netty.buffer.ByteBufUtil;
import io.netty.buffer.Unpooled;
import java.nio.ByteBuffer;
import java.util.List;
import java.util.function.Supplier;
import org.apache.kafka.common.errors.UnsupportedVersionException;
import org.apache.kafka.common.protocol.ByteBufferAccessor;
import org.apache.kafka.common.protocol.ObjectSerializationCache;
import org.junit.jupiter.api.DisplayName;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

/**
 * Every message in every version against Kafka's own classes. {@code -Dbarnabas.rounds=N} sets how many random messages
 * each version gets.
 */
class KafkaOracleTest {
    private static final int ROUNDS = Integer.getInteger("barnabas.rounds", 200);

    static List<WireMessage> messages() {
        return WireMessage.all();
    }

    @Test
    @DisplayName("(WIRE-33) every API of the schemas is there")
    void allMessagesAreThere() {
        assertThat(messages()).hasSizeGreaterThanOrEqualTo(184);
    }

    @ParameterizedTest
    @MethodSource("messages")
    @DisplayName("(WIRE-33) bytes and field values are those of Kafka's classes, both ways")
    void bytesAndFieldsAreKafkas(WireMessage message) throws ReflectiveOperationException {
        for (short version : message.versions().toList()) {
            for (int round = 0; round < ROUNDS; round++) {
                long seed = Seed.of(message.name() + version, round);
                ByteBuffer random = new RandomBodies(seed, false).next(message.schema(version));
                var theirs = message.theirs().get();
                theirs.read(new ByteBufferAccessor(random.duplicate()), version);
                ByteBuffer canonical = write(theirs, version);

                ApiMessage ours = read(message, version, random);
                ApiMessage again = read(message, version, canonical);

                Supplier<String> label = label(message, "v" + version, round);
                assertNoDifference(ours, theirs, label);
                assertBytes(write(ours, version), canonical, label);
                if (!again.equals(ours) || again.hashCode() != ours.hashCode()) {
                    fail(label.get() + ": " + again + " and " + ours + " should be equal");
                }
            }
        }
    }

    @ParameterizedTest
    @MethodSource("messages")
    @DisplayName("(WIRE-33) a fresh message has Kafka's defaults and is written like Kafka's")
    void defaultsAreKafkas(WireMessage message) throws ReflectiveOperationException {
        assertNoDifference(message.ours().get(), message.theirs().get(), message::name);

        for (short version : message.versions().toList()) {
            assertSameOutcome(message.ours().get(), message.theirs().get(), version, message::name);
        }
    }

    @ParameterizedTest
    @MethodSource("messages")
    @DisplayName("(WIRE-33) a value that a version cannot hold is refused or dropped exactly where Kafka does it")
    void valuesFromOtherVersionsAreRefusedOrDropped(WireMessage message) {
        for (short from : message.versions().toList()) {
            for (short to : message.versions().toList()) {
                for (int round = 0; round < Math.max(1, ROUNDS / 40); round++) {
                    long seed = Seed.of(message.name() + from, round);
                    ByteBuffer random = new RandomBodies(seed, false).next(message.schema(from));
                    var theirs = message.theirs().get();
                    theirs.read(new ByteBufferAccessor(random.duplicate()), from);
                    ApiMessage ours = read(message, from, random);

                    assertSameOutcome(ours, theirs, to, label(message, "read v" + from + " written v" + to, round));
                }
            }
        }
    }

    @ParameterizedTest
    @MethodSource("messages")
    @DisplayName("(WIRE-15) a tagged field that nobody knows is skipped in every nested struct")
    void unknownTagsAreSkippedEverywhere(WireMessage message) throws ReflectiveOperationException {
        for (short version : message.versions().toList()) {
            for (int round = 0; round < Math.max(1, ROUNDS / 10); round++) {
                long seed = Seed.of(message.name() + version, round);
                ByteBuffer random = new RandomBodies(seed, true).next(message.schema(version));
                var theirs = message.theirs().get();
                theirs.read(new ByteBufferAccessor(random.duplicate()), version);

                ApiMessage ours = read(message, version, random);

                assertNoDifference(ours, theirs, label(message, "v" + version, round));
            }
        }
    }

    private static void assertSameOutcome(
            ApiMessage ours,
            org.apache.kafka.common.protocol.ApiMessage theirs,
            short version,
            Supplier<String> label) {
        ByteBuffer expected;
        try {
            expected = write(theirs, version);
        } catch (UnsupportedVersionException | NullPointerException e) {
            assertThatThrownBy(() -> write(ours, version))
                    .as(label.get())
                    .isInstanceOf(UnwritableMessageException.class);
            return;
        }
        assertBytes(write(ours, version), expected, label);
    }

    /** Words for a failure, made only when there is one. */
    private static Supplier<String> label(WireMessage message, String versions, int round) {
        return () -> "%s %s round %d, %s".formatted(message.name(), versions, round, Seed.repeat());
    }

    private static void assertNoDifference(
            ApiMessage ours, org.apache.kafka.common.protocol.ApiMessage theirs, Supplier<String> label)
            throws ReflectiveOperationException {
        String difference = SameFields.difference(ours, theirs);
        if (difference != null) {
            fail(label.get() + ": " + difference);
        }
    }

    private static void assertBytes(ByteBuffer actual, ByteBuffer expected, Supplier<String> label) {
        if (!actual.equals(expected)) {
            fail(label.get() + ": " + hex(actual) + " should be " + hex(expected));
        }
    }

    private static String hex(ByteBuffer bytes) {
        return ByteBufUtil.hexDump(Unpooled.wrappedBuffer(bytes));
    }

    private static ApiMessage read(WireMessage message, short version, ByteBuffer bytes) {
        ByteBuf buffer = Unpooled.wrappedBuffer(bytes.duplicate());
        var in = new MessageReader(buffer);
        ApiMessage ours = message.ours().get();
        ours.read(in, version);
        if (in.remaining() != 0) {
            fail(message.name() + " v" + version + " left bytes: " + in.remaining() + ", " + Seed.repeat());
        }
        return ours;
    }

    private static ByteBuffer write(ApiMessage message, short version) {
        ByteBuf buffer = Unpooled.buffer(64);
        message.write(new MessageWriter(buffer), version);
        return buffer.nioBuffer();
    }

    private static ByteBuffer write(org.apache.kafka.common.protocol.ApiMessage message, short version) {
        var cache = new ObjectSerializationCache();
        ByteBuffer buffer = ByteBuffer.allocate(message.size(cache, version));
        message.write(new ByteBufferAccessor(buffer), cache, version);
        return buffer.flip();
    }
}
