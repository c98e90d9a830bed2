package io.barnabas.log;

import io.barnabas.log.batch.AppendOrigin;
import io.barnabas.log.batch.BatchReader;
import io.barnabas.log.batch.BatchRules;
import io.barnabas.log.batch.BatchValidator;
import io.barnabas.log.batch.Compression;
import io.barnabas.log.batch.CompressionLevels;
import io.barnabas.log.batch.CorruptBatchException;
import io.barnabas.log.batch.StoredBatch;
import io.barnabas.log.batch.TimestampType;
import io.barnabas.log.batch.ValidBatch;
import io.barnabas.log.compaction.CleaningPace;
import io.barnabas.log.compaction.CleaningStoppedException;
import io.barnabas.log.compaction.CleaningTally;
import io.barnabas.log.history.AbortedTransaction;
import io.barnabas.log.history.LeaderEpochHistory;
import io.barnabas.log.history.ProducerState;
import io.barnabas.log.policy.CompactionPlan;
import io.barnabas.log.segment.DamagedSegmentException;
import io.barnabas.log.segment.LogSegment;
import io.barnabas.log.storage.StorageException;
import io.barnabas.model.OffsetAndEpoch;
import io.barnabas.model.Outcome;
import io.barnabas.model.Refusal.Reason;
import io.barnabas.model.TopicPartition;
import java.nio.ByteBuffer;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.UUID;
import java.util.function.Consumer;
import java.util.function.Function;

/**
 * One partition's log on this broker: batches in the order of their offsets, and what is to be known about them.
 *
 * <p>Any thread may call anything. Whoever changes the log holds its append lock, for the time of one write at most; readers
 * use the last published {@link LogView} and wait for nobody. Nothing is fsynced under the append lock: what has to be
 * durable waits for {@link #whenFlushed}. Truncation and deletion wait for a flush that is under way.
 *
 * <p>When the disk fails the whole directory goes offline: appends are refused with {@link Reason#STORAGE_ERROR}, other
 * methods throw {@link StorageException}. A read that meets damaged bytes throws {@link LogDamagedException}; nothing goes
 * offline for it.
 */
public final class PartitionLog {
    private final TopicPartition partition;
    private final LogContext context;
    private final LogState state;
    private final LogFaults faults;
    private final LogDurability durability;
    private final ProducerSnapshots snapshots;
    private final LogAppends appends;
    private final LogTruncation truncation;
    private final LogRetention retention;
    private final LogCompaction compaction;

    private volatile UUID topicId;
    private volatile BatchRules rules;

    PartitionLog(TopicPartition partition, LoadedLog loaded, LogConfig config, LogContext context) {
        this.partition = partition;
        this.context = context;
        this.topicId = loaded.topicId();
        this.snapshots = loaded.snapshots();
        this.state = new LogState(partition, loaded, config);
        this.faults = new LogFaults(state, context);
        this.durability = new LogDurability(this, context, loaded.recoveryPoint(), loaded.namesInDoubt());
        this.appends = new LogAppends(state, context, durability);
        this.compaction = new LogCompaction(state, context, durability, snapshots, appends, loaded.cleanedTo());
        this.truncation = new LogTruncation(state, context, durability, snapshots, compaction);
        this.retention = new LogRetention(state, context, durability, snapshots, appends);
        reconfigure(config);
    }

    public TopicPartition partition() {
        return partition;
    }

    /** {@link io.barnabas.model.TopicIds#ZERO} if the directory does not tell. */
    public UUID topicId() {
        return topicId;
    }

    public LogConfig config() {
        return state.config();
    }

    /** Takes effect with the next append; the retention with the next {@link #retain}. */
    public void reconfigure(LogConfig newConfig) {
        state.reconfigure(newConfig);
        rules = new BatchRules(
                TimestampType.named(newConfig.messageTimestampType()),
                newConfig.messageTimestampBeforeMaxMs(),
                newConfig.messageTimestampAfterMaxMs(),
                newConfig.compacts(),
                newConfig.maxMessageBytes(),
                newConfig.segmentBytes(),
                Compression.ofConfig(newConfig.compressionType()),
                new CompressionLevels(
                        newConfig.compressionGzipLevel(),
                        newConfig.compressionLz4Level(),
                        newConfig.compressionZstdLevel()));
        appends.reconfigure(newConfig);
    }

    public long logStartOffset() {
        return state.view().logStartOffset();
    }

    public long logEndOffset() {
        return state.view().logEndOffset();
    }

    public long highWatermark() {
        return state.view().highWatermark();
    }

    public long lastStableOffset() {
        return state.view().lastStableOffset();
    }

