package io.barnabas.log.compaction;

import io.barnabas.log.batch.BatchRewrite;
import io.barnabas.log.batch.CompressionLevels;
import io.barnabas.log.batch.KeyWalk;
import io.barnabas.log.batch.RecordBatchHeader;
import io.barnabas.log.batch.StoredBatch;
import io.barnabas.log.history.AbortedTransaction;
import java.nio.ByteBuffer;
import java.util.BitSet;
import java.util.List;

/**
 * Says what stays of each batch of a log, from the first on (LOG-34 to LOG-36):
 *
 * <ul>
 *   <li>of a key the last record below {@link #endOffset}, and every record from there on;
 *   <li>a tombstone until its delete horizon has passed, which the first sieving sets that keeps it and looks at its whole batch;
 *   <li>nothing of an aborted transaction; a marker while batches of its transaction are left, then until its horizon;
 *   <li>nothing without a key;
 *   <li>a batch without any record left, if its producer's state rests on it, or if it ends what is cleaned.
 * </ul>
 *
 * For one thread and one cleaning. Source: KIP-98, KIP-534.
 */
public final class BatchSieve {
    private final OffsetMap lastOffsets;
    private final long endOffset;
    private final TransactionTrace transactions;
    private final ProducerEnds producers;
    private final Rules rules;

    /**
     * @param nowMs             by the wall clock
     * @param deleteRetentionMs {@code delete.retention.ms}
     * @param levels            for batches that are compressed anew, with the codec that they have
     */
    public record Rules(long nowMs, long deleteRetentionMs, CompressionLevels levels) {}

    /**
     * @param lastOffsets of the keys of records below {@code endOffset}, as far as they are not clean already
     * @param endOffset   exclusive; nothing is known of later records
     * @param aborted     all transactions that overlap what comes
     */
    public BatchSieve(
            OffsetMap lastOffsets,
            long endOffset,
            List<AbortedTransaction> aborted,
            ProducerEnds producers,
            Rules rules) {
        this.lastOffsets = lastOffsets;
        this.endOffset = endOffset;
        this.transactions = new TransactionTrace(aborted);
        this.producers = producers;
        this.rules = rules;
    }

    /**
     * What stays of the batch.
     *
     * @param atEnd whether it is the last batch of those that become one segment: its offsets must stay told of
     * @return the batch as it is, or written anew, from position to limit; null if nothing stays
     */
    ByteBuffer sift(StoredBatch batch, boolean atEnd, CleaningTally tally) {
        tally.recordsRead += batch.count();
        ByteBuffer kept = batch.isControl() ? siftMarker(batch) : siftRecords(batch);
        if (kept == null && (atEnd || producers.isLast(batch))) {
            kept = batch.count() == 0 ? batch.bytes() : BatchRewrite.emptied(batch);
        }
        if (kept != null) {
            tally.recordsKept += RecordBatchHeader.count(kept, kept.position());
        }
        return kept;
    }

    /** The aborted transaction, of which some is left, that the last marker sifted has ended; null if none. Told once. */
    AbortedTransaction takeEnded() {
        return transactions.takeEnded();
    }

    private ByteBuffer siftMarker(StoredBatch batch) {
        TransactionTrace.Marker marker = transactions.onMarker(batch);
        if (batch.count() == 0) {
            return null;
        }
        if (marker != TransactionTrace.Marker.ALONE || producers.isLast(batch)) {
            return batch.bytes();
        }
        if (!batch.hasDeleteHorizon()) {
            BitSet all = new BitSet();
            all.set(0, batch.count());
            return BatchRewrite.keeping(batch, all, newHorizonMs(), rules.levels());
        }
        return rules.nowMs() < batch.baseTimestamp() ? batch.bytes() : null;
    }

    private ByteBuffer siftRecords(StoredBatch batch) {
        if (transactions.isAborted(batch) || batch.count() == 0) {
            return null;
        }
        boolean horizonSet = batch.hasDeleteHorizon();
        boolean horizonPassed = horizonSet && rules.nowMs() >= batch.baseTimestamp();
        BitSet kept = new BitSet(batch.count());
        boolean keepsTombstone = false;
        try (KeyWalk records = batch.keys()) {
            for (int i = 0; records.next(); i++) {
                if (!records.hasKey()) {
                    continue;
                }
                boolean stays = true;
                if (records.offset() < endOffset) {
                    stays = records.offset() >= lastOffsets.get(records.key())
                            && (records.hasValue() || !horizonPassed);
                    keepsTombstone |= stays && !records.hasValue();
                }
                kept.set(i, stays);
            }
        }
        if (kept.isEmpty()) {
            return null;
        }
        // there is one horizon for the whole batch, and tombstones from endOffset on have not deleted anything yet
        boolean setHorizon = keepsTombstone && !horizonSet && batch.nextOffset() <= endOffset;
        if (!setHorizon && kept.cardinality() == batch.count()) {
            return batch.bytes();
        }
        return BatchRewrite.keeping(batch, kept, setHorizon ? newHorizonMs() : BatchRewrite.NO_HORIZON, rules.levels());
    }

    private long newHorizonMs() {
        long horizon = rules.nowMs() + rules.deleteRetentionMs();
        return horizon < 0 ? Long.MAX_VALUE : horizon;
    }
}
