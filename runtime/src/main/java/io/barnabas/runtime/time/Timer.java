package io.barnabas.runtime.time;

/** Something that is due later. */
public interface Timer {
    /** @return true if it will not run any more because of this call; false if it ran, runs, or was cancelled before */
    boolean cancel();
}
