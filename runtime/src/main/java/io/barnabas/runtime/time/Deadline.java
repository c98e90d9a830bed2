package io.barnabas.runtime.time;

/**
 * A moment on the monotonic clock.
 *
 * @param atNanos as {@link Clock#nanoTime()} counts; wraps, so moments are compared by their difference
 */
public record Deadline(long atNanos) {
    /** Further away than this is never reached: half of the clock's range, so that differences keep their sign. */
    private static final long FARTHEST_NANOS = Long.MAX_VALUE / 2;

    /** The moment {@code millis} after now; a negative time has passed already. */
    public static Deadline after(Clock clock, long millis) {
        long nanos = millis > FARTHEST_NANOS / 1_000_000L ? FARTHEST_NANOS : millis * 1_000_000L;
        return new Deadline(clock.nanoTime() + nanos);
    }

    public boolean isPast(Clock clock) {
        return clock.nanoTime() - atNanos >= 0;
    }

    /** Time left in milliseconds, rounded up; 0 when it has passed. */
    public long remainingMillis(Clock clock) {
        long nanos = atNanos - clock.nanoTime();
        return nanos <= 0 ? 0 : (nanos + 999_999L) / 1_000_000L;
    }
}
