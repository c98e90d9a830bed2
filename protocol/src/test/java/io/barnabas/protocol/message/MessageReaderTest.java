package io.barnabas.protocol.message;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.netty.buffer.ByteBuf;
import io.netty.buffer.ByteBufUtil;
import io.netty.buffer.Unpooled;
import java.util.Map;
import java.util.TreeMap;
import java.util.UUID;
import java.util.function.Consumer;
import java.util.stream.Stream;
import org.junit.jupiter.api.DisplayName;
import org.junit.jupiter.api.DynamicTest;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.TestFactory;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

class MessageReaderTest {
    private static final Map<String, Consumer<MessageReader>> SHORT_LENGTHS =
            Map.of("string", MessageReader::readString, "nullable string", MessageReader::readNullableString);

    private static final Map<String, Consumer<MessageReader>> INT_LENGTHS = Map.of(
            "bytes", MessageReader::readBytes,
            "nullable bytes", MessageReader::readNullableBytes,
            "records", MessageReader::readRecords,
            "nullable records", MessageReader::readNullableRecords,
            "array", in -> in.readCount(1),
            "nullable array", in -> in.readNullableCount(1));

    private static final Map<String, Consumer<MessageReader>> COMPACT_LENGTHS = Map.of(
            "compact string", MessageReader::readCompactString,
            "compact nullable string", MessageReader::readCompactNullableString,
            "compact bytes", MessageReader::readCompactBytes,
            "compact nullable bytes", MessageReader::readCompactNullableBytes,
            "compact records", MessageReader::readCompactRecords,
            "compact nullable records", MessageReader::readCompactNullableRecords,
            "compact array", in -> in.readCompactCount(1),
            "compact nullable array", in -> in.readCompactNullableCount(1),
            "tagged fields", MessageReader::readTagCount,
            "tagged field", MessageReader::skipTags);

    private static MessageReader reader(String hex) {
        return new MessageReader(Unpooled.wrappedBuffer(ByteBufUtil.decodeHexDump(hex)));
    }

    @TestFactory
    @DisplayName("(WIRE-14) a length beyond the bytes that are left is refused, for every type that has a length")
    Stream<DynamicTest> lengthBombs() {
        var bombs = new TreeMap<String, Consumer<MessageReader>>();
        SHORT_LENGTHS.forEach((type, read) -> {
            bombs.put("7fff" + "61" + " " + type, read);
            bombs.put("0002" + "61" + " " + type, read);
            bombs.put("fffe" + "6161" + " " + type, read);
            bombs.put("8000" + "6161" + " " + type, read);
        });
        INT_LENGTHS.forEach((type, read) -> {
            bombs.put("7fffffff" + "61" + " " + type, read);
            bombs.put("02faf080" + "61" + " " + type, read);
            bombs.put("00000002" + "61" + " " + type, read);
            bombs.put("fffffffe" + "6161" + " " + type, read);
            bombs.put("80000000" + "6161" + " " + type, read);
        });
        COMPACT_LENGTHS.forEach((type, read) -> {
            bombs.put("ffffffff07" + "61" + " " + type, read);
            bombs.put("8080808008" + "61" + " " + type, read);
            bombs.put("ffffffff0f" + "61" + " " + type, read);
            bombs.put("03" + "61" + " " + type, read);
        });
        return bombs.entrySet().stream()
                .map(bomb -> DynamicTest.dynamicTest(bomb.getKey(), () -> {
                    String hex = bomb.getKey().substring(0, bomb.getKey().indexOf(' '));
                    assertThatThrownBy(() -> bomb.getValue().accept(reader(hex)))
                            .isInstanceOf(MalformedMessageException.class);
                }));
    }

    @TestFactory
    @DisplayName("(WIRE-14) null is refused where a version allows none, and is null where it does")
    Stream<DynamicTest> nulls() {
        return Stream.of(SHORT_LENGTHS, INT_LENGTHS, COMPACT_LENGTHS)
                .flatMap(types -> types.entrySet().stream())
                .filter(type -> !type.getKey().startsWith("tagged"))
                .map(type -> DynamicTest.dynamicTest(type.getKey(), () -> {
                    String hex = SHORT_LENGTHS.containsKey(type.getKey())
                            ? "ffff"
                            : INT_LENGTHS.containsKey(type.getKey()) ? "ffffffff" : "00";
                    MessageReader in = reader(hex);
                    if (type.getKey().contains("nullable")) {
                        type.getValue().accept(in);
                        assertThat(in.remaining()).isZero();
                    } else {
                        assertThatThrownBy(() -> type.getValue().accept(in))
                                .isInstanceOf(MalformedMessageException.class);
                    }
                }));
    }

