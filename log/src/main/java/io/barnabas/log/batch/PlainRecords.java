package io.barnabas.log.batch;

import java.nio.ByteBuffer;

/** Records that are not compressed, read where they lie. */
final class PlainRecords extends RecordSource {
    private final ByteBuffer bytes;
    private final int start;
    private final int end;
    private int at;
    private long timestampDelta;
    private boolean keyed;

    /** @param end absolute, exclusive */
    PlainRecords(ByteBuffer bytes, int start, int end) {
        this.bytes = bytes;
        this.start = start;
        this.end = end;
        this.at = start;
    }

    @Override
    long consumed() {
        return at - start;
    }

    @Override
    byte next() {
        if (at >= end) {
            throw cut();
        }
        return bytes.get(at++);
    }

    @Override
    void skip(int count) {
        if (count > end - at) {
            throw cut();
        }
        at += count;
    }

    @Override
    ByteBuffer take(int count) {
        int from = at;
        skip(count);
        return bytes.slice(from, count);
    }

    @Override
    boolean isExhausted() {
        return at == end;
    }

    /**
     * Passes over the record here if it is a sound one of the common kind: lengths of at most three bytes, timestamp and
     * offset delta of at most two, the offset delta expected, no headers. Its beginning is taken apart in a register,
     * which is what makes uncompressed batches of small records cheap. {@link #timestampDelta()} and {@link #hasKey()}
     * then tell of it.
     *
     * @return false if it is anything else; nothing was read then
     */
    boolean passCommon(int index) {
        int position = at;
        if (end - position < Long.BYTES) {
            return false;
        }
        long word = wordAt(position);
        int lengthBytes = varintBytes(word);
        long length = varint(word, lengthBytes);
        word >>>= Byte.SIZE * lengthBytes;
        if (lengthBytes > 3 || length > end - position - lengthBytes || (word & 0xFF) != 0) {
            return false;
        }
        int recordEnd = position + lengthBytes + (int) length;
        word >>>= Byte.SIZE;
        int timestampBytes = varintBytes(word);
        long timestamp = varint(word, timestampBytes);
        word >>>= Byte.SIZE * timestampBytes;
        int indexBytes = varintBytes(word);
        if (timestampBytes > 2 || indexBytes > 2 || varint(word, indexBytes) != index) {
            return false;
        }
        position += lengthBytes + 1 + timestampBytes + indexBytes;

        if (end - position < Long.BYTES) {
            return false;
        }
        word = wordAt(position);
        int keyBytes = varintBytes(word);
        long keyLength = varint(word, keyBytes);
        position += keyBytes;
        long keySkip = Math.max(keyLength, 0);
        if (keyBytes > 3 || keyLength < -1 || keySkip > end - position - Long.BYTES) {
            return false;
        }
        position += (int) keySkip;

        word = wordAt(position);
        int valueBytes = varintBytes(word);
        long valueLength = varint(word, valueBytes);
        position += valueBytes;
        boolean fits = valueBytes <= 3 && valueLength >= -1 && position + Math.max(valueLength, 0) == recordEnd - 1;
        if (!fits || bytes.get(recordEnd - 1) != 0) {
            return false;
        }
        timestampDelta = timestamp;
        keyed = keyLength >= 0;
        at = recordEnd;
        return true;
    }

    /** Of the record that {@link #passCommon} passed. */
    long timestampDelta() {
        return timestampDelta;
    }

    /** Of the record that {@link #passCommon} passed. */
    boolean hasKey() {
        return keyed;
    }

    /** Eight bytes, the first one lowest. */
    private long wordAt(int position) {
        return Long.reverseBytes(bytes.getLong(position));
    }

    /** How many bytes the number at the low end takes; more than 3 if it does not end within three. */
    private static int varintBytes(long word) {
        return 1 + (Long.numberOfTrailingZeros(~word & 0x808080L) >>> 3);
    }

    /** The zigzag number at the low end, of one to three bytes. */
    private static long varint(long word, int size) {
        long value = ((word & 0x7F) | (word >>> 1 & 0x3F80) | (word >>> 2 & 0x1FC000)) & ((1L << 7 * size) - 1);
        return (value >>> 1) ^ -(value & 1);
    }
}
