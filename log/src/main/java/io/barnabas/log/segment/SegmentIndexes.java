package io.barnabas.log.segment;

import io.barnabas.log.storage.Storage;
import io.barnabas.log.storage.StoredFile;
import java.nio.file.Path;
import java.util.List;
import java.util.function.Supplier;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * The indexes of one segment. While it is written they are in memory and grow with it; of an older one they are loaded when
 * first asked, and built anew from the batches if they turn out to be corrupt.
 */
final class SegmentIndexes {
    private static final Logger LOG = LoggerFactory.getLogger(SegmentIndexes.class);

    /** Kafka's default; any other makes indexes as right. */
    private static final int USUAL_INTERVAL_BYTES = 4096;

    private final LogSegment segment;
    private final Storage storage;
    private final OffsetIndex offsets;
    private final TimeIndex times;
    private final TransactionIndex transactions;
    private int bytesSinceEntry;

    /** @param suffix of the files' names, behind what they are named usually */
    SegmentIndexes(LogSegment segment, Storage storage, Path directory, String suffix) {
        this.segment = segment;
        this.storage = storage;
        long baseOffset = segment.baseOffset();
        this.offsets = new OffsetIndex(
                storage.file(SegmentFiles.of(directory, baseOffset, SegmentFiles.OFFSET_INDEX + suffix), true),
                baseOffset);
        this.times = new TimeIndex(
                storage.file(SegmentFiles.of(directory, baseOffset, SegmentFiles.TIME_INDEX + suffix), true),
                baseOffset);
        this.transactions = new TransactionIndex(
                storage,
                storage.file(SegmentFiles.of(directory, baseOffset, SegmentFiles.TRANSACTION_INDEX + suffix), true));
    }

    TransactionIndex transactions() {
        return transactions;
    }

    List<StoredFile> files() {
        return List.of(offsets.file(), times.file(), transactions.file());
    }

    // ---- while the segment is written ------------------------------------------------------------------------------

    void startEmpty() {
        offsets.startEmpty();
        times.startEmpty();
        transactions.startEmpty();
    }

    /** Forgets everything, also what the files hold. */
    void reset() {
        offsets.reset();
        times.reset();
        transactions.reset();
        bytesSinceEntry = 0;
    }

    /**
     * Takes offset and time index into memory.
     *
     * @return false if one is corrupt
     */
    boolean open() {
        try {
            offsets.open(segment.sizeBytes());
            times.open(Long.MAX_VALUE);
            return true;
        } catch (IndexCorruptException corrupt) {
            LOG.atWarn()
                    .addKeyValue("cause", corrupt.getMessage())
                    .log("an index is corrupt, the segment is recovered");
            return false;
        }
    }

    /**
     * A batch was appended.
     *
     * @param maxTimestamp         the greatest of the segment, with this batch
     * @param offsetOfMaxTimestamp last offset of the batch that has it
     */
    void onBatch(
            int position, int bytes, long lastOffset, long maxTimestamp, long offsetOfMaxTimestamp, int intervalBytes) {
        if (bytesSinceEntry > intervalBytes) {
            offsets.append(lastOffset, position);
            times.append(maxTimestamp, offsetOfMaxTimestamp);
            bytesSinceEntry = 0;
        }
        bytesSinceEntry += bytes;
    }

    int offsetEntries() {
        return offsets.liveCount();
    }

    int timeEntries() {
        return times.liveCount();
    }

    /**
     * Adds the last entry of the time index.
     *
     * @return whether it was missing
     */
    boolean seal(long maxTimestamp, long offsetOfMaxTimestamp) {
        int entries = times.liveCount();
        times.append(maxTimestamp, offsetOfMaxTimestamp);
        return times.liveCount() != entries;
    }

    /** Drops entries of offsets from {@code offset} on, except aborted transactions. */
    void truncateTo(long offset) {
        offsets.truncateTo(offset);
        times.truncateTo(offset);
    }

    /** Timestamp of the last entry of the time index, -1 if there is none. Only while it is in memory. */
    long lastTimestamp() {
        return times.lastTimestamp(Long.MAX_VALUE);
    }

    /** Offset of the last entry of the time index, -1 if there is none. Only while it is in memory. */
    long offsetOfLastTimestamp() {
        return times.lastOffset(Long.MAX_VALUE);
    }

