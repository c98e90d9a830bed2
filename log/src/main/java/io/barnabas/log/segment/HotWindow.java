package io.barnabas.log.segment;

import java.util.concurrent.atomic.AtomicLong;

/** Counts the bytes that a log directory has moved, and says how many of the last ones the page cache is taken to hold. */
public final class HotWindow {
    private final AtomicLong moved = new AtomicLong(1);
    private final long budgetBytes;

    public HotWindow(long budgetBytes) {
        this.budgetBytes = budgetBytes;
    }

    long add(int bytes) {
        return moved.addAndGet(bytes);
    }

    long count() {
        return moved.get();
    }

    long budget() {
        return budgetBytes;
    }
}
