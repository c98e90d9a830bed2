package io.barnabas.log.compaction;

/** What a cleaning has seen and done so far. For one thread. */
public final class CleaningTally {
    long bytesRead;
    long bytesWritten;
    long recordsRead;
    long recordsKept;

    /** Of the segments that were cleaned, and of the reading of their keys before. */
    public long bytesRead() {
        return bytesRead;
    }

    public long bytesWritten() {
        return bytesWritten;
    }

    /** While cleaning, not while reading keys. */
    public long recordsRead() {
        return recordsRead;
    }

    public long recordsKept() {
        return recordsKept;
    }
}
