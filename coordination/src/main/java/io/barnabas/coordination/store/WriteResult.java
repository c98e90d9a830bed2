package io.barnabas.coordination.store;

/** What became of a compare-and-set. */
public sealed interface WriteResult {
    /** @param version of what is stored now */
    record Stored(int version) implements WriteResult {}

    /** Somebody else has written, created or removed it: read anew, decide anew. Nothing was written. */
    record Conflict() implements WriteResult {}

    /** Another controller was elected: nothing was written, and nothing will be in this term. */
    record Fenced() implements WriteResult {}

    static WriteResult stored(int version) {
        return new Stored(version);
    }

    static WriteResult conflict() {
        return new Conflict();
    }

    static WriteResult fenced() {
        return new Fenced();
    }
}
