package io.barnabas.log.compaction;

import io.barnabas.log.batch.KeyWalk;
import io.barnabas.log.batch.StoredBatch;
import io.barnabas.log.history.AbortedTransaction;
import io.barnabas.log.segment.BatchPlace;
import io.barnabas.log.segment.LogSegment;
import java.nio.ByteBuffer;
import java.util.List;

/** Reads the keys of the dirty part of a log into an {@link OffsetMap}. */
public final class DirtyKeys {
    private DirtyKeys() {}

    /**
     * Reads from {@code firstDirtyOffset} on until the segments end or the map is full. Records of aborted transactions and
     * markers do not count.
     *
     * @param dirty   the segments that hold {@code firstDirtyOffset} and what follows
     * @param aborted all transactions that overlap them
     * @return the offset behind the last record of which the map knows; {@code endOffset} if it knows all of them
     */
    public static long collect(
            List<LogSegment> dirty,
            long firstDirtyOffset,
            long endOffset,
            List<AbortedTransaction> aborted,
            OffsetMap into,
            ByteBuffer buffer,
            CleaningPace pace,
            CleaningTally tally) {
        TransactionTrace transactions = new TransactionTrace(aborted);
        for (LogSegment segment : dirty) {
            BatchPlace first = segment.find(firstDirtyOffset, segment.sizeBytes());
            if (first == null) {
                continue;
            }
            SegmentBatches batches = new SegmentBatches(segment, buffer, first.positionBytes(), pace, tally);
            for (StoredBatch batch = batches.next(); batch != null; batch = batches.next()) {
                if (batch.isControl()) {
                    transactions.onMarker(batch);
                } else if (!transactions.isAborted(batch)) {
                    long reached = collect(batch, firstDirtyOffset, into);
                    if (reached <= batch.lastOffset()) {
                        return reached;
                    }
                }
            }
        }
        return endOffset;
    }

    /** @return the offset of the first record that did not fit; behind the batch if all did */
    private static long collect(StoredBatch batch, long firstDirtyOffset, OffsetMap into) {
        try (KeyWalk records = batch.keys()) {
            while (records.next()) {
                boolean counts = records.hasKey() && records.offset() >= firstDirtyOffset;
                if (counts && !into.put(records.key(), records.offset())) {
                    return records.offset();
                }
            }
        }
        return batch.nextOffset();
    }
}
