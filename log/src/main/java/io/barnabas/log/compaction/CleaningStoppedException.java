package io.barnabas.log.compaction;

/** A cleaning has to end before it is through: the log changes under it, goes away, or the broker stops. Nothing is wrong. */
public final class CleaningStoppedException extends RuntimeException {
    private static final long serialVersionUID = 1L;

    public CleaningStoppedException(String why) {
        super(why, null, false, false);
    }
}