    /** Everything below it, and all that is needed to find it again, has been fsynced. */
    public long recoveryPoint() {
        return durability.recoveryPoint();
    }

    /** Every record below it has been fsynced. */
    public long flushedOffset() {
        return durability.flushedOffset();
    }

    /** Bytes of all segments. */
    public long sizeInBytes() {
        return state.view().sizeInBytes();
    }

    // ---- appending -------------------------------------------------------------------------------------------------

    /**
     * Appends a client's or coordinator's batch: judges it completely, gives it offsets and writes it. The buffer is stamped
     * in place and must not be used otherwise meanwhile.
     *
     * @param batch          one batch of format v2, from position to limit; bytes after it are left out
     * @param leaderEpoch    the epoch in which this broker leads
     * @param produceVersion of the request, for what old clients may not send
     */
    public Outcome<AppendedBatch> appendAsLeader(
            ByteBuffer batch, int leaderEpoch, AppendOrigin origin, short produceVersion) {
        if (context.isOffline()) {
            return faults.refusedAsOffline();
        }
        long nowMs = context.clock().epochMillis();
        Outcome<ValidBatch> judged = BatchValidator.validate(batch, rules, nowMs, produceVersion, origin);
        if (!judged.isDone()) {
            return Outcome.refused(judged.refusal());
        }
        Outcome<AppendedBatch> appended;
        try {
            appended = appends.appendValid(judged.value(), leaderEpoch, nowMs);
        } catch (StorageException failed) {
            context.onFailure(failed);
            return faults.refusedAsOffline();
        }
        durability.onAppended(state.config().flushMessages());
        return appended;
    }

    /**
     * Appends what the leader sent: offsets and epochs are taken as they are. A batch that is cut short at the end is left
     * out.
     *
     * @throws CorruptBatchException if a batch is damaged or does not follow the log's end; nothing of it and of what comes
     *     after it is appended
     * @throws StorageException      if the disk failed
     */
    public void appendAsFollower(ByteBuffer batches) {
        faults.throwIfOffline();
        ByteBuffer whole = batches.duplicate();
        whole.limit(whole.position() + BatchReader.wholeBatchesBytes(batches));
        List<StoredBatch> sound = new ArrayList<>();
        BatchReader reader = BatchReader.over(whole);
        CorruptBatchException damaged = null;
        while (damaged == null && reader.hasNext()) {
            try {
                sound.add(reader.next().ensureValidCrc());
            } catch (CorruptBatchException found) {
                damaged = found;
            }
        }
        try {
            appends.appendSound(sound);
        } catch (StorageException failed) {
            throw faults.reported(failed);
        }
        durability.onAppended(state.config().flushMessages());
        if (damaged != null) {
            throw damaged;
        }
    }

    // ---- leadership and high watermark -----------------------------------------------------------------------------

    /** This broker leads from now on: the epoch begins at the log's end, with or without records to come. */
    public void assignEpoch(int leaderEpoch) {
        boolean changed;
        synchronized (state.appendLock) {
            long end = state.view().logEndOffset();
            changed = state.epochs().assign(leaderEpoch, end);
            if (changed) {
                state.producers().onLeaderEpoch(end);
            }
        }
        if (changed) {
            durability.onEpochsChanged();
        }
    }

    public int latestEpoch() {
        synchronized (state.appendLock) {
            return state.epochs().latestEpoch();
        }
    }

    /** Where a leader epoch ended (FETCH-24); {@link OffsetAndEpoch#NONE} if it is not known. */
    public OffsetAndEpoch endOffsetOf(int leaderEpoch) {
        synchronized (state.appendLock) {
            return state.epochs().endOffsetOf(leaderEpoch, state.view().logEndOffset());
        }
    }

    /** The epochs known, oldest first. */
    public List<LeaderEpochHistory.Entry> leaderEpochs() {
        synchronized (state.appendLock) {
            return state.epochs().entries();
        }
    }

    /** Moves the high watermark up to {@code offset}, at most to the log's end; never down. */
    public void updateHighWatermark(long offset) {
        synchronized (state.appendLock) {
            LogView before = state.view();
            long highWatermark = Math.min(offset, before.logEndOffset());
            if (highWatermark > before.highWatermark()) {
                state.publish(new LogView(
                        before.segments(),
                        before.logStartOffset(),
                        before.logEndOffset(),
                        before.activeSizeBytes(),
                        highWatermark,
                        state.stableOffset(highWatermark, before.logStartOffset())));
            }
        }
    }

    /**
     * Who is told, in place of the directory, when the bytes of a slice cannot be read. On any thread that reads, more than once, and
     * not under a lock of the log.
     */
    public void onUnreadable(Consumer<StorageException> listener) {
        faults.onUnreadable(listener);
    }

