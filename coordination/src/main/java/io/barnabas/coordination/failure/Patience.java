package io.barnabas.coordination.failure;

import java.util.ArrayDeque;
import java.util.Deque;

/** How much is asked of a suspicion before it is acted on, and how often one may be wrong. */
final class Patience {
    /** From one refusal to the next try; all of them must be refused (FFD-01). */
    private static final long[] DELAYS_MS = {0, 30, 70};

    /** Where nobody else could disagree twice as many. */
    private static final long[] DELAYS_OF_TWO_MS = {0, 30, 70, 30, 30, 40};

    private static final long AGAIN_DELAY_MS = 10;

    /** So long it is remembered that a suspicion was wrong (FFD-03). */
    static final long DAMPING_MS = 600_000;

    /** So often one may be wrong in that time before sessions alone decide. */
    static final int WRONG_MAX = 2;

    private Patience() {}

    static int refusals(int brokers) {
        return delays(brokers).length;
    }

    /** @param refusals how often it was refused so far; less than {@link #refusals} */
    static long delayMs(int brokers, int refusals) {
        return delays(brokers)[refusals];
    }

    /**
     * As {@link #delayMs}, for whom this broker and another one found refused all along a moment ago, when the office was taken from it: the
     * refusals are seen once more, but who waits for its partitions has waited already (FFD-13).
     */
    static long againDelayMs(int refusals) {
        return refusals == 0 ? 0 : AGAIN_DELAY_MS;
    }

    private static long[] delays(int brokers) {
        return brokers <= 2 ? DELAYS_OF_TWO_MS : DELAYS_MS;
    }

    /** Times at which something happened, as far as they still count. */
    static final class Times {
        private final Deque<Long> times = new ArrayDeque<>();

        void add(long nowMs) {
            times.add(nowMs);
        }

        /** How many there were in the last {@code windowMs}; older ones are forgotten. */
        int since(long nowMs, long windowMs) {
            while (!times.isEmpty() && nowMs - times.peek() >= windowMs) {
                times.remove();
            }
            return times.size();
        }

        /** @return when the oldest of them will be {@code windowMs} old, from now */
        long opensInMs(long nowMs, long windowMs) {
            return times.isEmpty() ? 0 : windowMs - (nowMs - times.peek());
        }
    }
}
