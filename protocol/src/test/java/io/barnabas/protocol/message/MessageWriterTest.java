package io.barnabas.protocol.message;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.netty.buffer.ByteBuf;
import io.netty.buffer.ByteBufUtil;
import io.netty.buffer.Unpooled;
import org.junit.jupiter.api.DisplayName;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class MessageWriterTest {
    private final ByteBuf buffer = Unpooled.buffer();
    private final MessageWriter out = new MessageWriter(buffer);

    @ParameterizedTest
    @ValueSource(ints = {0, 1, 126, 127, 128, 129, 16_383, 16_384, 70_000})
    @DisplayName("a tagged field's length fits its content, also where it takes more than the one byte kept free")
    void taggedFieldsOfAnyLength(int length) {
        int start = out.beginTag(7);
        for (int i = 0; i < length; i++) {
            out.writeByte((byte) i);
        }
        out.endTag(start);
        out.writeByte((byte) 99);

        var in = new MessageReader(buffer);
        assertThat(in.readUnsignedVarint()).isEqualTo(7);
        assertThat(in.readUnsignedVarint()).isEqualTo(length);
        for (int i = 0; i < length; i++) {
            assertThat(in.readByte()).isEqualTo((byte) i);
        }
        assertThat(in.readByte()).isEqualTo((byte) 99);
        assertThat(in.remaining()).isZero();
    }

    @Test
    @DisplayName("tagged fields nest")
    void nestedTaggedFields() {
        int outer = out.beginTag(1);
        int inner = out.beginTag(2);
        out.writeCompactBytes(new byte[200]);
        out.endTag(inner);
        out.endTag(outer);

        var in = new MessageReader(buffer);
        in.readUnsignedVarint();
        int whole = in.enter(in.readUnsignedVarint());
        in.readUnsignedVarint();
        int rest = in.enter(in.readUnsignedVarint());
        assertThat(in.readCompactBytes()).hasSize(200);
        in.leave(rest);
        in.leave(whole);
        assertThat(in.remaining()).isZero();
    }

    @Test
    @DisplayName("records that are not in memory leave their length and an insert, no bytes")
    void foreignRecordsBecomeInserts() {
        Records file = () -> 1_000;
        out.writeInt(1);
        out.writeRecords(file);
        out.writeCompactRecords(file);
        out.writeInt(2);

        assertThat(ByteBufUtil.hexDump(buffer)).isEqualTo("00000001" + "000003e8" + "e907" + "00000002");
        assertThat(out.inserts()).containsExactly(new Insert(8, file), new Insert(10, file));
        assertThat(out.insertedBytes()).isEqualTo(2_000);
    }

    @Test
    @DisplayName("records in memory are written as they stand and their indexes are left alone")
    void bufferRecordsAreWritten() {
        ByteBuf bytes = Unpooled.wrappedBuffer(new byte[] {1, 2, 3});
        bytes.skipBytes(1);

        out.writeRecords(new BufferRecords(bytes));
        out.writeNullableRecords(null);
        out.writeCompactNullableRecords(null);

        assertThat(ByteBufUtil.hexDump(buffer)).isEqualTo("00000002" + "0203" + "ffffffff" + "00");
        assertThat(bytes.readableBytes()).isEqualTo(2);
        assertThat(out.inserts()).isEmpty();
    }

    @Test
    @DisplayName("what does not fit its type is a mistake of ours and says so")
    void valuesThatDoNotFit() {
        assertThatThrownBy(() -> out.writeUnsignedShort(65_536)).isInstanceOf(UnwritableMessageException.class);
        assertThatThrownBy(() -> out.writeUnsignedInt(-1)).isInstanceOf(UnwritableMessageException.class);
        assertThatThrownBy(() -> out.writeString("x".repeat(32_768))).isInstanceOf(UnwritableMessageException.class);
        assertThatThrownBy(() -> out.writeCompactString("€".repeat(11_000)))
                .isInstanceOf(UnwritableMessageException.class);
        assertThatThrownBy(() -> out.writeString(null)).isInstanceOf(UnwritableMessageException.class);
        assertThatThrownBy(() -> out.writeBytes(null)).isInstanceOf(UnwritableMessageException.class);
    }

    @Test
    @DisplayName("a field that a version lacks names itself in the error")
    void unsupportedFieldIsNamed() {
        var response = new FetchResponseData();
        response.sessionId = 5;

        assertThatThrownBy(() -> response.write(out, (short) 6))
                .isInstanceOf(UnwritableMessageException.class)
                .hasMessageContaining("sessionId")
                .hasMessageContaining("version 6");
    }

    @Test
    @DisplayName("a version that a message does not have is a mistake of ours, in reading as in writing")
    void versionsThatDoNotExist() {
        var response = new FetchResponseData();

        assertThatThrownBy(() -> response.write(out, (short) 3)).isInstanceOf(IllegalArgumentException.class);
        assertThatThrownBy(() -> response.read(new MessageReader(buffer), (short) 19))
                .isInstanceOf(IllegalArgumentException.class);
    }
}
