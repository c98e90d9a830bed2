package io.barnabas.runtime.time;

/**
 * The time, handed in. {@link #epochMillis()} stamps and may jump with the wall clock; {@link #nanoTime()} measures and
 * never goes back. The only class that asks the system is {@link #system()}.
 */
public interface Clock {
    /** Milliseconds since 1970 by the wall clock: for timestamps that people and files see. */
    long epochMillis();

    /** Nanoseconds on a monotonic clock of arbitrary origin: for durations and deadlines. Compare by subtraction. */
    long nanoTime();

    /** Milliseconds on the monotonic clock. */
    default long monotonicMillis() {
        return Math.floorDiv(nanoTime(), 1_000_000L);
    }

    /** The machine's clock. */
    static Clock system() {
        return SystemClock.INSTANCE;
    }
}
