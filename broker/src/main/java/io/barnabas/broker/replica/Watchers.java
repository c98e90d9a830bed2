package io.barnabas.broker.replica;

/**
 * Those who want to know when a partition's view has changed: fetches that wait for more. Thread-safe. Nobody watching costs
 * one volatile read per turn.
 */
public final class Watchers {
    private volatile Watch head;

    /** Called after a turn, on whichever thread took it, under the watchers' lock: note it and leave. */
    public interface Watcher {
        void onChanged(Partition partition, PartitionView view);
    }

    /** One watcher of one partition, until it is {@link #end() ended}. */
    public static final class Watch {
        private final Watchers watchers;
        private final Watcher watcher;
        private Watch previous;
        private Watch next;
        private boolean ended;

        private Watch(Watchers watchers, Watcher watcher) {
            this.watchers = watchers;
            this.watcher = watcher;
        }

        /** Idempotent. */
        public void end() {
            watchers.remove(this);
        }
    }

    synchronized Watch add(Watcher watcher) {
        Watch watch = new Watch(this, watcher);
        watch.next = head;
        if (head != null) {
            head.previous = watch;
        }
        head = watch;
        return watch;
    }

    private synchronized void remove(Watch watch) {
        if (watch.ended) {
            return;
        }
        watch.ended = true;
        if (watch.previous == null) {
            head = watch.next;
        } else {
            watch.previous.next = watch.next;
        }
        if (watch.next != null) {
            watch.next.previous = watch.previous;
        }
    }

    void tell(Partition partition, PartitionView view) {
        if (head == null) {
            return;
        }
        synchronized (this) {
            for (Watch watch = head; watch != null; watch = watch.next) {
                watch.watcher.onChanged(partition, view);
            }
        }
    }

    public boolean isEmpty() {
        return head == null;
    }
}
