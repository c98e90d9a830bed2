package io.barnabas.broker.throttle;

import java.util.Arrays;

/**
 * How many bytes per second went by, over the last few windows of time. The windows lie end to end; the newest is still being filled,
 * and what falls out of the oldest is forgotten, so that nothing weighs for longer than all windows last. After a silence measuring
 * begins anew, and a first burst is not thinned by the time before it.
 *
 * <p>Pure, for one thread at a time. Times are nanoseconds of a monotonic clock, and do not go back.
 */
final class ByteRate {
    private static final double NANOS_PER_SECOND = 1e9;

    private final long windowNanos;
    /** Of each window, at its number modulo their count. */
    private final long[] bytes;

    private long total;
    /** Number of the window being filled: its beginning, in windows since the clock's origin. */
    private long newest;
    /** Number of the window in which measuring began. */
    private long first;

    /**
     * @param windows     at least 1, with the one that is being filled
     * @param windowNanos length of each; at least 1
     */
    ByteRate(int windows, long windowNanos, long nowNanos) {
        this.bytes = new long[windows];
        this.windowNanos = windowNanos;
        this.newest = Math.floorDiv(nowNanos, windowNanos);
        this.first = newest;
    }

    void record(long count, long nowNanos) {
        advance(nowNanos);
        if (total == 0) {
            first = newest;
        }
        bytes[slot(newest)] += count;
        total += count;
    }

    /** Bytes per second; measured over one window's length at least. */
    double perSecond(long nowNanos) {
        advance(nowNanos);
        return total * NANOS_PER_SECOND / elapsed(oldest(newest), nowNanos);
    }

    /**
     * How long nothing may be added until the rate is not above {@code limit}; 0 if it is not now.
     *
     * @param limit bytes per second, at least 0
     */
    long nanosUntilWithin(long limit, long nowNanos) {
        advance(nowNanos);
        long left = total;
        for (long window = newest; ; window++) {
            long oldest = oldest(window);
            if (window > newest && oldest > oldest(window - 1)) {
                left -= bytes[slot(oldest - 1)];
            }
            // as long as this window lasts the bytes stay what they are, and the time they are divided by grows
            long needed = left == 0 ? 0 : (long) Math.ceil(left * NANOS_PER_SECOND / limit);
            long begin = Math.max(nowNanos, window * windowNanos);
            long last = (window + 1) * windowNanos - 1;
            if (needed <= elapsed(oldest, begin)) {
                return begin - nowNanos;
            }
            if (needed <= elapsed(oldest, last)) {
                return oldest * windowNanos + needed - nowNanos;
            }
        }
    }

    private void advance(long nowNanos) {
        long now = Math.floorDiv(nowNanos, windowNanos);
        if (now - newest >= bytes.length) {
            Arrays.fill(bytes, 0);
            total = 0;
            newest = now;
        }
        while (newest < now) {
            newest++;
            total -= bytes[slot(newest)];
            bytes[slot(newest)] = 0;
        }
    }

    /** Number of the first window that counts while {@code window} is being filled. */
    private long oldest(long window) {
        return Math.max(first, window - bytes.length + 1);
    }

    private long elapsed(long oldest, long nowNanos) {
        return Math.max(windowNanos, nowNanos - oldest * windowNanos);
    }

    private int slot(long window) {
        return (int) Math.floorMod(window, (long) bytes.length);
    }
}
