package io.barnabas.broker.replica;

import io.barnabas.model.Refusal;

/**
 * Acknowledgements of one partition that wait until what was appended is committed: until {@code highWatermark >
 * lastOffset}. Duplicates wait like the original (PROD-24). Deadlines are the owners': they {@link #withdraw}.
 * Thread-safe; listeners are called outside of the lock, on whichever thread moved the watermark.
 */
public final class AckWaiters {
    private static final Refusal TOO_FEW_AFTER = Refusal.of(Refusal.Reason.NOT_ENOUGH_REPLICAS_AFTER_APPEND);
    private static final Refusal NOT_LEADER = Refusal.of(Refusal.Reason.NOT_LEADER_OR_FOLLOWER);
    private static final Refusal STORAGE_FAILED = Refusal.of(Refusal.Reason.STORAGE_ERROR);

    /** Sorted by last offset: new ones nearly always belong at the tail. */
    private Waiter head;

    private Waiter tail;
    private int count;

    /** Told once, when the acknowledgement is decided. */
    public interface Listener {
        /** @param refusal null if it is committed with enough replicas in sync */
        void onDecided(Waiter waiter, Refusal refusal);
    }

    /** One append that waits. Made by its owner, parked at most once. */
    public static final class Waiter {
        private final long lastOffset;
        private final int leaderEpoch;
        private final Listener listener;
        private Waiter previous;
        private Waiter next;
        private boolean parked;

        /**
         * @param lastOffset  of the batch, inclusive
         * @param leaderEpoch it was appended in, or a duplicate was recognised in
         */
        public Waiter(long lastOffset, int leaderEpoch, Listener listener) {
            this.lastOffset = lastOffset;
            this.leaderEpoch = leaderEpoch;
            this.listener = listener;
        }
    }

    /** Whether {@code view} decides an append; {@link #refusal} then tells how. */
    static boolean isDecided(PartitionView view, long lastOffset, int leaderEpoch) {
        return view.highWatermark() > lastOffset || !view.isLeader() || view.leaderEpoch() != leaderEpoch;
    }

    /** What to answer for an append that {@code view} decides; null if it is committed with enough in sync (PROD-18). */
    static Refusal refusal(PartitionView view, long lastOffset, int leaderEpoch, LeaderLease lease) {
        if (view.role() == ReplicaRole.OFFLINE) {
            return STORAGE_FAILED;
        }
        if (!view.isLeader() || view.leaderEpoch() != leaderEpoch || !lease.isHeld()) {
            return NOT_LEADER;
        }
        return view.enoughInSync() ? null : TOO_FEW_AFTER;
    }

    /** Parks unless the partition's current view decides already; the view is looked at under the lock, so no move is missed. */
    synchronized boolean park(Waiter waiter, Partition partition) {
        if (isDecided(partition.view(), waiter.lastOffset, waiter.leaderEpoch)) {
            return false;
        }
        Waiter before = tail;
        while (before != null && before.lastOffset > waiter.lastOffset) {
            before = before.previous;
        }
        waiter.previous = before;
        waiter.next = before == null ? head : before.next;
        if (waiter.previous == null) {
            head = waiter;
        } else {
            waiter.previous.next = waiter;
        }
        if (waiter.next == null) {
            tail = waiter;
        } else {
            waiter.next.previous = waiter;
        }
        waiter.parked = true;
        count++;
        return true;
    }

    /** @return true if it was still parked: its listener will not be called */
    public synchronized boolean withdraw(Waiter waiter) {
        if (!waiter.parked) {
            return false;
        }
        remove(waiter);
        return true;
    }

    /** Decides whom {@code view} decides. */
    void release(PartitionView view, LeaderLease lease) {
        Waiter decided;
        synchronized (this) {
            if (head == null) {
                return;
            }
            decided = takeDecided(view);
        }
        while (decided != null) {
            Waiter next = decided.next;
            decided.next = null;
            decided.listener.onDecided(decided, refusal(view, decided.lastOffset, decided.leaderEpoch, lease));
            decided = next;
        }
    }

    public synchronized int count() {
        return count;
    }

    /** Unlinks the decided ones and gives them as a chain, in order. */
    private Waiter takeDecided(PartitionView view) {
        Waiter first = null;
        Waiter last = null;
        Waiter waiter = head;
        while (waiter != null && isDecided(view, waiter.lastOffset, waiter.leaderEpoch)) {
            Waiter next = waiter.next;
            remove(waiter);
            if (last == null) {
                first = waiter;
            } else {
                last.next = waiter;
            }
            last = waiter;
            waiter = next;
        }
        return first;
    }

    private void remove(Waiter waiter) {
        if (waiter.previous == null) {
            head = waiter.next;
        } else {
            waiter.previous.next = waiter.next;
        }
        if (waiter.next == null) {
            tail = waiter.previous;
        } else {
            waiter.next.previous = waiter.previous;
        }
        waiter.previous = null;
        waiter.next = null;
        waiter.parked = false;
        count--;
    }
}
