package io.barnabas.log.compaction;

/** How fast a cleaning may go, and whether it may go on at all. */
@FunctionalInterface
public interface CleaningPace {
    /**
     * Called with every stretch that was read or written; holds the caller up if that was too much in too short a time.
     *
     * @throws CleaningStoppedException if the cleaning has to end
     */
    void onBytes(int bytes);
}
