package io.barnabas.system.tests.faults;

import java.util.HashMap;
import java.util.Map;
import java.util.concurrent.TimeUnit;

/** The longest time between two acknowledgements, for each line of them (a partition, a committer) alone. Thread-safe. */
final class GapMeter {
    private final Map<String, Long> last = new HashMap<>();
    private long longestNanos;
    private String longestOf = "";
    /** Of all that counted, also before {@link #forget} was called again. */
    private long worstNanos;

    private boolean counting;

    /** Something of this line was acknowledged just now. */
    synchronized void acknowledged(String line) {
        long now = System.nanoTime();
        Long before = last.put(line, now);
        if (before != null && now - before > longestNanos) {
            longestNanos = now - before;
            longestOf = line;
        }
    }

    /** A line that has ended is not waited for any more. */
    synchronized void ended(String line) {
        last.remove(line);
    }

    /** Begins a new measurement; the gaps that are open now count from their beginning. What was before the first one is warming up. */
    synchronized void forget() {
        worstNanos = counting ? Math.max(worstNanos, longestNanos) : 0;
        counting = true;
        longestNanos = 0;
        longestOf = "";
    }

    /** Also of those that are still open. */
    synchronized long longestMillis() {
        long now = System.nanoTime();
        long longest = longestNanos;
        for (long open : last.values()) {
            longest = Math.max(longest, now - open);
        }
        return TimeUnit.NANOSECONDS.toMillis(longest);
    }

    /** Of all measurements. */
    synchronized long worstMillis() {
        return TimeUnit.NANOSECONDS.toMillis(Math.max(worstNanos, longestNanos));
    }

    @Override
    public synchronized String toString() {
        return TimeUnit.NANOSECONDS.toMillis(longestNanos) + " ms (" + longestOf + ")";
    }
}
