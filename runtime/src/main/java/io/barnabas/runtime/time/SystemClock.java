package io.barnabas.runtime.time;

/** The machine's clock; nobody else asks the system for the time. */
enum SystemClock implements Clock {
    INSTANCE;

    @Override
    public long epochMillis() {
        return System.currentTimeMillis();
    }

    @Override
    public long nanoTime() {
        return System.nanoTime();
    }
}
