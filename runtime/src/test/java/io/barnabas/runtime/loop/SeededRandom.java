package io.barnabas.runtime.loop;

import java.util.Random;

/**
 * Chance that can be repeated. The seed comes from {@code -Dbarnabas.seed=N}, or anew from the clock; {@link #toString()}
 * says how to run the same again, for the description of a failing assertion.
 */
public final class SeededRandom extends Random {
    private static final long serialVersionUID = 1L;

    private final long seed;

    public SeededRandom(long seed) {
        super(seed);
        this.seed = seed;
    }

    /** The seed of the system property if it is set, else a fresh one. */
    public static SeededRandom fresh() {
        Long given = Long.getLong("barnabas.seed");
        return new SeededRandom(given != null ? given : System.nanoTime());
    }

    public long seed() {
        return seed;
    }

    @Override
    public String toString() {
        return "seed " + seed + " (repeat with -Dbarnabas.seed=" + seed + ")";
    }
}
