package io.barnabas.protocol.message;

import io.netty.buffer.ByteBuf;
import io.netty.buffer.ByteBufUtil;
import java.util.ArrayList;
import java.util.List;
import java.util.UUID;

/**
 * Writes the scalars of messages to the end of a buffer. Records that are no {@link BufferRecords} leave no bytes behind
 * but an {@link Insert}: the server cuts the buffer there and sends them its own way.
 */
public final class MessageWriter {
    private final ByteBuf buffer;
    private List<Insert> inserts = List.of();
    private long insertedBytes;

    public MessageWriter(ByteBuf buffer) {
        this.buffer = buffer;
    }

    /** In order of position. */
    public List<Insert> inserts() {
        return inserts;
    }

    /** Bytes of all inserts together. */
    public long insertedBytes() {
        return insertedBytes;
    }

    public void writeBoolean(boolean value) {
        buffer.writeByte(value ? 1 : 0);
    }

    public void writeByte(byte value) {
        buffer.writeByte(value);
    }

    public void writeShort(short value) {
        buffer.writeShort(value);
    }

    public void writeUnsignedShort(int value) {
        if ((value & 0xFFFF) != value) {
            throw new UnwritableMessageException(value + " does not fit into an unsigned short");
        }
        buffer.writeShort(value);
    }

    public void writeInt(int value) {
        buffer.writeInt(value);
    }

    public void writeUnsignedInt(long value) {
        if ((value & 0xFFFF_FFFFL) != value) {
            throw new UnwritableMessageException(value + " does not fit into an unsigned int");
        }
        buffer.writeInt((int) value);
    }

    public void writeLong(long value) {
        buffer.writeLong(value);
    }

    public void writeDouble(double value) {
        buffer.writeDouble(value);
    }

    public void writeUuid(UUID value) {
        buffer.writeLong(value.getMostSignificantBits());
        buffer.writeLong(value.getLeastSignificantBits());
    }

    public void writeUnsignedVarint(int value) {
        int rest = value;
        while ((rest & ~0x7f) != 0) {
            buffer.writeByte(rest | 0x80);
            rest >>>= 7;
        }
        buffer.writeByte(rest);
    }

    public void writeString(String value) {
        int length = stringLength(notNull(value));
        buffer.writeShort(length);
        ByteBufUtil.writeUtf8(buffer, value);
    }

    public void writeNullableString(String value) {
        if (value == null) {
            buffer.writeShort(-1);
        } else {
            writeString(value);
        }
    }

    public void writeCompactString(String value) {
        int length = stringLength(notNull(value));
        writeUnsignedVarint(length + 1);
        ByteBufUtil.writeUtf8(buffer, value);
    }

    public void writeCompactNullableString(String value) {
        if (value == null) {
            buffer.writeByte(0);
        } else {
            writeCompactString(value);
        }
    }

    public void writeBytes(byte[] value) {
        buffer.writeInt(notNull(value).length);
        buffer.writeBytes(value);
    }

    public void writeNullableBytes(byte[] value) {
        if (value == null) {
            buffer.writeInt(-1);
        } else {
            writeBytes(value);
        }
    }

    public void writeCompactBytes(byte[] value) {
        writeUnsignedVarint(notNull(value).length + 1);
        buffer.writeBytes(value);
    }

    public void writeCompactNullableBytes(byte[] value) {
        if (value == null) {
            buffer.writeByte(0);
        } else {
            writeCompactBytes(value);
        }
    }

    public void writeRecords(Records value) {
        buffer.writeInt(notNull(value).sizeInBytes());
        insert(value);
    }

    public void writeNullableRecords(Records value) {
        if (value == null) {
            buffer.writeInt(-1);
        } else {
            writeRecords(value);
        }
    }

    public void writeCompactRecords(Records value) {
        writeUnsignedVarint(notNull(value).sizeInBytes() + 1);
        insert(value);
    }

    public void writeCompactNullableRecords(Records value) {
        if (value == null) {
            buffer.writeByte(0);
        } else {
            writeCompactRecords(value);
        }
    }

    /** Writes how many elements an array has, -1 for null. */
    public void writeCount(int count) {
        buffer.writeInt(count);
    }

    /** As {@link #writeCount}, the compact way. */
    public void writeCompactCount(int count) {
        writeUnsignedVarint(count + 1);
    }

    /**
     * Begins a tagged field: its tag, and one byte kept free for its length, which is enough for nearly all of them.
     *
     * @return what {@link #endTag} needs
     */
    int beginTag(int tag) {
        writeUnsignedVarint(tag);
        buffer.writeByte(0);
        return buffer.writerIndex();
    }

    /** Ends what {@link #beginTag} began; a field longer than 127 bytes is moved to make room for its length. */
    void endTag(int start) {
        int length = buffer.writerIndex() - start;
        if (!inserts.isEmpty() && inserts.get(inserts.size() - 1).position() >= start) {
            throw new UnwritableMessageException("records inside a tagged field");
        }
        if (length <= 0x7f) {
            buffer.setByte(start - 1, length);
        } else {
            byte[] content = ByteBufUtil.getBytes(buffer, start, length);
            buffer.writerIndex(start - 1);
            writeUnsignedVarint(length);
            buffer.writeBytes(content);
        }
    }

    /** Hands {@code value} through, which must not be null in this version. */
    <T> T present(T value, String field, short version) {
        if (value == null) {
            throw new UnwritableMessageException(field + " is null, version " + version + " allows none");
        }
        return value;
    }

    UnwritableMessageException unsupported(String field, short version) {
        return new UnwritableMessageException(field + " is set, version " + version + " has no such field");
    }

    private void insert(Records records) {
        if (records instanceof BufferRecords inMemory) {
            ByteBuf bytes = inMemory.buffer();
            buffer.writeBytes(bytes, bytes.readerIndex(), bytes.readableBytes());
        } else {
            if (inserts.isEmpty()) {
                inserts = new ArrayList<>();
            }
            inserts.add(new Insert(buffer.writerIndex(), records));
            insertedBytes += records.sizeInBytes();
        }
    }

    private static int stringLength(String value) {
        int length = ByteBufUtil.utf8Bytes(value);
        if (length > Short.MAX_VALUE) {
            throw new UnwritableMessageException("string of " + length + " bytes is too long");
        }
        return length;
    }

    private static <T> T notNull(T value) {
        if (value == null) {
            throw new UnwritableMessageException("null where the version allows none");
        }
        return value;
    }
}
