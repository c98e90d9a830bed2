package io.barnabas.log.batch;

import java.nio.ByteBuffer;

/**
 * The uncompressed bytes of a batch's records, read field by field from the front. Every method throws
 * {@link CorruptBatchException} when the bytes end too early or make no sense; nothing beyond them is ever read.
 */
abstract class RecordSource implements AutoCloseable {
    private static final int MAX_VARINT_SHIFT = 28;
    private static final int MAX_VARLONG_SHIFT = 63;

    /** Bytes read or skipped so far. */
    abstract long consumed();

    abstract byte next();

    /** @param count at least 0 */
    abstract void skip(int count);

    /**
     * The next bytes, to be read by the caller for as long as the batch's own buffer lives.
     *
     * @param count at least 0
     */
    abstract ByteBuffer take(int count);

    /** Whether all bytes have been read. */
    abstract boolean isExhausted();

    /** A zigzag number of at most five bytes. */
    int varint() {
        int read = next();
        if (read >= 0) {
            return (read >>> 1) ^ -(read & 1);
        }
        return longerVarint(read);
    }

    private int longerVarint(int first) {
        int value = first & 0x7F;
        for (int shift = 7; shift <= MAX_VARINT_SHIFT; shift += 7) {
            int read = next();
            value |= (read & 0x7F) << shift;
            if (read >= 0) {
                return (value >>> 1) ^ -(value & 1);
            }
        }
        throw new CorruptBatchException("a variable-length number of more than five bytes");
    }

    /** A zigzag number of at most ten bytes. */
    long varlong() {
        long read = next();
        if (read >= 0) {
            return (read >>> 1) ^ -(read & 1);
        }
        long value = read & 0x7F;
        for (int shift = 7; shift <= MAX_VARLONG_SHIFT; shift += 7) {
            read = next();
            value |= (read & 0x7F) << shift;
            if (read >= 0) {
                return (value >>> 1) ^ -(value & 1);
            }
        }
        throw new CorruptBatchException("a variable-length number of more than ten bytes");
    }

    @Override
    public void close() {}

    static CorruptBatchException cut() {
        return new CorruptBatchException("the records end too early");
    }
}
