package io.barnabas.model;

/**
 * What must be true whatever the input was. Checks stay on in production; a broken one means that we are wrong, and only
 * the shell that owns the partition or machine catches it, to take that one thing offline rather than answer wrongly.
 */
public final class Invariant {
    private Invariant() {}

    public static void holds(boolean condition, String broken) {
        if (!condition) {
            throw new Broken(broken);
        }
    }

    /** The arguments are formatted only when the condition does not hold. */
    public static void holds(boolean condition, String format, Object... arguments) {
        if (!condition) {
            throw new Broken(String.format(format, arguments));
        }
    }

    /** For hot paths: no boxing, no array. The message shows both numbers. */
    public static void atMost(long lower, long upper, String rule) {
        if (lower > upper) {
            throw new Broken(rule + ": " + lower + " > " + upper);
        }
    }

    /** An invariant does not hold. */
    public static final class Broken extends Error {
        private static final long serialVersionUID = 1L;

        Broken(String message) {
            super(message);
        }
    }
}
