package io.barnabas.log.history;

import java.util.ArrayDeque;
import java.util.Iterator;

/** One producer's end of {@link ProducerHistory}. */
final class Producer {
    /** As many as a producer may have in flight. */
    private static final int KEPT_BATCHES = 5;

    private static final int NO_SEQUENCE = -1;

    /** Oldest first; all of {@link #epoch}. */
    private final ArrayDeque<KeptBatch> batches = new ArrayDeque<>(KEPT_BATCHES + 1);

    /** Those that had been the last when a leader's epoch began, as far as they are not among {@link #batches} any more; null if there are none. */
    private ArrayDeque<KeptBatch> inherited;

    short epoch;
    int coordinatorEpoch = -1;
    long transactionFirstOffset = -1;
    private long lastTimestamp = -1;
    private long lastAppendMs = -1;

    Producer(short epoch) {
        this.epoch = epoch;
    }

    static Producer restored(ProducerState state, long nowMs) {
        Producer producer = new Producer(state.producerEpoch());
        producer.coordinatorEpoch = state.coordinatorEpoch();
        producer.transactionFirstOffset = state.currentTransactionFirstOffset();
        producer.touch(state.timestamp(), nowMs);
        if (state.lastOffset() >= 0) {
            producer.batches.add(new KeptBatch(
                    (state.lastSequence() - state.offsetDelta()) & Integer.MAX_VALUE,
                    state.lastSequence(),
                    state.lastOffset() - state.offsetDelta(),
                    state.lastOffset(),
                    state.timestamp()));
        }
        return producer;
    }

    ProducerState toState(long producerId) {
        KeptBatch last = batches.peekLast();
        return new ProducerState(
                producerId,
                epoch,
                lastSequence(),
                lastOffset(),
                last == null ? 0 : (int) (last.lastOffset() - last.firstOffset()),
                lastTimestamp,
                coordinatorEpoch,
                transactionFirstOffset);
    }

    /** Batches of another epoch can no longer be repeated. */
    void enter(short newEpoch) {
        if (newEpoch != epoch) {
            epoch = newEpoch;
            batches.clear();
            inherited = null;
        }
    }

    /** @param epochStart where the epoch of the present leader begins in the log */
    void keep(KeptBatch batch, long epochStart) {
        batches.addLast(batch);
        if (batches.size() > KEPT_BATCHES) {
            KeptBatch oldest = batches.removeFirst();
            if (oldest.lastOffset() < epochStart) {
                inherit(oldest);
            }
        }
    }

    private void inherit(KeptBatch batch) {
        if (inherited == null) {
            inherited = new ArrayDeque<>(KEPT_BATCHES + 1);
        }
        inherited.addLast(batch);
        if (inherited.size() > KEPT_BATCHES) {
            inherited.removeFirst();
        }
    }

    void touch(long timestamp, long nowMs) {
        lastTimestamp = timestamp;
        lastAppendMs = Math.max(lastAppendMs, nowMs);
    }

    KeptBatch find(int firstSequence, int lastSequence) {
        KeptBatch recent = find(batches, firstSequence, lastSequence);
        return recent != null || inherited == null ? recent : find(inherited, firstSequence, lastSequence);
    }

    private static KeptBatch find(ArrayDeque<KeptBatch> kept, int firstSequence, int lastSequence) {
        Iterator<KeptBatch> newestFirst = kept.descendingIterator();
        while (newestFirst.hasNext()) {
            KeptBatch batch = newestFirst.next();
            if (batch.firstSequence() == firstSequence && batch.lastSequence() == lastSequence) {
                return batch;
            }
        }
        return null;
    }

    /** A new epoch begins at 0; within an epoch the next sequence follows, 0 after 2^31-1. */
    boolean expects(short batchEpoch, int firstSequence) {
        if (batchEpoch != epoch) {
            return firstSequence == 0;
        }
        int last = lastSequence();
        return firstSequence == (last == NO_SEQUENCE ? 0 : (last + 1) & Integer.MAX_VALUE);
    }

    int lastSequence() {
        return batches.isEmpty() ? NO_SEQUENCE : batches.getLast().lastSequence();
    }

    long lastOffset() {
        return batches.isEmpty() ? -1 : batches.getLast().lastOffset();
    }

    long lastActiveMs() {
        return Math.max(lastTimestamp, lastAppendMs);
    }
}
