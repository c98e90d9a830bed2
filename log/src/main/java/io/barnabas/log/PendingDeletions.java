package io.barnabas.log;

import java.util.PriorityQueue;

/** Files that are to be unlinked some time after nothing leads to them any more (LOG-29). Thread-safe. */
final class PendingDeletions {
    private final PriorityQueue<Deletion> queue = new PriorityQueue<>();

    private record Deletion(long atMillis, Runnable work) implements Comparable<Deletion> {
        @Override
        public int compareTo(Deletion other) {
            return Long.compare(atMillis, other.atMillis);
        }
    }

    synchronized void add(long atMillis, Runnable work) {
        queue.add(new Deletion(atMillis, work));
    }

    /** One whose time has come, which is the caller's then; null if there is none. */
    synchronized Runnable takeDue(long nowMillis) {
        return queue.isEmpty() || queue.peek().atMillis() > nowMillis
                ? null
                : queue.poll().work();
    }
}