    @ParameterizedTest
    @CsvSource({
        "00, 0",
        "7f, 127",
        "8001, 128",
        "ff7f, 16383",
        "808001, 16384",
        "ffffff7f, 268435455",
        "8080808001, 268435456",
        "ffffffff07, 2147483647",
        "8000, 0"
    })
    @DisplayName("(WIRE-15) variable-length numbers of up to five bytes")
    void varints(String hex, int expected) {
        MessageReader in = reader(hex);

        assertThat(in.readUnsignedVarint()).isEqualTo(expected);
        assertThat(in.remaining()).isZero();
    }

    @ParameterizedTest
    @ValueSource(
            strings = {"808080808001", "8080808080", "ffffffffff", "8080808008", "ffffffff7f", "80", "80808080", ""})
    @DisplayName("(WIRE-15) a variable-length number that is longer, larger or cut off is refused")
    void badVarints(String hex) {
        assertThatThrownBy(() -> reader(hex).readUnsignedVarint()).isInstanceOf(MalformedMessageException.class);
    }

    @Test
    @DisplayName("(WIRE-14) a count is refused when its elements cannot fit, however small they are")
    void countsAreMeasuredAgainstTheSmallestElement() {
        assertThat(reader("00000002" + "00000000").readCount(2)).isEqualTo(2);
        assertThatThrownBy(() -> reader("00000003" + "00000000").readCount(2))
                .isInstanceOf(MalformedMessageException.class);
    }

    @Test
    @DisplayName("(WIRE-14) the arrays of one message share one budget of elements")
    void elementBudgetIsShared() {
        var in = new MessageReader(Unpooled.wrappedBuffer(ByteBufUtil.decodeHexDump("03" + "03" + "0000")), 3);

        assertThat(in.readCompactCount(1)).isEqualTo(2);
        assertThatThrownBy(() -> in.readCompactCount(1))
                .isInstanceOf(MalformedMessageException.class)
                .hasMessageContaining("too many elements");
    }

    @Test
    @DisplayName("what is confined to a tagged field cannot read beyond it, nor leave bytes behind")
    void taggedFieldsConfineReading() {
        MessageReader tooLong = reader("0102030405");
        tooLong.enter(2);
        assertThatThrownBy(tooLong::readInt).isInstanceOf(MalformedMessageException.class);

        MessageReader tooShort = reader("0102030405");
        int outer = tooShort.enter(2);
        tooShort.readByte();
        assertThatThrownBy(() -> tooShort.leave(outer)).isInstanceOf(MalformedMessageException.class);

        MessageReader exact = reader("0102030405");
        int whole = exact.enter(2);
        exact.readShort();
        exact.leave(whole);
        assertThat(exact.remaining()).isEqualTo(3);
    }

    @Test
    @DisplayName("records are views into the frame and share its bytes")
    void recordsAreViews() {
        ByteBuf frame = Unpooled.buffer().writeInt(3).writeBytes(new byte[] {1, 2, 3});
        Records records = new MessageReader(frame).readRecords();

        frame.setByte(4, 9);

        assertThat(((BufferRecords) records).nioBuffer().get(0)).isEqualTo((byte) 9);
        assertThat(frame.refCnt()).isEqualTo(1);
        assertThat(frame.readerIndex()).isZero();
    }

    @Test
    @DisplayName("bytes of a string that are no UTF-8 are replaced, as Java clients' are, and more than 32767 refused")
    void strings() {
        assertThat(reader("0003" + "e282ac").readString()).isEqualTo("€");
        assertThat(reader("0001" + "ff").readString()).isEqualTo("\uFFFD");
        ByteBuf longest = Unpooled.buffer();
        new MessageWriter(longest).writeCompactBytes(new byte[32_768]);
        assertThatThrownBy(() -> new MessageReader(longest).readCompactString())
                .isInstanceOf(MalformedMessageException.class);
    }

    @Test
    @DisplayName("ids and unsigned numbers keep all their bits")
    void wideValues() {
        MessageReader in = reader("ffffffffffffffff0000000000000001" + "ffff" + "ffffffff" + "02");

        assertThat(in.readUuid()).isEqualTo(new UUID(-1, 1));
        assertThat(in.readUnsignedShort()).isEqualTo(65_535);
        assertThat(in.readUnsignedInt()).isEqualTo(4_294_967_295L);
        assertThat(in.readBoolean()).isTrue();
    }
}
