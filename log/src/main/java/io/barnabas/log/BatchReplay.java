package io.barnabas.log;

import io.barnabas.log.batch.BatchReader;
import io.barnabas.log.batch.EndTransactionMarker;
import io.barnabas.log.batch.RecordBatchHeader;
import io.barnabas.log.history.AbortedTransaction;
import io.barnabas.log.history.ProducerBatch;
import io.barnabas.log.history.ProducerHistory;
import io.barnabas.log.history.TransactionMarker;
import io.barnabas.log.segment.BatchScanner;
import io.barnabas.log.segment.LogSegment;
import java.nio.ByteBuffer;
import java.util.List;

/** Tells a {@link ProducerHistory} what stored batches say of their producers. */
final class BatchReplay {
    private BatchReplay() {}

    /** @return null if the batch has no producer, or is a marker */
    static ProducerBatch producerBatchOf(ByteBuffer buffer, int at) {
        if (!RecordBatchHeader.hasProducerId(buffer, at) || RecordBatchHeader.isControl(buffer, at)) {
            return null;
        }
        return new ProducerBatch(
                RecordBatchHeader.producerId(buffer, at),
                RecordBatchHeader.producerEpoch(buffer, at),
                RecordBatchHeader.baseSequence(buffer, at),
                RecordBatchHeader.lastSequence(buffer, at),
                RecordBatchHeader.baseOffset(buffer, at),
                RecordBatchHeader.lastOffset(buffer, at),
                RecordBatchHeader.maxTimestamp(buffer, at),
                RecordBatchHeader.isTransactional(buffer, at));
    }

    /** @return null if the batch holds no marker of a transaction's end; other control records are none of ours */
    static TransactionMarker markerOf(ByteBuffer buffer, int at) {
        if (!RecordBatchHeader.isControl(buffer, at)
                || !RecordBatchHeader.hasProducerId(buffer, at)
                || RecordBatchHeader.count(buffer, at) < 1) {
            return null;
        }
        EndTransactionMarker marker = EndTransactionMarker.of(
                BatchReader.over(buffer.duplicate().position(at)).next());
        return marker == null
                ? null
                : new TransactionMarker(
                        RecordBatchHeader.producerId(buffer, at),
                        RecordBatchHeader.producerEpoch(buffer, at),
                        marker.committed(),
                        marker.coordinatorEpoch(),
                        RecordBatchHeader.lastOffset(buffer, at),
                        RecordBatchHeader.maxTimestamp(buffer, at));
    }

    /**
     * Commits a stored batch, whole in the buffer.
     *
     * @return the transaction that it aborted, or null
     */
    static AbortedTransaction commit(ByteBuffer buffer, int at, ProducerHistory producers, long nowMs) {
        TransactionMarker marker = markerOf(buffer, at);
        if (marker != null) {
            return producers.commit(marker, nowMs);
        }
        ProducerBatch batch = producerBatchOf(buffer, at);
        if (batch != null) {
            producers.commit(batch, nowMs);
        }
        return null;
    }

    /**
     * The greatest offset of a snapshot from which the last stable offset can be told: a snapshot knows nothing of a
     * transaction that has ended, so it must not lie behind a marker that is not below the high watermark (LOG-45).
     */
    static long newestUsefulSnapshot(List<LogSegment> segments, long end, long highWatermark) {
        for (LogSegment segment : segments) {
            if (segment.nextOffset() <= highWatermark) {
                continue;
            }
            BatchScanner batches = segment.scanFrom(highWatermark, segment.sizeBytes());
            while (batches.next() && batches.baseOffset() < end) {
                if (batches.lastOffset() >= highWatermark
                        && RecordBatchHeader.isControl(batches.header(), batches.headerAt())) {
                    return Math.min(end, batches.baseOffset());
                }
            }
        }
        return end;
    }

    /** Commits the batches of a segment that begin in {@code [from, end)}; only headers and markers are read. */
    static void commitAll(LogSegment segment, long from, long end, ProducerHistory producers, long nowMs) {
        BatchScanner batches = segment.scanFrom(from, segment.sizeBytes());
        while (batches.next()) {
            if (batches.lastOffset() < from) {
                continue;
            }
            if (batches.baseOffset() >= end) {
                return;
            }
            if (!RecordBatchHeader.hasProducerId(batches.header(), batches.headerAt())) {
                continue;
            }
            if (RecordBatchHeader.isControl(batches.header(), batches.headerAt())) {
                ByteBuffer whole = ByteBuffer.allocate(batches.sizeInBytes());
                segment.log().read(whole, batches.position());
                commit(whole.flip(), 0, producers, nowMs);
            } else {
                producers.commit(producerBatchOf(batches.header(), batches.headerAt()), nowMs);
            }
        }
    }
}
