package io.barnabas.log.history;

import java.nio.ByteBuffer;

/**
 * A transaction that ended with an abort marker, as {@code .txnindex} files list them.
 *
 * <pre>
 *  0 version i16 = 0 | 2 producerId i64 | 10 firstOffset i64 | 18 lastOffset i64 (the marker's) | 26 lastStableOffset i64
 * </pre>
 *
 * @param firstOffset      of the transaction's first batch
 * @param lastOffset       of the abort marker, inclusive
 * @param lastStableOffset below it no transaction was open once this one had ended
 */
public record AbortedTransaction(long producerId, long firstOffset, long lastOffset, long lastStableOffset) {
    public static final int SIZE_IN_BYTES = 34;
    private static final short VERSION = 0;

    /** Whether a reader of {@code [from, end)} has to know of it. */
    public boolean overlaps(long from, long end) {
        return lastOffset >= from && firstOffset < end;
    }

    /** Writes {@link #SIZE_IN_BYTES} bytes at the buffer's position. */
    public void writeTo(ByteBuffer target) {
        target.putShort(VERSION)
                .putLong(producerId)
                .putLong(firstOffset)
                .putLong(lastOffset)
                .putLong(lastStableOffset);
    }

    /**
     * Reads {@link #SIZE_IN_BYTES} bytes at the buffer's position.
     *
     * @return null if they are of a version that is not known
     */
    public static AbortedTransaction readFrom(ByteBuffer source) {
        short version = source.getShort();
        AbortedTransaction read =
                new AbortedTransaction(source.getLong(), source.getLong(), source.getLong(), source.getLong());
        return version == VERSION ? read : null;
    }
}
