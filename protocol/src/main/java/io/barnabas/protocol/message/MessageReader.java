package io.barnabas.protocol.message;

import io.barnabas.model.TopicIds;
import io.netty.buffer.ByteBuf;
import java.nio.charset.StandardCharsets;
import java.util.UUID;

/**
 * Reads the scalars of messages and trusts none of them: no length or count is believed beyond the bytes that are there,
 * and all arrays of one message together may hold only so many elements. Whatever is wrong is a
 * {@link MalformedMessageException}, never anything else, and found before memory is taken for it.
 */
public final class MessageReader {
    /** Elements of all arrays together; the most that Kafka's own classes allow in one. */
    public static final int DEFAULT_ELEMENT_BUDGET = 1_000_000;

    static final byte[] NO_BYTES = {};

    private final ByteBuf buffer;
    private int position;
    private int end;
    private int elementBudget;

    /** Reads from the buffer's reader index on and does not move it; see {@link #position()}. */
    public MessageReader(ByteBuf buffer) {
        this(buffer, DEFAULT_ELEMENT_BUDGET);
    }

    public MessageReader(ByteBuf buffer, int elementBudget) {
        this.buffer = buffer;
        this.position = buffer.readerIndex();
        this.end = buffer.writerIndex();
        this.elementBudget = elementBudget;
    }

    /** Index in the buffer of the next byte. */
    public int position() {
        return position;
    }

    public int remaining() {
        return end - position;
    }

    public boolean readBoolean() {
        return readByte() != 0;
    }

    public byte readByte() {
        return buffer.getByte(take(1));
    }

    public short readShort() {
        return buffer.getShort(take(2));
    }

    public int readUnsignedShort() {
        return buffer.getUnsignedShort(take(2));
    }

    public int readInt() {
        return buffer.getInt(take(4));
    }

    public long readUnsignedInt() {
        return buffer.getUnsignedInt(take(4));
    }

    public long readLong() {
        return buffer.getLong(take(8));
    }

    public double readDouble() {
        return buffer.getDouble(take(8));
    }

    public UUID readUuid() {
        int at = take(16);
        long most = buffer.getLong(at);
        long least = buffer.getLong(at + 8);
        return most == 0 && least == 0 ? TopicIds.ZERO : new UUID(most, least);
    }

    /** At most 5 bytes and at most {@link Integer#MAX_VALUE}. */
    public int readUnsignedVarint() {
        byte first = readByte();
        if (first >= 0) {
            return first;
        }
        int value = first & 0x7f;
        for (int shift = 7; shift < 28; shift += 7) {
            byte next = readByte();
            value |= (next & 0x7f) << shift;
            if (next >= 0) {
                return value;
            }
        }
        byte last = readByte();
        if (last < 0 || last > 7) {
            throw new MalformedMessageException("variable-length number is too long");
        }
        return value | last << 28;
    }

    public String readString() {
        return string(notNull(readShort()));
    }

    public String readNullableString() {
        int length = readShort();
        return length == -1 ? null : string(length);
    }

    public String readCompactString() {
        return string(notNull(readUnsignedVarint() - 1));
    }

    public String readCompactNullableString() {
        int length = readUnsignedVarint() - 1;
        return length == -1 ? null : string(length);
    }

    public byte[] readBytes() {
        return bytes(notNull(readInt()));
    }

    public byte[] readNullableBytes() {
        int length = readInt();
        return length == -1 ? null : bytes(length);
    }

    public byte[] readCompactBytes() {
        return bytes(notNull(readUnsignedVarint() - 1));
    }

    public byte[] readCompactNullableBytes() {
        int length = readUnsignedVarint() - 1;
        return length == -1 ? null : bytes(length);
    }

    public Records readRecords() {
        return records(notNull(readInt()));
    }

    public Records readNullableRecords() {
        int length = readInt();
        return length == -1 ? null : records(length);
    }

    public Records readCompactRecords() {
        return records(notNull(readUnsignedVarint() - 1));
    }

    public Records readCompactNullableRecords() {
        int length = readUnsignedVarint() - 1;
        return length == -1 ? null : records(length);
    }

    /**
     * Reads how many elements an array has.
     *
     * @param smallest the fewest bytes one element takes, at least 1
     */
    public int readCount(int smallest) {
        return count(notNull(readInt()), smallest);
    }

    /** As {@link #readCount}, -1 for null. */
    public int readNullableCount(int smallest) {
        int count = readInt();
        return count == -1 ? -1 : count(count, smallest);
    }

    public int readCompactCount(int smallest) {
        return count(notNull(readUnsignedVarint() - 1), smallest);
    }

    /** As {@link #readCount}, -1 for null. */
    public int readCompactNullableCount(int smallest) {
        int count = readUnsignedVarint() - 1;
        return count == -1 ? -1 : count(count, smallest);
    }

    /** How many tagged fields follow; each takes two bytes at least. */
    int readTagCount() {
        int count = readUnsignedVarint();
        if (count > remaining() / 2) {
            throw new MalformedMessageException(count + " tagged fields announced, " + remaining() + " bytes left");
        }
        return count;
    }

    /** Skips a whole section of tagged fields. */
    public void skipTags() {
        for (int tags = readTagCount(); tags > 0; tags--) {
            readUnsignedVarint();
            skip(readUnsignedVarint());
        }
    }

    void skip(int length) {
        take(checkLength(length));
    }

    /** Confines reading to the next {@code size} bytes. @return what {@link #leave} needs to lift that again */
    int enter(int size) {
        int outer = end;
        end = position + checkLength(size);
        return outer;
    }

    /** Ends what {@link #enter} began. A tagged field must have taken exactly the bytes it announced. */
    void leave(int outer) {
        if (position != end) {
            throw new MalformedMessageException((end - position) + " bytes too many in a tagged field");
        }
        end = outer;
    }

    private String string(int length) {
        if (length > Short.MAX_VALUE) {
            throw new MalformedMessageException("string of " + length + " bytes");
        }
        if (length == 0) {
            return "";
        }
        return buffer.toString(take(checkLength(length)), length, StandardCharsets.UTF_8);
    }

    private byte[] bytes(int length) {
        int at = take(checkLength(length));
        if (length == 0) {
            return NO_BYTES;
        }
        byte[] bytes = new byte[length];
        buffer.getBytes(at, bytes);
        return bytes;
    }

    private Records records(int length) {
        int at = take(checkLength(length));
        return length == 0 ? Records.EMPTY : new BufferRecords(buffer.slice(at, length));
    }

    private int count(int count, int smallest) {
        if (count < 0 || count > remaining() / smallest) {
            throw new MalformedMessageException(
                    count + " elements announced, " + remaining() + " bytes left, each takes " + smallest + " or more");
        }
        if (count > elementBudget) {
            throw new MalformedMessageException("too many elements in one message");
        }
        elementBudget -= count;
        return count;
    }

    private static int notNull(int length) {
        if (length == -1) {
            throw new MalformedMessageException("null where the version allows none");
        }
        return length;
    }

    private int checkLength(int length) {
        if (length < 0 || length > end - position) {
            throw new MalformedMessageException(length + " bytes announced, " + remaining() + " left");
        }
        return length;
    }

    private int take(int length) {
        int at = position;
        if (length > end - at) {
            throw new MalformedMessageException("message ends too early");
        }
        position = at + length;
        return at;
    }
}