    // ---- reading ---------------------------------------------------------------------------------------------------

    /**
     * Batches from the one that holds {@code offset} on, all below {@code endOffset}, from one segment.
     *
     * @param offset          between log start and log end, as the caller has checked
     * @param maxBytes        cuts the slice, perhaps within a batch
     * @param endOffset       exclusive: high watermark, last stable offset or log end
     * @param atLeastOneBatch the first batch comes whole, whatever its size
     * @return {@link LogSlice#EMPTY} if there is nothing; else to be released
     * @throws LogDamagedException if what lies there is no batch
     */
    public LogSlice read(long offset, int maxBytes, long endOffset, boolean atLeastOneBatch) {
        return reading(
                taken -> LogReads.read(taken, offset, maxBytes, endOffset, atLeastOneBatch, faults.onUnreadable()));
    }

    /** Aborted transactions that a reader of {@code [from, to)} has to know of (FETCH-07). */
    public List<AbortedTransaction> abortedTransactions(long from, long to) {
        return reading(taken -> LogReads.abortedTransactions(taken, from, to));
    }

    /**
     * The first record dated {@code timestamp} or later (FETCH-20).
     *
     * @param endOffset exclusive; a record found at or above it is none (FETCH-21)
     * @return {@link TimestampedOffset#NONE} if there is none
     */
    public Outcome<TimestampedOffset> findByTimestamp(long timestamp, long endOffset) {
        TimestampedOffset found = reading(taken -> LogReads.firstSince(taken, timestamp));
        return Outcome.done(found.offset() >= endOffset ? TimestampedOffset.NONE : found);
    }

    /** The record with the greatest timestamp; {@link TimestampedOffset#NONE} if it is not below {@code endOffset}. */
    public TimestampedOffset maxTimestamp(long endOffset) {
        TimestampedOffset found = reading(LogReads::latest);
        return found.offset() >= endOffset ? TimestampedOffset.NONE : found;
    }

    /** Producers with state, for DescribeProducers. */
    public List<ProducerState> activeProducers() {
        synchronized (state.appendLock) {
            return state.producers().entries();
        }
    }

    /** Whether it has state of this producer, so that not any first sequence may come (PROD-27). */
    public boolean knowsProducer(long producerId) {
        synchronized (state.appendLock) {
            return state.producers().knows(producerId);
        }
    }

    /** Reads from the published view; anew if what it shows was deleted under the reader's hands. */
    private <T> T reading(Function<LogView, T> work) {
        faults.throwIfOffline();
        while (true) {
            LogView taken = state.view();
            try {
                return work.apply(taken);
            } catch (DamagedSegmentException damage) {
                if (!changedSince(taken)) {
                    throw faults.refused(damage);
                }
            } catch (StorageException failed) {
                if (!changedSince(taken)) {
                    throw faults.reported(failed);
                }
            } catch (CorruptBatchException torn) {
                if (!changedSince(taken)) {
                    throw torn;
                }
            }
        }
    }

    /** Whether what a view shows was deleted or truncated since; waits for a truncation that is under way. */
    private boolean changedSince(LogView taken) {
        boolean deleted = taken.segments().all().stream().anyMatch(LogSegment::isDeleted);
        LogView now;
        synchronized (state.appendLock) {
            now = state.view();
        }
        return (deleted && now.segments() != taken.segments()) || now.logEndOffset() < taken.logEndOffset();
    }

    // ---- truncation and deletion -----------------------------------------------------------------------------------

    /**
     * Drops every batch that holds offsets at or above {@code offset}; the log then ends there, or where the batch before it
     * ends. High watermark and recovery point come down with it.
     *
     * @param offset at or above the log start
     */
    public void truncateTo(long offset) {
        if (offset < state.view().segments().first().baseOffset()) {
            truncateFullyAndStartAt(offset);
            return;
        }
        faults.onDisk(() -> truncation.truncateTo(offset));
    }

    /** Drops everything; the log is empty and begins at {@code offset}. */
    public void truncateFullyAndStartAt(long offset) {
        faults.onDisk(() -> truncation.truncateFullyAndStartAt(offset));
    }

    /**
     * Makes {@code offset} the first that can be read, and that durable; segments wholly below go with the next
     * {@link #retain}.
     *
     * @param offset -1 for the high watermark
     * @return the log start offset then
     */
    public Outcome<Long> deleteRecordsTo(long offset) {
        return retention.deleteRecordsTo(offset);
    }

    /**
     * The leader's log starts at {@code offset}: so does this one, as far as its high watermark. Durable with the next
     * checkpoint.
     *
     * @return whether it moved
     */
    public boolean advanceLogStart(long offset) {
        return retention.advanceLogStart(offset);
    }

