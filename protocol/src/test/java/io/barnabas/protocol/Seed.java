package io.barnabas.protocol;

/** The seed of this run: {@code -Dbarnabas.seed=N}, or anew from the clock. */
public final class Seed {
    public static final long OF_RUN = Long.getLong("barnabas.seed", System.nanoTime());

    private Seed() {}

    /** A seed for one case, and the words for its failure. */
    public static long of(String name, int number) {
        return OF_RUN + 31L * name.hashCode() + number;
    }

    public static String repeat() {
        return "repeat with -Dbarnabas.seed=" + OF_RUN;
    }
}
