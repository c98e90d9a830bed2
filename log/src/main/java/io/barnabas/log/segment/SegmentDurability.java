package io.barnabas.log.segment;

import io.barnabas.log.storage.StorageException;

/** How much of one segment is on disk for good: its batches, its indexes, the names of its files. */
final class SegmentDurability {
    private final LogSegment segment;
    private final SegmentIndexes indexes;

    /** Bytes of the log file that an fsync has covered. */
    private volatile int syncedBytes;

    /** What {@link #flush()} has covered: log and indexes. */
    private volatile int flushedBytes = -1;

    /** An index got an entry that the bytes of the log do not tell of: {@link #flush()} has to look again. */
    private volatile boolean indexesChanged;

    private volatile boolean nameDurable;

    SegmentDurability(LogSegment segment, SegmentIndexes indexes) {
        this.segment = segment;
        this.indexes = indexes;
    }

    /** All that was found is taken to be durable. */
    void onFoundDurable() {
        syncedBytes = segment.sizeBytes();
        flushedBytes = segment.sizeBytes();
        nameDurable = true;
    }

    void onRecoveryBegins() {
        onTruncated();
        nameDurable = false;
    }

    /** The cut itself is to be synced, or the power loss undoes it. */
    void onTruncated() {
        syncedBytes = -1;
        flushedBytes = -1;
    }

    void onIndexChanged() {
        indexesChanged = true;
    }

    boolean hasUnflushedBytes() {
        return flushedBytes < segment.sizeBytes() || indexesChanged || !nameDurable;
    }

    void syncLog() {
        int size = segment.sizeBytes();
        if (syncedBytes < size && !segment.isDeleted()) {
            try {
                segment.log().sync();
                syncedBytes = size;
            } catch (StorageException failed) {
                throwUnlessDeleted(failed);
            }
        }
    }

    void flush() {
        int size = segment.sizeBytes();
        syncLog();
        if ((flushedBytes < size || indexesChanged) && !segment.isDeleted()) {
            try {
                // before they are written: what comes while they are is for the next flush
                indexesChanged = false;
                indexes.persistAndSync();
                flushedBytes = size;
            } catch (StorageException failed) {
                throwUnlessDeleted(failed);
            }
        }
    }

    /** What retention took away meanwhile needs no durability. */
    private void throwUnlessDeleted(StorageException failed) {
        if (!segment.isDeleted()) {
            throw failed;
        }
    }

    void onNamesDurable() {
        nameDurable = true;
    }

    boolean isNameDurable() {
        return nameDurable;
    }
}
