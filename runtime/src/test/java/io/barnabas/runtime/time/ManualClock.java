package io.barnabas.runtime.time;

/** A clock that stands still until it is told. */
public final class ManualClock implements Clock {
    private volatile long epochMillis = 1_700_000_000_000L;
    private volatile long nanos = 1_000_000_000L;

    @Override
    public long epochMillis() {
        return epochMillis;
    }

    @Override
    public long nanoTime() {
        return nanos;
    }

    /** Both faces go on. */
    public synchronized void advanceMillis(long millis) {
        epochMillis += millis;
        nanos += millis * 1_000_000L;
    }

    /** The wall clock jumps, the monotonic one does not. */
    public synchronized void setEpochMillis(long millis) {
        epochMillis = millis;
    }
}