    /**
     * Deletes segments at the head that are too old, too many, or wholly below the log start; forgets silent producers.
     *
     * @return segments deleted
     */
    public int retain(long producerExpirationMs) {
        long nowMs = context.clock().epochMillis();
        retention.forgetSilentProducers(nowMs, producerExpirationMs);
        return faults.onDisk(() -> retention.deleteExpired(nowMs));
    }

    // ---- compaction ------------------------------------------------------------------------------------------------

    /** Up to where the log is compacted, exclusive; {@link CompactionPlan#NEVER} if it never was. */
    public long cleanedTo() {
        return compaction.cleanedTo();
    }

    /** Whether a compaction met damage, so that there is no further one. */
    public boolean isUncleanable() {
        return compaction.isUncleanable();
    }

    /** What there is to compact; null if the log's policy, or its state, allows nothing. */
    CompactionPlan compactionPlan() {
        return faults.onDisk(compaction::plan);
    }

    /**
     * Carries out a plan, and writes down how far it came.
     *
     * @throws CleaningStoppedException if the log changed or went away meanwhile
     * @throws StorageException         if the disk failed, and the directory goes offline
     */
    CleaningTally compact(CompactionPlan plan, LogCleanerConfig config, CleaningPace pace) {
        faults.throwIfOffline();
        try {
            CleaningTally tally = compaction.clean(plan, config, pace);
            context.writeCleanedOffsets();
            return tally;
        } catch (DamagedSegmentException damage) {
            throw damage;
        } catch (StorageException failed) {
            throw faults.reported(failed);
        }
    }

    void markUncleanable() {
        compaction.markUncleanable();
    }

    /** A compaction that is under way comes to nothing. */
    void stopCompaction() {
        compaction.stop();
    }

    // ---- durability ------------------------------------------------------------------------------------------------

    /** Whether an append is to be acknowledged only once it is flushed: {@code flush.messages=1}. */
    public boolean flushesBeforeAck() {
        return state.config().flushesBeforeAck();
    }

    /**
     * Runs {@code action} once, as soon as everything below {@code offset} has been fsynced: at once, on the caller's
     * thread, if it has; else on the flusher's. It never runs if those records are truncated or the directory goes offline.
     */
    public void whenFlushed(long offset, Runnable action) {
        durability.whenFlushed(offset, action);
    }

    /** Makes everything appended so far durable, before it returns. */
    public void flush() {
        faults.onDisk(() -> durability.flush(true));
    }

    /** Makes segments that are written no more durable, and what hangs on them. */
    void flushClosed() {
        faults.onDisk(() -> durability.flush(false));
    }

    /** Flushes if the flush policy says it is time. */
    void flushIfDue() {
        faults.onDisk(() -> durability.flush(durability.isDue(state.config().flushMs())));
    }

    void syncForWaiters() {
        durability.syncForWaiters();
    }

    LogView view() {
        return state.view();
    }

    Path directory() {
        return state.directory();
    }

    ProducerSnapshots snapshots() {
        return snapshots;
    }

    /** The topic's id, for a directory of Kafka's that did not tell. */
    void adopt(UUID id) {
        context.storage()
                .replaceSmall(
                        directory().resolve(DirectoryFiles.PARTITION_METADATA), DirectoryFiles.partitionMetadata(id));
        topicId = id;
    }

    /** No more appends; everything is made durable, with a snapshot of the producers, and the handles are let go. */
    void closeCleanly() {
        faults.onDisk(() -> {
            compaction.stop();
            synchronized (state.appendLock) {
                state.close();
                state.view().segments().active().seal();
                if (state.view().logEndOffset() > 0) {
                    durability.keepSnapshot(state.view().logEndOffset(), state.encodedProducers());
                }
            }
            Boolean flushed = durability.flush(true);
            durability.abandon();
            state.view().segments().all().forEach(LogSegment::close);
            return flushed;
        });
    }

    /** No more appends, nothing is made durable: the directory is offline, or the partition goes away. */
    void abandon() {
        synchronized (state.appendLock) {
            state.close();
        }
        compaction.stop();
        durability.abandon();
    }

    void movedTo(Path newDirectory) {
        state.movedTo(newDirectory);
        snapshots.movedTo(newDirectory);
        compaction.movedTo(newDirectory);
        state.view().segments().all().forEach(segment -> segment.movedTo(newDirectory));
    }

    void closeFiles() {
        state.view().segments().all().forEach(LogSegment::close);
    }

    /** Unlinks the files; whoever still reads them can read on, nobody opens them again. */
    void deleteFiles() {
        state.view().segments().all().forEach(LogSegment::delete);
    }
}
