package io.barnabas.log.compaction;

import io.barnabas.log.batch.EndTransactionMarker;
import io.barnabas.log.batch.StoredBatch;
import io.barnabas.log.history.AbortedTransaction;
import java.util.ArrayDeque;
import java.util.Comparator;
import java.util.Deque;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;

/**
 * Follows the transactions of a log, and so tells which records were never committed, and of which
 * transactions nothing is left but the marker (LOG-36). Batches are to come in the order of their offsets. For one thread.
 */
final class TransactionTrace {
    /** Not begun yet, by their first offsets. */
    private final Deque<AbortedTransaction> toCome;

    private final Map<Long, AbortedTransaction> abortedByProducer = new HashMap<>();

    /** Producers that have batches in the transaction that is to be aborted. */
    private final Set<Long> seenAborted = new HashSet<>();

    /** Producers that have batches in a transaction that was, or will be, committed. */
    private final Set<Long> seenCommitted = new HashSet<>();

    /** Ended by the marker that came last. */
    private AbortedTransaction ended;

    /** What a marker has left to say. */
    enum Marker {
        /** It is none, or of a kind that is not known. */
        UNKNOWN,
        /** It ends a transaction of which there are batches. */
        NEEDED,
        /** No batch of its transaction is left. */
        ALONE
    }

    /** @param aborted all that overlap what is going to be read, and perhaps more */
    TransactionTrace(List<AbortedTransaction> aborted) {
        this.toCome = new ArrayDeque<>(aborted.stream()
                .sorted(Comparator.comparingLong(AbortedTransaction::firstOffset))
                .toList());
    }

    /** Whether the records of this batch, which is no control batch, were aborted. */
    boolean isAborted(StoredBatch batch) {
        begin(batch);
        if (!batch.isTransactional()) {
            return false;
        }
        if (abortedByProducer.containsKey(batch.producerId())) {
            seenAborted.add(batch.producerId());
            return true;
        }
        seenCommitted.add(batch.producerId());
        return false;
    }

    /**
     * A control batch comes.
     *
     * @return whether it still ends something
     */
    Marker onMarker(StoredBatch control) {
        begin(control);
        if (control.count() == 0) {
            return Marker.ALONE;
        }
        EndTransactionMarker marker = EndTransactionMarker.of(control);
        if (marker == null) {
            return Marker.UNKNOWN;
        }
        boolean needed;
        if (marker.committed()) {
            needed = seenCommitted.remove(control.producerId());
        } else {
            needed = seenAborted.remove(control.producerId());
            AbortedTransaction aborted = abortedByProducer.remove(control.producerId());
            ended = needed ? aborted : null;
        }
        return needed ? Marker.NEEDED : Marker.ALONE;
    }

    /** The transaction that the last marker aborted, if some of it is left; for the new transaction index. Told once. */
    AbortedTransaction takeEnded() {
        AbortedTransaction taken = ended;
        ended = null;
        return taken;
    }

    private void begin(StoredBatch batch) {
        while (!toCome.isEmpty() && toCome.peek().firstOffset() <= batch.lastOffset()) {
            AbortedTransaction begun = toCome.poll();
            if (begun.lastOffset() >= batch.baseOffset()) { // else it was over before the walk began
                abortedByProducer.put(begun.producerId(), begun);
            }
        }
    }
}
