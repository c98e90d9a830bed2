package io.barnabas.log;

import io.barnabas.runtime.time.Clock;

/** Keeps all that is read and written by compaction below a rate, averaged over a short time. Thread-safe. */
final class CleaningThrottle {
    private static final long WINDOW_NANOS = 300_000_000L;
    private static final long LEAST_REST_NANOS = 20_000_000L;
    private static final double NANOS_PER_SECOND = 1e9;

    private final double bytesPerSecond;
    private final Clock clock;
    private long windowBegan;
    private long bytesInWindow;

    CleaningThrottle(double bytesPerSecond, Clock clock) {
        this.bytesPerSecond = bytesPerSecond;
        this.clock = clock;
        this.windowBegan = clock.nanoTime();
    }

    /** @return how long the caller has to rest, in nanoseconds; 0 if it may go on */
    synchronized long onBytes(int bytes) {
        if (bytesPerSecond == Double.MAX_VALUE) {
            return 0;
        }
        bytesInWindow += bytes;
        long now = clock.nanoTime();
        long elapsed = now - windowBegan;
        double due = bytesInWindow / bytesPerSecond * NANOS_PER_SECOND;
        if (elapsed >= WINDOW_NANOS && due <= elapsed) {
            windowBegan = now;
            bytesInWindow = 0;
            return 0;
        }
        return due - elapsed > LEAST_REST_NANOS ? (long) (due - elapsed) : 0;
    }
}
