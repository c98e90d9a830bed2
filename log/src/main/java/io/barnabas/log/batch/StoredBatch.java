package io.barnabas.log.batch;

import java.nio.ByteBuffer;
import java.util.ArrayList;
import java.util.List;

/**
 * A whole batch inside a buffer, seen where it lies: nothing is copied until its records are asked for. The shape (length,
 * magic) was checked by {@link BatchReader}; the checksum only by {@link #ensureValidCrc}.
 */
public final class StoredBatch {
    private final ByteBuffer buffer;
    private final int at;

    StoredBatch(ByteBuffer buffer, int at) {
        this.buffer = buffer;
        this.at = at;
    }

    /** The buffer it lies in, for {@link RecordBatchHeader}. */
    public ByteBuffer buffer() {
        return buffer;
    }

    /** Absolute position of its first byte in {@link #buffer()}. */
    public int position() {
        return at;
    }

    public int sizeInBytes() {
        return (int) RecordBatchHeader.sizeInBytes(buffer, at);
    }

    public long baseOffset() {
        return RecordBatchHeader.baseOffset(buffer, at);
    }

    public long lastOffset() {
        return RecordBatchHeader.lastOffset(buffer, at);
    }

    public long nextOffset() {
        return RecordBatchHeader.nextOffset(buffer, at);
    }

    public int leaderEpoch() {
        return RecordBatchHeader.leaderEpoch(buffer, at);
    }

    public long baseTimestamp() {
        return RecordBatchHeader.baseTimestamp(buffer, at);
    }

    public long maxTimestamp() {
        return RecordBatchHeader.maxTimestamp(buffer, at);
    }

    public TimestampType timestampType() {
        return RecordBatchHeader.timestampType(buffer, at);
    }

    /** @return null for a codec that does not exist */
    public Compression compression() {
        return Compression.ofId(RecordBatchHeader.codec(buffer, at));
    }

    public boolean isTransactional() {
        return RecordBatchHeader.isTransactional(buffer, at);
    }

    public boolean isControl() {
        return RecordBatchHeader.isControl(buffer, at);
    }

    public boolean hasDeleteHorizon() {
        return RecordBatchHeader.hasDeleteHorizon(buffer, at);
    }

    public boolean hasProducerId() {
        return RecordBatchHeader.hasProducerId(buffer, at);
    }

    public long producerId() {
        return RecordBatchHeader.producerId(buffer, at);
    }

    public short producerEpoch() {
        return RecordBatchHeader.producerEpoch(buffer, at);
    }

    public int baseSequence() {
        return RecordBatchHeader.baseSequence(buffer, at);
    }

    public int lastSequence() {
        return RecordBatchHeader.lastSequence(buffer, at);
    }

    public int count() {
        return RecordBatchHeader.count(buffer, at);
    }

    public boolean hasValidCrc() {
        return RecordBatchHeader.hasValidCrc(buffer, at);
    }

    /** @throws CorruptBatchException if the checksum does not match */
    public StoredBatch ensureValidCrc() {
        if (!hasValidCrc()) {
            throw new CorruptBatchException("batch at offset " + baseOffset() + ": the checksum does not match");
        }
        return this;
    }

    /** Its bytes, as a view of its own. */
    public ByteBuffer bytes() {
        return buffer.duplicate().limit(at + sizeInBytes()).position(at);
    }

    /** Its records, in order. To be closed. */
    public RecordIterator records() {
        return new RecordIterator(this);
    }

    /** Its records, of which only the keys are looked at. To be closed. */
    public KeyWalk keys() {
        return new KeyWalk(this);
    }

    /** Its records, all at once. */
    public List<RecordView> readRecords() {
        try (RecordIterator records = records()) {
            List<RecordView> all = new ArrayList<>();
            records.forEachRemaining(all::add);
            return all;
        }
    }

    /**
     * The first record from {@code fromOffset} on that is dated {@code timestamp} or later. Timestamps are in no order, so
     * records are visited one by one, without reading keys and values.
     *
     * @return null if there is none in this batch
     */
    public RecordTime firstRecordSince(long timestamp, long fromOffset) {
        try (RecordIterator records = records()) {
            while (records.hasNext()) {
                RecordTime time = records.nextTime();
                if (time.offset() >= fromOffset && time.timestamp() >= timestamp) {
                    return time;
                }
            }
            return null;
        }
    }

    /** The inflated records, from the first. To be closed. */
    RecordSource openRecords() {
        Compression compression = compression();
        int records = at + RecordBatchHeader.OVERHEAD;
        int end = at + sizeInBytes();
        if (compression == null) {
            throw new CorruptBatchException(
                    "batch at offset " + baseOffset() + ": there is no codec " + RecordBatchHeader.codec(buffer, at));
        }
        return compression == Compression.NONE
                ? new PlainRecords(buffer, records, end)
                : new InflatedRecords(
                        compression, buffer.duplicate().limit(end).position(records), Long.MAX_VALUE, null);
    }
}
