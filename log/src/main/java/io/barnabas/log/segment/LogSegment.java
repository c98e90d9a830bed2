package io.barnabas.log.segment;

import io.barnabas.log.batch.RecordBatchHeader;
import io.barnabas.log.history.AbortedTransaction;
import io.barnabas.log.storage.Storage;
import io.barnabas.log.storage.StorageException;
import io.barnabas.log.storage.StoredFile;
import java.nio.ByteBuffer;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;

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

    private static final long UNKNOWN = Long.MIN_VALUE;

    private final Storage storage;
    private final long baseOffset;
    private final StoredFile log;
    private final SegmentIndexes indexes;
    private final RecentBatches recent = new RecentBatches();
    private final PageHeat heat;
    private final SegmentDurability durability;

    /** Bytes of whole batches; written after them. */
    private volatile int sizeBytes;

    /** The offset after the last batch; exact while the segment is written, an upper bound for an older one. */
    private volatile long nextOffset;

    private volatile boolean writable;
    private volatile long maxTimestamp = UNKNOWN;
    private volatile long offsetOfMaxTimestamp = -1;
    private volatile long firstTimestamp = UNKNOWN;
    private volatile boolean deleted;

    private LogSegment(Storage storage, Path directory, long baseOffset, HotWindow window, String suffix) {
        this.storage = storage;
        this.baseOffset = baseOffset;
        this.nextOffset = baseOffset;
        this.log = storage.file(SegmentFiles.of(directory, baseOffset, SegmentFiles.LOG + suffix), true);
        this.indexes = new SegmentIndexes(this, storage, directory, suffix);
        this.heat = new PageHeat(window);
        this.durability = new SegmentDurability(this, indexes);
    }

    /** A new, empty segment, ready for appends. Creates its log file, without any fsync. */
    public static LogSegment create(Storage storage, Path directory, long baseOffset, HotWindow window) {
        return create(storage, directory, baseOffset, window, "");
    }

    /** The same under names that mean nothing to a log yet; {@link #toSwap()} and {@link #toPlain()} change that. */
    public static LogSegment createCleaned(Storage storage, Path directory, long baseOffset, HotWindow window) {
        return create(storage, directory, baseOffset, window, SegmentFiles.CLEANED);
    }

    private static LogSegment create(
            Storage storage, Path directory, long baseOffset, HotWindow window, String suffix) {
        LogSegment segment = new LogSegment(storage, directory, baseOffset, window, suffix);
        segment.log.truncate(0);
        segment.indexes.startEmpty();
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
        LogSegment segment = new LogSegment(storage, directory, baseOffset, window, "");
        long size = storage.sizeBytes(segment.log.path());
        if (size > Integer.MAX_VALUE) {
            throw new StorageException(segment.log.path() + " has " + size + " bytes; a segment has at most 2 GiB");
        }
        segment.sizeBytes = (int) size;
        segment.nextOffset = nextOffset;
        segment.durability.onFoundDurable();
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

    boolean isWritable() {
        return writable;
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
        heat.onUse(position, bytes, true);
        onBatch(position, bytes, firstOffset, lastOffset, batchTimestamp, indexIntervalBytes);
    }

    /** Appends several batches with one write, as {@link #append} does one: readers are expected soon. */
    public void appendFresh(ByteBuffer batches, int indexIntervalBytes) {
        int position = sizeBytes;
        appendAll(batches, indexIntervalBytes);
        heat.onUse(position, batches.remaining(), true);
    }

    /**
     * Appends several batches, one behind the other, with one write.
     *
     * @param batches sound, from position to limit
     */
    public void appendAll(ByteBuffer batches, int indexIntervalBytes) {
        int position = sizeBytes;
        Math.addExact(position, batches.remaining()); // a segment has at most 2 GiB
        writeWhole(batches, position);
        int at = batches.position();
        while (at < batches.limit()) {
            int size = (int) RecordBatchHeader.sizeInBytes(batches, at);
            onBatch(
                    position,
                    size,
                    RecordBatchHeader.baseOffset(batches, at),
                    RecordBatchHeader.lastOffset(batches, at),
                    RecordBatchHeader.maxTimestamp(batches, at),
                    indexIntervalBytes);
            position += size;
            at += size;
        }
    }

    /** A sound batch lies behind the ones before: it was written, or recovery found it. */
    void onBatch(int position, int bytes, long firstOffset, long lastOffset, long timestamp, int indexIntervalBytes) {
        if (timestamp > maxTimestamp) {
            maxTimestamp = timestamp;
            offsetOfMaxTimestamp = lastOffset;
        }
        if (position == 0) {
            firstTimestamp = timestamp;
        }
        indexes.onBatch(position, bytes, lastOffset, maxTimestamp, offsetOfMaxTimestamp, indexIntervalBytes);
        recent.add(firstOffset, lastOffset, position, bytes);
        nextOffset = lastOffset + 1;
        sizeBytes = position + bytes;
    }

    /** An aborted transaction whose marker was just appended. */
    public void appendAborted(AbortedTransaction aborted) {
        indexes.transactions().append(aborted);
        durability.onIndexChanged();
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

    /** Entries of the offset index; only while the segment is written. */
    public int offsetIndexEntries() {
        return indexes.offsetEntries();
    }

    /** Entries of the time index; only while the segment is written. */
    public int timeIndexEntries() {
        return indexes.timeEntries();
    }

    /** The segment is written no more: its time index gets its last entry. */
    public void seal() {
        if (writable && indexes.seal(maxTimestamp, offsetOfMaxTimestamp)) {
            durability.onIndexChanged();
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
        if (!indexes.open()) {
            return false;
        }
        maxTimestamp = indexes.lastTimestamp();
        // an empty time index says nothing: then every batch is asked
        int position = maxTimestamp < 0 ? 0 : indexes.lastPosition();
        long end = baseOffset;
        offsetOfMaxTimestamp = indexes.offsetOfLastTimestamp();
        BatchScanner batches = new BatchScanner(log, position, sizeBytes);
        while (batches.next()) {
            end = batches.lastOffset() + 1;
            recent.add(batches.baseOffset(), batches.lastOffset(), batches.position(), batches.sizeInBytes());
            if (batches.maxTimestamp() > maxTimestamp) {
                maxTimestamp = batches.maxTimestamp();
                offsetOfMaxTimestamp = batches.lastOffset();
            }
        }
        if (batches.isBroken() || indexes.offsetOfLastTimestamp() >= end) {
            return false;
        }
        indexes.onEndFound();
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
     * @throws DamagedSegmentException if on the way there are bytes that are no batch, or one that does not come behind the one before it
     */
    public BatchPlace find(long offset, int endPosition) {
        BatchPlace place = recent.find(offset);
        if (place != null) {
            return place.positionBytes() < endPosition ? place : null;
        }
        int from = indexes.positionBefore(offset);
        BatchScanner batches = new BatchScanner(log, Math.min(from, endPosition), endPosition);
        long least = Long.MIN_VALUE;
        while (batches.next()) {
            if (batches.baseOffset() < least) {
                throw new DamagedSegmentException(log.path() + " has a batch of offset " + batches.baseOffset()
                        + " where " + least + " comes next, at position " + batches.position());
            }
            if (batches.lastOffset() >= offset) {
                return new BatchPlace(batches.baseOffset(), batches.position(), batches.sizeInBytes());
            }
            least = batches.lastOffset() + 1;
        }
        if (batches.isBroken() && !deleted && endPosition <= sizeBytes) {
            throw new DamagedSegmentException(
                    log.path() + " holds no whole batch at position " + batches.nextPosition());
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
        int from = indexes.positionBefore(offset);
        return new BatchScanner(log, Math.min(from, endPosition), endPosition);
    }

    /** An offset before which no record of the segment is as late as {@code timestamp}. */
    public long offsetBefore(long timestamp) {
        return indexes.offsetBefore(timestamp);
    }

    /** The greatest timestamp in the segment, -1 if its records have none. */
    public long largestTimestamp() {
        long known = maxTimestamp;
        if (known == UNKNOWN) {
            known = indexes.greatestTimestamp();
            long offset = indexes.offsetOfGreatestTimestamp();
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
        indexes.transactions().collect(from, to, into);
    }

    /** Whether aborts in later segments cannot reach back below {@code to}. */
    public boolean endsAbortedSearch(long to) {
        return indexes.transactions().endsSearch(to);
    }

    /** Builds offset and time index if one of their files is missing. */
    public void rebuildMissingIndexes(int indexIntervalBytes) {
        indexes.rebuildIfMissing(indexIntervalBytes);
    }

    /** Whether the transaction index can be read. */
    public boolean hasSoundTransactionIndex() {
        return indexes.hasSoundTransactions();
    }

    // ---- recovery and truncation -----------------------------------------------------------------------------------

    /** Recovery begins: indexes are empty, the segment seems to have no bytes. */
    void beginRecovery() {
        indexes.reset();
        recent.clear();
        sizeBytes = 0;
        nextOffset = baseOffset;
        maxTimestamp = -1;
        offsetOfMaxTimestamp = -1;
        firstTimestamp = UNKNOWN;
        durability.onRecoveryBegins();
        writable = true;
    }

    /**
     * Drops all batches that hold offsets at or above {@code offset}; the segment is ready for appends then.
     *
     * @return bytes dropped
     */
    public int truncateTo(long offset) {
        if (!writable && !openForAppends()) {
            indexes.rebuild();
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
            indexes.truncateTo(place.baseOffset());
            log.truncate(kept);
            durability.onTruncated();
            findEndAgain();
        }
        indexes.transactions().truncateTo(offset);
        return dropped;
    }

    private void findEndAgain() {
        maxTimestamp = indexes.lastTimestamp();
        int position = maxTimestamp < 0 ? 0 : indexes.lastPosition();
        offsetOfMaxTimestamp = indexes.offsetOfLastTimestamp();
        long end = baseOffset;
        BatchScanner batches = new BatchScanner(log, position, sizeBytes);
        while (batches.next()) {
            end = batches.lastOffset() + 1;
            if (batches.maxTimestamp() > maxTimestamp) {
                maxTimestamp = batches.maxTimestamp();
                offsetOfMaxTimestamp = batches.lastOffset();
            }
        }
        indexes.onEndFound();
        firstTimestamp = UNKNOWN;
        nextOffset = end;
    }

    // ---- durability ------------------------------------------------------------------------------------------------

    public boolean hasUnflushedBytes() {
        return durability.hasUnflushedBytes();
    }

    /** Makes the batches written so far durable, not the indexes, nor the file's name. */
    public void syncLog() {
        durability.syncLog();
    }

    /** Makes batches and indexes durable, not the files' names. */
    public void flush() {
        durability.flush();
    }

    /** The directory was synced after the files were created. */
    public void onNamesDurable() {
        durability.onNamesDurable();
    }

    public boolean isNameDurable() {
        return durability.isNameDurable();
    }

    /** After a flush of a segment that is written no more: memory may let its indexes go. */
    public void releaseMemory() {
        writable = false;
        indexes.release();
        recent.clear();
    }

    // ---- the end ---------------------------------------------------------------------------------------------------

    /** From {@code .cleaned} to {@code .swap}. The log comes last: with it the segment is complete for whoever finds it. */
    public void toSwap() {
        List<StoredFile> files = files();
        for (int i = files.size() - 1; i >= 0; i--) {
            rename(files.get(i), SegmentFiles.CLEANED, SegmentFiles.SWAP);
        }
    }

    /** From {@code .swap} to the names that a log reads. The log comes first: what it replaces must be gone by then. */
    public void toPlain() {
        for (StoredFile file : files()) {
            rename(file, SegmentFiles.SWAP, "");
        }
    }

    private void rename(StoredFile file, String oldSuffix, String newSuffix) {
        String name = file.path().getFileName().toString();
        Path renamed = file.path().resolveSibling(name.substring(0, name.length() - oldSuffix.length()) + newSuffix);
        if (storage.exists(file.path())) {
            file.renameTo(renamed);
        } else {
            file.movedTo(renamed); // an index that has never been needed
        }
    }

    /** Bytes of the offset index's file; only of a segment that is written no more. */
    public long offsetIndexBytes() {
        return bytesOf(indexes.files().get(0));
    }

    /** Bytes of the time index's file; only of a segment that is written no more. */
    public long timeIndexBytes() {
        return bytesOf(indexes.files().get(1));
    }

    private long bytesOf(StoredFile file) {
        return storage.exists(file.path()) ? storage.sizeBytes(file.path()) : 0;
    }

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
        List<StoredFile> files = new ArrayList<>();
        files.add(log);
        files.addAll(indexes.files());
        return files;
    }

    @Override
    public String toString() {
        return "LogSegment(base " + baseOffset + ", " + sizeBytes + " bytes)";
    }
}
