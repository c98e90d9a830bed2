package io.barnabas.log.history;

import io.barnabas.model.Outcome;
import io.barnabas.model.Refusal;
import io.barnabas.model.Refusal.Reason;
import java.util.ArrayList;
import java.util.Collection;
import java.util.HashMap;
import java.util.Iterator;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;

/**
 * What each producer with an id appended last to one log: enough to tell a new batch from a repeated and from a lost one,
 * and which transactions are open.
 *
 * <p>Two steps: {@code check} judges and changes nothing, {@code commit} is told what was appended. So a failed append
 * leaves no trace, and followers and recovery, who do not judge, only commit. Checking, giving the offset, appending and
 * committing are one critical section of the partition; used by one thread at a time.
 *
 * <p>Source: KIP-98; Kafka 4's leniency towards producers without state (any first sequence is taken).
 */
public final class ProducerHistory {
    private static final long NO_OFFSET = -1;

    private final Map<Long, Producer> producers = new HashMap<>();

    /** First offset to producer id. */
    private final TreeMap<Long, Long> openTransactions = new TreeMap<>();

    /** First offset to marker offset, of transactions whose marker is not below the high watermark yet. */
    private final TreeMap<Long, Long> endedTransactions = new TreeMap<>();

    /** Where the epoch of the present leader begins, as far as it is known. */
    private long epochStart = NO_OFFSET;

    /**
     * What to do with a batch: append it, or answer as when it was first appended.
     *
     * @param original the batch it repeats, null for a new one
     */
    public record Verdict(KeptBatch original) {
        private static final Verdict NEW = new Verdict(null);

        public boolean isDuplicate() {
            return original != null;
        }
    }

    /** State of producers as it was, for example from a snapshot. Nobody's time of append is older than {@code nowMs}. */
    public static ProducerHistory fromEntries(Collection<ProducerState> entries, long nowMs) {
        ProducerHistory history = new ProducerHistory();
        for (ProducerState entry : entries) {
            history.producers.put(entry.producerId(), Producer.restored(entry, nowMs));
            if (entry.currentTransactionFirstOffset() >= 0) {
                history.openTransactions.put(entry.currentTransactionFirstOffset(), entry.producerId());
            }
        }
        return history;
    }

    /**
     * For a snapshot. The format has no room for ended transactions: one restored from above the high watermark no longer
     * holds the last stable offset back for markers that are not replicated yet, as in Kafka.
     */
    public List<ProducerState> entries() {
        List<ProducerState> entries = new ArrayList<>(producers.size());
        producers.forEach((producerId, producer) -> entries.add(producer.toState(producerId)));
        return entries;
    }

    public int size() {
        return producers.size();
    }

    public boolean knows(long producerId) {
        return producers.containsKey(producerId);
    }

    /** May this batch of a client be appended? Its offsets are not looked at. */
    public Outcome<Verdict> check(ProducerBatch batch) {
        Producer producer = producers.get(batch.producerId());
        if (producer == null) {
            return Outcome.done(Verdict.NEW);
        }
        if (batch.producerEpoch() < producer.epoch) {
            return Outcome.refused(oldEpoch(batch.producerId(), batch.producerEpoch(), producer.epoch));
        }
        if (batch.producerEpoch() == producer.epoch && batch.hasSequence()) {
            KeptBatch original = producer.find(batch.firstSequence(), batch.lastSequence());
            if (original != null) {
                return Outcome.done(new Verdict(original));
            }
        }
        if (batch.hasSequence() && !producer.expects(batch.producerEpoch(), batch.firstSequence())) {
            return Outcome.refused(
                    Reason.OUT_OF_ORDER_SEQUENCE_NUMBER,
                    "producer " + batch.producerId() + " epoch " + batch.producerEpoch() + " sent sequence "
                            + batch.firstSequence() + ", its last here is " + producer.lastSequence() + " of epoch "
                            + producer.epoch);
        }
        if (producer.transactionFirstOffset >= 0 && !batch.transactional()) {
            return Outcome.refused(
                    Reason.INVALID_TXN_STATE,
                    "producer " + batch.producerId() + " has a transaction open since offset "
                            + producer.transactionFirstOffset + " and sent a batch outside of it");
        }
        return Outcome.done(Verdict.NEW);
    }

    /**
     * Notes a batch that is in the log now, judged or not.
     *
     * @param nowMs when it was appended, as far as known
     */
    public void commit(ProducerBatch batch, long nowMs) {
        Producer producer = producers.computeIfAbsent(batch.producerId(), id -> new Producer(batch.producerEpoch()));
        producer.enter(batch.producerEpoch());
        if (batch.hasSequence()) {
            producer.keep(
                    new KeptBatch(
                            batch.firstSequence(),
                            batch.lastSequence(),
                            batch.firstOffset(),
                            batch.lastOffset(),
                            batch.maxTimestamp()),
                    epochStart);
        }
        producer.touch(batch.maxTimestamp(), nowMs);
        if (batch.transactional() && producer.transactionFirstOffset < 0) {
            producer.transactionFirstOffset = batch.firstOffset();
            openTransactions.put(batch.firstOffset(), batch.producerId());
        }
    }