    /** Position of the last batch that the offset index tells of, 0 if there is none. */
    int lastPosition() {
        return offsets.lastPosition(segment.sizeBytes());
    }

    /** The segment's end is known: the next entry is due so many bytes after the last. */
    void onEndFound() {
        bytesSinceEntry = segment.sizeBytes() - lastPosition();
    }

    // ---- looking up ------------------------------------------------------------------------------------------------

    /** Where to begin reading in search of {@code offset}: a batch that begins at or before it. */
    int positionBefore(long offset) {
        return rebuiltIfCorrupt(() -> offsets.positionBefore(offset, segment.sizeBytes()));
    }

    /** An offset before which no record of the segment is as late as {@code timestamp}. */
    long offsetBefore(long timestamp) {
        return rebuiltIfCorrupt(() -> times.offsetBefore(timestamp, segment.nextOffset()));
    }

    /** The greatest timestamp that the time index tells of, -1 if none. */
    long greatestTimestamp() {
        return rebuiltIfCorrupt(() -> times.lastTimestamp(segment.nextOffset()));
    }

    /** Last offset of the batch that has {@link #greatestTimestamp()}, -1 if none. */
    long offsetOfGreatestTimestamp() {
        return rebuiltIfCorrupt(() -> times.lastOffset(segment.nextOffset()));
    }

    boolean hasSoundTransactions() {
        try {
            transactions.entries();
            return true;
        } catch (IndexCorruptException corrupt) {
            LOG.atWarn().addKeyValue("cause", corrupt.getMessage()).log("a transaction index is corrupt");
            return false;
        }
    }

    // ---- building anew ---------------------------------------------------------------------------------------------

    private <T> T rebuiltIfCorrupt(Supplier<T> lookup) {
        try {
            return lookup.get();
        } catch (IndexCorruptException corrupt) {
            LOG.atWarn().addKeyValue("cause", corrupt.getMessage()).log("rebuilding the indexes of a segment");
            rebuild();
            return lookup.get();
        }
    }

    void rebuildIfMissing(int intervalBytes) {
        if (segment.sizeBytes() > 0
                && (!storage.exists(offsets.file().path())
                        || !storage.exists(times.file().path()))) {
            rebuild(intervalBytes);
        }
    }

    void rebuild() {
        rebuild(USUAL_INTERVAL_BYTES);
    }

    /** Builds offset and time index anew from the batches, which are taken to be sound. */
    private synchronized void rebuild(int intervalBytes) {
        Rebuilt rebuilt = new Rebuilt(intervalBytes);
        BatchScanner batches = new BatchScanner(segment.log(), 0, segment.sizeBytes());
        offsets.reset();
        times.reset();
        while (batches.next()) {
            rebuilt.onBatch(batches.position(), batches.sizeInBytes(), batches.lastOffset(), batches.maxTimestamp());
        }
        times.append(rebuilt.maxTimestamp, rebuilt.offsetOfMaxTimestamp);
        offsets.persist();
        times.persist();
        if (!segment.isWritable()) {
            release();
        }
    }

    /** Feeds the indexes as appends do. */
    private final class Rebuilt {
        private final int interval;
        private long maxTimestamp = -1;
        private long offsetOfMaxTimestamp = -1;
        private int bytesSinceEntry;

        Rebuilt(int interval) {
            this.interval = interval;
        }

        void onBatch(int position, int bytes, long lastOffset, long timestamp) {
            if (timestamp > maxTimestamp) {
                maxTimestamp = timestamp;
                offsetOfMaxTimestamp = lastOffset;
            }
            if (bytesSinceEntry > interval) {
                offsets.append(lastOffset, position);
                times.append(maxTimestamp, offsetOfMaxTimestamp);
                bytesSinceEntry = 0;
            }
            bytesSinceEntry += bytes;
        }
    }

    // ---- durability and memory -------------------------------------------------------------------------------------

    void persistAndSync() {
        offsets.persist();
        times.persist();
        transactions.persist();
        offsets.file().sync();
        times.file().sync();
        if (transactions.hasFile()) {
            transactions.file().sync();
        }
    }

    /** All is on disk and the segment is written no more: memory may take offset and time index back. */
    void release() {
        offsets.release();
        times.release();
    }
}
