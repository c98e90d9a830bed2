package io.barnabas.log.compaction;

import io.barnabas.log.batch.StoredBatch;
import io.barnabas.log.history.AbortedTransaction;
import io.barnabas.log.segment.LogSegment;
import java.nio.ByteBuffer;
import java.util.List;

/**
 * Writes what stays of some neighbouring segments into one new segment. For one thread and one cleaning: groups are to come
 * in the order of their offsets, from the log's first segment on.
 */
public final class SegmentCleaner {
    private final BatchSieve sieve;
    private final ByteBuffer readBuffer;
    private final ByteBuffer writeBuffer;
    private final int indexIntervalBytes;
    private final CleaningPace pace;
    private final CleaningTally tally;

    /** @param bufferBytes for reading, and as many for writing */
    public SegmentCleaner(
            BatchSieve sieve, int bufferBytes, int indexIntervalBytes, CleaningPace pace, CleaningTally tally) {
        this.sieve = sieve;
        this.readBuffer = ByteBuffer.allocate(bufferBytes);
        this.writeBuffer = ByteBuffer.allocate(bufferBytes);
        this.indexIntervalBytes = indexIntervalBytes;
        this.pace = pace;
        this.tally = tally;
    }

    /**
     * Fills {@code target} and makes it durable, but for the names of its files.
     *
     * @param group  neighbours, oldest first
     * @param target new and empty, with the base offset of the first of them
     * @throws io.barnabas.log.batch.CorruptBatchException if a segment is damaged
     * @throws CleaningStoppedException                    if the pace says so
     */
    public void clean(List<LogSegment> group, LogSegment target) {
        LogSegment last = lastWithBatches(group);
        writeBuffer.clear();
        for (LogSegment segment : group) {
            SegmentBatches batches = new SegmentBatches(segment, readBuffer, 0, pace, tally);
            for (StoredBatch batch = batches.next(); batch != null; batch = batches.next()) {
                ByteBuffer kept = sieve.sift(batch, segment == last && batches.isAtEnd(), tally);
                if (kept != null) {
                    write(kept, target);
                }
                AbortedTransaction ended = sieve.takeEnded();
                if (ended != null) {
                    target.appendAborted(ended);
                }
            }
        }
        drain(target);
        target.seal();
        target.flush();
        target.releaseMemory();
    }

    private static LogSegment lastWithBatches(List<LogSegment> group) {
        LogSegment last = null;
        for (LogSegment segment : group) {
            last = segment.isEmpty() ? last : segment;
        }
        return last;
    }

    private void write(ByteBuffer batch, LogSegment target) {
        if (batch.remaining() > writeBuffer.remaining()) {
            drain(target);
        }
        if (batch.remaining() > writeBuffer.capacity()) {
            append(batch, target);
        } else {
            writeBuffer.put(batch);
        }
    }

    private void drain(LogSegment target) {
        writeBuffer.flip();
        if (writeBuffer.hasRemaining()) {
            append(writeBuffer, target);
        }
        writeBuffer.clear();
    }

    private void append(ByteBuffer batches, LogSegment target) {
        int bytes = batches.remaining();
        target.appendAll(batches, indexIntervalBytes);
        tally.bytesWritten += bytes;
        pace.onBytes(bytes);
    }
}