    /**
     * Another leader's epoch begins at this offset. What producers had in flight then they may still wait for at the leader before,
     * who need not know yet that it was deposed, while the new one takes batch after batch. So the batches that were the last
     * at this moment are recognised for as long as the epoch lasts, or their producer would be told to be out of order until it gives up.
     */
    public void onLeaderEpoch(long startOffset) {
        epochStart = startOffset;
    }

    /** May this marker of a transaction coordinator be appended? @return null if it may */
    public Refusal check(TransactionMarker marker) {
        Producer producer = producers.get(marker.producerId());
        if (producer == null) {
            return null;
        }
        if (marker.producerEpoch() < producer.epoch) {
            return oldEpoch(marker.producerId(), marker.producerEpoch(), producer.epoch);
        }
        if (marker.coordinatorEpoch() < producer.coordinatorEpoch) {
            return new Refusal(
                    Reason.TRANSACTION_COORDINATOR_FENCED,
                    "marker for producer " + marker.producerId() + " is of coordinator epoch "
                            + marker.coordinatorEpoch() + ", the last was of " + producer.coordinatorEpoch);
        }
        return null;
    }

    /**
     * Notes a marker that is in the log now, judged or not.
     *
     * @return the transaction it aborted, for the transaction index; null if it committed one or ended nothing
     */
    public AbortedTransaction commit(TransactionMarker marker, long nowMs) {
        Producer producer = producers.computeIfAbsent(marker.producerId(), id -> new Producer(marker.producerEpoch()));
        producer.enter(marker.producerEpoch());
        producer.coordinatorEpoch = Math.max(producer.coordinatorEpoch, marker.coordinatorEpoch());
        producer.touch(marker.timestamp(), nowMs);
        long firstOffset = producer.transactionFirstOffset;
        if (firstOffset < 0) {
            return null;
        }
        producer.transactionFirstOffset = NO_OFFSET;
        openTransactions.remove(firstOffset);
        endedTransactions.put(firstOffset, marker.offset());
        if (marker.committed()) {
            return null;
        }
        long lastStableOffset = openTransactions.isEmpty() ? marker.offset() + 1 : openTransactions.firstKey();
        return new AbortedTransaction(marker.producerId(), firstOffset, marker.offset(), lastStableOffset);
    }

    /**
     * Below it every transaction is decided, and the decision is below the high watermark too; never above the latter.
     * Forgets the ended transactions that no longer matter, so {@code highWatermark} must not decrease between calls
     * unless the log is truncated.
     */
    public long lastStableOffset(long highWatermark) {
        endedTransactions.values().removeIf(markerOffset -> markerOffset < highWatermark);
        long firstUndecided = Math.min(
                openTransactions.isEmpty() ? Long.MAX_VALUE : openTransactions.firstKey(),
                endedTransactions.isEmpty() ? Long.MAX_VALUE : endedTransactions.firstKey());
        return Math.min(firstUndecided, highWatermark);
    }

    /** First offset of the oldest open transaction, or -1. */
    public long firstOpenTransactionOffset() {
        return openTransactions.isEmpty() ? NO_OFFSET : openTransactions.firstKey();
    }

    /**
     * Forgets producers that appended nothing for {@code expirationMs}, be it by the time of append or by the timestamp
     * of what they appended, whichever is later. One with an open transaction stays.
     *
     * @return how many were forgotten
     */
    public int expire(long nowMs, long expirationMs) {
        int before = producers.size();
        Iterator<Producer> all = producers.values().iterator();
        while (all.hasNext()) {
            Producer producer = all.next();
            if (producer.transactionFirstOffset < 0 && nowMs - producer.lastActiveMs() >= expirationMs) {
                all.remove();
            }
        }
        return before - producers.size();
    }

    /** Whether this producer's last batch here ends at {@code offset}: compaction then keeps the batch, even empty. */
    public boolean isLastBatchOf(long producerId, long offset) {
        Producer producer = producers.get(producerId);
        return producer != null && producer.lastOffset() == offset;
    }

    /** How many sequence numbers lie between the two; 0 comes after 2^31-1. */
    static int distance(int firstSequence, int lastSequence) {
        return (lastSequence - firstSequence) & Integer.MAX_VALUE;
    }

    private static Refusal oldEpoch(long producerId, short epoch, short known) {
        return new Refusal(
                Reason.INVALID_PRODUCER_EPOCH, "producer " + producerId + " sent epoch " + epoch + " after " + known);
    }
}
