package io.barnabas.log.batch;

import java.nio.ByteBuffer;

/**
 * A walk over the records of a batch that looks at their keys and leaves the rest as it lies, so that it can be copied. Has
 * to be closed, for a decompressor may be behind it. What it tells of a record holds until the next step.
 *
 * <p>All methods throw {@link CorruptBatchException} when the records are not what the batch's header promises.
 */
public final class KeyWalk implements AutoCloseable {
    private final StoredBatch batch;
    private final RecordSource source;
    private final boolean plain;
    private final int count;
    private int given;

    /** Holds the record; the batch's own buffer if nothing has to be inflated. */
    private ByteBuffer window;

    /** The record without its length field, in the window. */
    private int bodyAt;

    private int bodyEnd;

    private int at;
    private long timestampDelta;
    private int offsetDelta;
    private int afterTimestamp;
    private int keyAt;
    private int keyBytes;
    private boolean hasValue;

    KeyWalk(StoredBatch batch) {
        this.batch = batch;
        this.count = batch.count();
        this.plain = batch.compression() == Compression.NONE;
        this.source = batch.openRecords();
        this.window = batch.buffer();
        this.bodyEnd = batch.position() + RecordBatchHeader.OVERHEAD;
    }

    /** Goes to the next record; false behind the last. */
    public boolean next() {
        if (given == count) {
            return false;
        }
        if (plain) {
            at = bodyEnd;
            int length = varint(batch.position() + batch.sizeInBytes());
            enter(at, length, batch.position() + batch.sizeInBytes());
        } else {
            int length = source.varint();
            if (length < 0) {
                throw malformed();
            }
            window = source.take(length);
            enter(window.position(), length, window.limit());
        }
        given++;
        return true;
    }

    private void enter(int from, int length, int limit) {
        if (length < 0 || length > limit - from) {
            throw malformed();
        }
        bodyAt = from;
        bodyEnd = from + length;
        at = from + 1;
        timestampDelta = varlong(bodyEnd);
        afterTimestamp = at;
        offsetDelta = varint(bodyEnd);
        keyBytes = varint(bodyEnd);
        keyAt = at;
        if (keyBytes > bodyEnd - at) {
            throw malformed();
        }
        at += Math.max(0, keyBytes);
        hasValue = varint(bodyEnd) >= 0;
    }

    public long offset() {
        return batch.baseOffset() + offsetDelta;
    }

    public boolean hasKey() {
        return keyBytes >= 0;
    }

    /** The key, as a view; not to be called without one. */
    public ByteBuffer key() {
        return window.slice(keyAt, keyBytes);
    }

    /** False for a tombstone. */
    public boolean hasValue() {
        return hasValue;
    }

    /** As the producer dated it. */
    long timestamp() {
        return batch.baseTimestamp() + timestampDelta;
    }

    ByteBuffer window() {
        return window;
    }

    /** Where the record begins in the window, behind its length field. */
    int bodyAt() {
        return bodyAt;
    }

    /** Where the record's offset delta begins in the window. */
    int afterTimestamp() {
        return afterTimestamp;
    }

    int bodyEnd() {
        return bodyEnd;
    }

    @Override
    public void close() {
        source.close();
    }

    private int varint(int end) {
        return Math.toIntExact(varlong(end));
    }

    private long varlong(int end) {
        long zigzag = 0;
        for (int shift = 0; shift < Long.SIZE; shift += 7) {
            if (at >= end) {
                throw malformed();
            }
            byte read = window.get(at++);
            zigzag |= (long) (read & 0x7F) << shift;
            if (read >= 0) {
                return (zigzag >>> 1) ^ -(zigzag & 1);
            }
        }
        throw malformed();
    }

    private CorruptBatchException malformed() {
        return new CorruptBatchException(
                "batch at offset " + batch.baseOffset() + ": record " + given + " is not what it says");
    }
}
