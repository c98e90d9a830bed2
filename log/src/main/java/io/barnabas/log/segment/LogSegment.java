package io.barnabas.log.segment;

import io.barnabas.log.history.AbortedTransaction;
import io.barnabas.log.storage.Storage;
import io.barnabas.log.storage.StorageException;
import io.barnabas.log.storage.StoredFile;
import java.nio.ByteBuffer;
import java.nio.file.Path;
import java.util.List;
import java.util.function.Supplier;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * The batches of a log from {@link #baseOffset()} on, up to where the next segment begins. The owner of the log appends and
 * truncates, one thread at a time; any thread reads what was published before ({@link #sizeBytes()}).
 *
 * <p>An append is one positional write. Index entries stay in memory until {@link #flush()}.
 */
public final class LogSegment {
    public static final int OFFSET_INDEX_ENTRY_BYTES = OffsetIndex.ENTRY_BYTES;
    public static final int TIME_INDEX_ENTRY_BYTES = TimeIndex.ENTRY_BYTES;

    /** Offsets in a segment lie at most this far above its base: the indexes have 32 bits for it. */
    public static final int MAX_OFFSET_SPAN = Integer.MAX_VALUE;

    private static final Logger LOG = LoggerFactory.getLogger(LogSegment.class);
    private static final long UNKNOWN = Long.MIN_VALUE;

    /** Kafka's default; any other makes indexes as right. */
    private static final int USUAL_INDEX_INTERVAL_BYTES = 4096;

    private final Storage storage;
    private final long baseOffset;
    private final StoredFile log;
    private final OffsetIndex offsetIndex;
    private final TimeIndex timeIndex;
    private final TransactionIndex transactionIndex;
    private final RecentBatches recent = new RecentBatches();
    private final PageHeat heat;

    /** Bytes of whole batches; written after them. */
    private volatile int sizeBytes;

    /** The offset after the last batch; exact while the segment is written, an upper bound for an older one. */
    private volatile long nextOffset;

    private volatile boolean writable;
    private volatile long maxTimestamp = UNKNOWN;
    private volatile long offsetOfMaxTimestamp = -1;
    private volatile long firstTimestamp = UNKNOWN;
    private int bytesSinceIndexEntry;

    /** Bytes of the log file that an fsync has covered. */
    private volatile int syncedBytes;

    /** What {@link #flush()} has covered: log and indexes. */
    private volatile int flushedBytes = -1;

    /** An index got an entry that the bytes of the log do not tell of: {@link #flush()} has to look again. */
    private volatile boolean indexesChanged;

    private volatile boolean nameDurable;
    private volatile boolean deleted;

    private LogSegment(Storage storage, Path directory, long baseOffset, HotWindow window) {
        this.storage = storage;
        this.baseOffset = baseOffset;
        this.nextOffset = baseOffset;
        this.log = storage.file(SegmentFiles.of(directory, baseOffset, SegmentFiles.LOG), true);
        this.offsetIndex = new OffsetIndex(
                storage.file(SegmentFiles.of(directory, baseOffset, SegmentFiles.OFFSET_INDEX), true), baseOffset);
        this.timeIndex = new TimeIndex(
                storage.file(SegmentFiles.of(directory, baseOffset, SegmentFiles.TIME_INDEX), true), baseOffset);
        this.transactionIndex = new TransactionIndex(
                storage, storage.file(SegmentFiles.of(directory, baseOffset, SegmentFiles.TRANSACTION_INDEX), true));
        this.heat = new PageHeat(window);
    }

    /** A new, empty segment, ready for appends. Creates its log file, without any fsync. */
    public static LogSegment create(Storage storage, Path directory, long baseOffset, HotWindow window) {
        LogSegment segment = new LogSegment(storage, directory, baseOffset, window);
        segment.log.truncate(0);
        segment.offsetIndex.startEmpty();
        segment.timeIndex.startEmpty();
        segment.transactionIndex.startEmpty();
        segment.maxTimestamp = -1;
        segment.writable = true;
        return segment;
    }

    /**
     * A segment found on disk, taken to be whole and durable: recovered, or written before the recovery point.
     *
     * @param nextOffset where the next segment begins, or any bound above the offsets in this one
     */
    public static LogSegment existing(
            Storage storage, Path directory, long baseOffset, long nextOffset, HotWindow window) {
        LogSegment segment = new LogSegment(storage, directory, baseOffset, window);
        long size = storage.sizeBytes(segment.log.path());
        if (size > Integer.MAX_VALUE) {
            throw new StorageException(segment.log.path() + " has " + size + " bytes; a segment has at most 2 GiB");
        }
        segment.sizeBytes = (int) size;
        segment.nextOffset = nextOffset;
        segment.syncedBytes = (int) size;
        segment.flushedBytes = (int) size;
        segment.nameDurable = true;
        return segment;
    }

    public long baseOffset() {
        return baseOffset;
    }

    public int sizeBytes() {
        return sizeBytes;
    }

    public long nextOffset() {
        return nextOffset;
    }

    /** The file of batches; it is pinned by whoever reads for longer. */
    public StoredFile log() {
        return log;
    }

    public boolean isEmpty() {
        return sizeBytes == 0;
    }

    // ---- appending -------------------------------------------------------------------------------------------------

    /**
     * Appends one batch, already stamped.
     *
     * @param indexIntervalBytes an index entry follows when more than this was written since the last
     * @throws StorageException if it could not be written whole; the segment is as before, as far as that can be had
     */
    public void append(
            ByteBuffer batch, long firstOffset, long lastOffset, long batchTimestamp, int indexIntervalBytes) {
        int position = sizeBytes;
        int bytes = batch.remaining();
        writeWhole(batch, position);
        if (batchTimestamp > maxTimestamp) {
            maxTimestamp = batchTimestamp;
            offsetOfMaxTimestamp = lastOffset;
        }
        if (position == 0) {
            firstTimestamp = batchTimestamp;
        }
        noteForIndexes(position, bytes, lastOffset, indexIntervalBytes);
        recent.add(firstOffset, lastOffset, position, bytes);
        heat.onUse(position, bytes, true);
        nextOffset = lastOffset + 1;
        sizeBytes = position + bytes;
    }

    /** An aborted transaction whose marker was just appended. */
    public void appendAborted(AbortedTransaction aborted) {
        transactionIndex.append(aborted);
        indexesChanged = true;
    }

    private void writeWhole(ByteBuffer batch, int position) {
        try {
            log.write(batch.duplicate(), position);
        } catch (StorageException failed) {
            try {
                log.truncate(position);
            } catch (StorageException alsoFailed) {
                failed.addSuppressed(alsoFailed);
            }
            throw failed;
        }
    }

    private void noteForIndexes(int position, int bytes, long lastOffset, int indexIntervalBytes) {
        if (bytesSinceIndexEntry > indexIntervalBytes) {
            offsetIndex.append(lastOffset, position);
            timeIndex.append(maxTimestamp, offsetOfMaxTimestamp);
            bytesSinceIndexEntry = 0;
        }
        bytesSinceIndexEntry += bytes;
    }

    /** Entries of the offset index; only while the segment is written. */
    public int offsetIndexEntries() {
        return offsetIndex.liveCount();
    }

    /** Entries of the time index; only while the segment is written. */
    public int timeIndexEntries() {
        return timeIndex.liveCount();
    }

    /** The segment is written no more: its time index gets its last entry. */
    public void seal() {
        if (writable) {
            int entries = timeIndex.liveCount();
            timeIndex.append(maxTimestamp, offsetOfMaxTimestamp);
            if (timeIndex.liveCount() != entries) {
                indexesChanged = true;
            }
        }
    }

    /**
     * Completes the time index of a segment found on disk, whose last entry may be missing.
     *
     * @return false if its end is no whole batch, or an index is corrupt; it has to be recovered
     */
    public boolean sealAgain() {
        if (!openForAppends()) {
            return false;
        }
        seal();
        return true;
    }

    /**
     * Makes a segment found on disk ready for appends: finds its end behind the last index entry.
     *
     * @return false if its end is no whole batch; it has to be recovered
     */
    public boolean openForAppends() {
        try {
            offsetIndex.open(sizeBytes);
            timeIndex.open(Long.MAX_VALUE);
        } catch (IndexCorruptException corrupt) {
            LOG.atWarn()
                    .addKeyValue("cause", corrupt.getMessage())
                    .log("an index is corrupt, the segment is recovered");
            return false;
        }
        maxTimestamp = timeIndex.lastTimestamp(Long.MAX_VALUE);
        // an empty time index says nothing: then every batch is asked
        int position = maxTimestamp < 0 ? 0 : offsetIndex.lastPosition(sizeBytes);
        long end = baseOffset;
        offsetOfMaxTimestamp = timeIndex.lastOffset(Long.MAX_VALUE);
        BatchScanner batches = new BatchScanner(log, position, sizeBytes);
        while (batches.next()) {
            end = batches.lastOffset() + 1;
            recent.add(batches.baseOffset(), batches.lastOffset(), batches.position(), batches.sizeInBytes());
            if (batches.maxTimestamp() > maxTimestamp) {
                maxTimestamp = batches.maxTimestamp();
                offsetOfMaxTimestamp = batches.lastOffset();
            }
        }
        if (batches.isBroken() || timeIndex.lastOffset(Long.MAX_VALUE) >= end) {
            return false;
        }
        bytesSinceIndexEntry = sizeBytes - offsetIndex.lastPosition(sizeBytes);
        nextOffset = end;
        writable = true;
        return true;
    }

    // ---- reading ---------------------------------------------------------------------------------------------------

    /**
     * The first batch whose last offset is at or above {@code offset}.
     *
     * @param endPosition bytes that are published; no batch from there on is looked at
     * @return null if there is none before {@code endPosition}
     */
    public BatchPlace find(long offset, int endPosition) {
        BatchPlace place = recent.find(offset);
        if (place != null) {
            return place.positionBytes() < endPosition ? place : null;
        }
        int from = withIndexes(() -> offsetIndex.positionBefore(offset, sizeBytes));
        BatchScanner batches = new BatchScanner(log, Math.min(from, endPosition), endPosition);
        while (batches.next()) {
            if (batches.lastOffset() >= offset) {
                return new BatchPlace(batches.baseOffset(), batches.position(), batches.sizeInBytes());
            }
        }
        if (batches.isBroken() && !deleted && endPosition <= sizeBytes) {
            throw new StorageException(log.path() + " holds no whole batch at position " + batches.nextPosition());
        }
        return null;
    }

    /** Whether a read of this stretch most likely needs no disk. */
    public boolean isHot(int positionBytes, int count) {
        return heat.isHot(positionBytes, count);
    }

    public void markHot(int positionBytes, int count) {
        heat.onUse(positionBytes, count, true);
    }

    /** The whole batch at a place. */
    public ByteBuffer read(int positionBytes, int count) {
        ByteBuffer batch = ByteBuffer.allocate(count);
        log.read(batch, positionBytes);
        return batch.flip();
    }

    /** A walk over the headers of the batches from the one that may hold {@code offset} on. */
    public BatchScanner scanFrom(long offset, int endPosition) {
        int from = withIndexes(() -> offsetIndex.positionBefore(offset, sizeBytes));
        return new BatchScanner(log, Math.min(from, endPosition), endPosition);
    }

    /** An offset before which no record of the segment is as late as {@code timestamp}. */
    public long offsetBefore(long timestamp) {
        return withIndexes(() -> timeIndex.offsetBefore(timestamp, nextOffset));
    }

    /** The greatest timestamp in the segment, -1 if its records have none. */
    public long largestTimestamp() {
        long known = maxTimestamp;
        if (known == UNKNOWN) {
            known = withIndexes(() -> timeIndex.lastTimestamp(nextOffset));
            long offset = withIndexes(() -> timeIndex.lastOffset(nextOffset));
            if (known < 0) {
                // an empty index says nothing: it may have been zeroed
                BatchScanner batches = new BatchScanner(log, 0, sizeBytes);
                while (batches.next()) {
                    if (batches.maxTimestamp() > known) {
                        known = batches.maxTimestamp();
                        offset = batches.lastOffset();
                    }
                }
            }
            offsetOfMaxTimestamp = offset;
            maxTimestamp = known;
        }
        return known;
    }

    /** Last offset of the batch that has {@link #largestTimestamp()}; -1 if none has. */
    public long offsetOfLargestTimestamp() {
        largestTimestamp();
        return offsetOfMaxTimestamp;
    }

    /** The greatest timestamp of the first batch; -1 if it has none or there is no batch. */
    public long firstTimestamp() {
        long known = firstTimestamp;
        if (known == UNKNOWN) {
            BatchScanner batches = new BatchScanner(log, 0, sizeBytes);
            if (!batches.next()) {
                return -1;
            }
            known = batches.maxTimestamp();
            firstTimestamp = known;
        }
        return known;
    }

    /** When the file was last written, by the wall clock. */
    public long lastModifiedMillis() {
        return storage.lastModifiedMillis(log.path());
    }

    /** Adds the aborted transactions of this segment that overlap the range. */
    public void collectAborted(long from, long to, List<AbortedTransaction> into) {
        transactionIndex.collect(from, to, into);
    }

    /** Whether aborts in later segments cannot reach back below {@code to}. */
    public boolean endsAbortedSearch(long to) {
        return transactionIndex.endsSearch(to);
    }

    /** Builds offset and time index if one of their files is missing. */
    public void rebuildMissingIndexes(int indexIntervalBytes) {
        if (sizeBytes > 0
                && (!storage.exists(offsetIndex.file().path())
                        || !storage.exists(timeIndex.file().path()))) {
            rebuildIndexes(indexIntervalBytes);
        }
    }

    /** Whether the transaction index can be read. */
    public boolean hasSoundTransactionIndex() {
        try {
            transactionIndex.entries();
            return true;
        } catch (IndexCorruptException corrupt) {
            LOG.atWarn().addKeyValue("cause", corrupt.getMessage()).log("a transaction index is corrupt");
            return false;
        }
    }

    private <T> T withIndexes(Supplier<T> lookup) {
        try {
            return lookup.get();
        } catch (IndexCorruptException corrupt) {
            LOG.atWarn().addKeyValue("cause", corrupt.getMessage()).log("rebuilding the indexes of a segment");
            rebuildIndexes(USUAL_INDEX_INTERVAL_BYTES);
            return lookup.get();
        }
    }

    /** Builds offset and time index anew from the batches, which are taken to be sound. */
    private synchronized void rebuildIndexes(int indexIntervalBytes) {
        RebuiltIndexes rebuilt = new RebuiltIndexes(indexIntervalBytes);
        BatchScanner batches = new BatchScanner(log, 0, sizeBytes);
        offsetIndex.reset();
        timeIndex.reset();
        while (batches.next()) {
            rebuilt.onBatch(batches.position(), batches.sizeInBytes(), batches.lastOffset(), batches.maxTimestamp());
        }
        timeIndex.append(rebuilt.maxTimestamp, rebuilt.offsetOfMaxTimestamp);
        offsetIndex.persist();
        timeIndex.persist();
        if (!writable) {
            offsetIndex.release();
            timeIndex.release();
        }
    }

    /** Feeds the indexes as appends do. */
    private final class RebuiltIndexes {
        private final int interval;
        private long maxTimestamp = -1;
        private long offsetOfMaxTimestamp = -1;
        private int bytesSinceEntry;

        RebuiltIndexes(int interval) {
            this.interval = interval;
        }

        void onBatch(int position, int bytes, long lastOffset, long timestamp) {
            if (timestamp > maxTimestamp) {
                maxTimestamp = timestamp;
                offsetOfMaxTimestamp = lastOffset;
            }
            if (bytesSinceEntry > interval) {
                offsetIndex.append(lastOffset, position);
                timeIndex.append(maxTimestamp, offsetOfMaxTimestamp);
                bytesSinceEntry = 0;
            }
            bytesSinceEntry += bytes;
        }
    }

    // ---- recovery and truncation -----------------------------------------------------------------------------------

    /** Recovery begins: indexes are empty, the segment seems to have no bytes. */
    void beginRecovery() {
        offsetIndex.reset();
        timeIndex.reset();
        transactionIndex.reset();
        recent.clear();
        sizeBytes = 0;
        nextOffset = baseOffset;
        maxTimestamp = -1;
        offsetOfMaxTimestamp = -1;
        firstTimestamp = UNKNOWN;
        bytesSinceIndexEntry = 0;
        syncedBytes = -1;
        flushedBytes = -1;
        nameDurable = false;
        writable = true;
    }

    /** Recovery found a sound batch behind the ones before. */
    void onRecovered(
            int position, int bytes, long firstOffset, long lastOffset, long timestamp, int indexIntervalBytes) {
        if (timestamp > maxTimestamp) {
            maxTimestamp = timestamp;
            offsetOfMaxTimestamp = lastOffset;
        }
        if (position == 0) {
            firstTimestamp = timestamp;
        }
        noteForIndexes(position, bytes, lastOffset, indexIntervalBytes);
        recent.add(firstOffset, lastOffset, position, bytes);
        nextOffset = lastOffset + 1;
        sizeBytes = position + bytes;
    }

    /**
     * Drops all batches that hold offsets at or above {@code offset}; the segment is ready for appends then.
     *
     * @return bytes dropped
     */
    public int truncateTo(long offset) {
        if (!writable && !openForAppends()) {
            rebuildIndexes(USUAL_INDEX_INTERVAL_BYTES);
            if (!openForAppends()) {
                throw new StorageException(log.path() + " is not sound and cannot be truncated to " + offset);
            }
        }
        BatchPlace place = find(offset, sizeBytes);
        // what lies behind the cut must not be found by readers any more before it is gone
        int kept = place == null ? sizeBytes : place.positionBytes();
        int dropped = sizeBytes - kept;
        if (dropped > 0) {
            recent.clear();
            sizeBytes = kept;
            offsetIndex.truncateTo(place.baseOffset());
            timeIndex.truncateTo(place.baseOffset());
            log.truncate(kept);
            // the cut itself is to be synced, or the power loss undoes it
            syncedBytes = -1;
            flushedBytes = -1;
            findEndAgain();
        }
        transactionIndex.truncateTo(offset);
        return dropped;
    }

    private void findEndAgain() {
        maxTimestamp = timeIndex.lastTimestamp(nextOffset);
        int position = maxTimestamp < 0 ? 0 : offsetIndex.lastPosition(sizeBytes);
        offsetOfMaxTimestamp = timeIndex.lastOffset(nextOffset);
        long end = baseOffset;
        BatchScanner batches = new BatchScanner(log, position, sizeBytes);
        while (batches.next()) {
            end = batches.lastOffset() + 1;
            if (batches.maxTimestamp() > maxTimestamp) {
                maxTimestamp = batches.maxTimestamp();
                offsetOfMaxTimestamp = batches.lastOffset();
            }
        }
        bytesSinceIndexEntry = sizeBytes - offsetIndex.lastPosition(sizeBytes);
        firstTimestamp = UNKNOWN;
        nextOffset = end;
    }

    // ---- durability ------------------------------------------------------------------------------------------------

    /** Whether an fsync is missing on bytes written so far. */
    public boolean hasUnsyncedBytes() {
        return syncedBytes < sizeBytes || !nameDurable;
    }

    public boolean hasUnflushedBytes() {
        return flushedBytes < sizeBytes || indexesChanged || !nameDurable;
    }

    /** Makes the batches written so far durable, not the indexes, nor the file's name. */
    public void syncLog() {
        int size = sizeBytes;
        if (syncedBytes < size && !deleted) {
            try {
                log.sync();
                syncedBytes = size;
            } catch (StorageException failed) {
                throwUnlessDeleted(failed);
            }
        }
    }

    /** Makes batches and indexes durable, not the files' names. */
    public void flush() {
        int size = sizeBytes;
        syncLog();
        if ((flushedBytes < size || indexesChanged) && !deleted) {
            try {
                // before they are written: what comes while they are is for the next flush
                indexesChanged = false;
                persistAndSyncIndexes();
                flushedBytes = size;
            } catch (StorageException failed) {
                throwUnlessDeleted(failed);
            }
        }
    }

    private void persistAndSyncIndexes() {
        offsetIndex.persist();
        timeIndex.persist();
        transactionIndex.persist();
        offsetIndex.file().sync();
        timeIndex.file().sync();
        if (transactionIndex.hasFile()) {
            transactionIndex.file().sync();
        }
    }

    /** What retention took away meanwhile needs no durability. */
    private void throwUnlessDeleted(StorageException failed) {
        if (!deleted) {
            throw failed;
        }
    }

    /** The directory was synced after the files were created. */
    public void onNamesDurable() {
        nameDurable = true;
    }

    public boolean isNameDurable() {
        return nameDurable;
    }

    /** After a flush of a segment that is written no more: memory may let its indexes go. */
    public void releaseMemory() {
        writable = false;
        offsetIndex.release();
        timeIndex.release();
        recent.clear();
    }

    // ---- the end ---------------------------------------------------------------------------------------------------

    /** Renames the files so that they are found to be garbage at the next start; readers go on. */
    public void markDeleted() {
        deleted = true;
        for (StoredFile file : files()) {
            if (storage.exists(file.path())) {
                file.renameTo(file.path().resolveSibling(file.path().getFileName() + SegmentFiles.DELETED));
            }
        }
    }

    /** Whether the files are gone, or about to go. */
    public boolean isDeleted() {
        return deleted;
    }

    /** Unlinks the files. */
    public void delete() {
        deleted = true;
        for (StoredFile file : files()) {
            file.delete();
        }
    }

    /** The partition's directory was renamed. */
    public void movedTo(Path directory) {
        for (StoredFile file : files()) {
            file.movedTo(directory.resolve(file.path().getFileName()));
        }
    }

    /** Lets the handles go; a later use opens them again. */
    public void close() {
        for (StoredFile file : files()) {
            file.close();
        }
    }

    private List<StoredFile> files() {
        return List.of(log, offsetIndex.file(), timeIndex.file(), transactionIndex.file());
    }

    @Override
    public String toString() {
        return "LogSegment(base " + baseOffset + ", " + sizeBytes + " bytes)";
    }
}
