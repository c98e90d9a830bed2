package io.barnabas.log.batch;

import java.nio.ByteBuffer;
import java.util.ArrayList;
import java.util.Iterator;
import java.util.List;
import java.util.NoSuchElementException;

/**
 * The records of one batch, decompressed as they are asked for. Has to be closed, for a decompressor may be behind it. All
 * methods throw {@link CorruptBatchException} when the records are not what the batch's header promises.
 */
public final class RecordIterator implements Iterator<RecordView>, AutoCloseable {
    private final StoredBatch batch;
    private final RecordSource source;
    private final long baseOffset;
    private final long baseTimestamp;
    private final long fixedTimestamp;
    private final boolean timestampFixed;
    private final int count;
    private int given;
    private long lastDelta = -1;

    RecordIterator(StoredBatch batch) {
        this.batch = batch;
        this.source = batch.openRecords();
        this.baseOffset = batch.baseOffset();
        this.baseTimestamp = batch.baseTimestamp();
        this.timestampFixed = batch.timestampType() == TimestampType.LOG_APPEND_TIME;
        this.fixedTimestamp = batch.maxTimestamp();
        this.count = batch.count();
    }

    @Override
    public boolean hasNext() {
        if (given < count) {
            return true;
        }
        if (!source.isExhausted()) {
            throw malformed("there are more records than the " + count + " promised");
        }
        return false;
    }

    @Override
    public RecordView next() {
        if (given >= count) {
            throw new NoSuchElementException();
        }
        long start = source.consumed();
        int length = source.varint();
        long end = source.consumed() + length;
        source.next();
        long timestamp = baseTimestamp + source.varlong();
        int offsetDelta = checkDelta(source.varint());
        ByteBuffer key = nullable(source.varint());
        ByteBuffer value = nullable(source.varint());
        List<RecordHeader> headers = headers(source.varint());
        if (length < 0 || source.consumed() != end) {
            throw malformed("record " + given + " does not have the length it says");
        }
        given++;
        return new RecordView(
                baseOffset + offsetDelta, timestampFixed ? fixedTimestamp : timestamp, key, value, headers, (int)
                        (end - start));
    }

    /**
     * Goes on to the next record and passes over all that it holds.
     *
     * @return its offset and timestamp
     */
    RecordTime nextTime() {
        int length = source.varint();
        long end = source.consumed() + length;
        source.next();
        long timestamp = baseTimestamp + source.varlong();
        int offsetDelta = checkDelta(source.varint());
        long rest = end - source.consumed();
        if (length < 0 || rest < 0) {
            throw malformed("record " + given + " does not have the length it says");
        }
        source.skip((int) rest);
        given++;
        return new RecordTime(baseOffset + offsetDelta, timestampFixed ? fixedTimestamp : timestamp);
    }

    @Override
    public void close() {
        source.close();
    }

    private int checkDelta(int offsetDelta) {
        if (offsetDelta <= lastDelta
                || offsetDelta > RecordBatchHeader.lastOffsetDelta(batch.buffer(), batch.position())) {
            throw malformed("record " + given + " has offset delta " + offsetDelta);
        }
        lastDelta = offsetDelta;
        return offsetDelta;
    }

    private ByteBuffer nullable(int length) {
        if (length < -1) {
            throw malformed("a field of " + length + " bytes");
        }
        return length < 0 ? null : source.take(length);
    }

    private List<RecordHeader> headers(int headerCount) {
        if (headerCount == 0) {
            return List.of();
        }
        if (headerCount < 0) {
            throw malformed("a record with " + headerCount + " headers");
        }
        List<RecordHeader> headers = new ArrayList<>();
        for (int i = 0; i < headerCount; i++) {
            ByteBuffer key = nullable(source.varint());
            if (key == null) {
                throw malformed("a header without a key");
            }
            headers.add(new RecordHeader(key, nullable(source.varint())));
        }
        return headers;
    }

    private CorruptBatchException malformed(String what) {
        return new CorruptBatchException("batch at offset " + baseOffset + ": " + what);
    }
}
