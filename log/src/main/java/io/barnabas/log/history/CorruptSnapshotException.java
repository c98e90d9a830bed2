package io.barnabas.log.history;

/** A snapshot of producers is cut, garbled or of an unknown version: to be ignored, and an older one used. */
public final class CorruptSnapshotException extends Exception {
    private static final long serialVersionUID = 1L;

    public CorruptSnapshotException(String message) {
        super(message);
    }
}
