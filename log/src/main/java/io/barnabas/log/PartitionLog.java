package io.barnabas.log;

import io.barnabas.log.batch.AppendOrigin;
import io.barnabas.log.batch.BatchReader;
import io.barnabas.log.batch.BatchRules;
import io.barnabas.log.batch.BatchValidator;
import io.barnabas.log.batch.Compression;
import io.barnabas.log.batch.CompressionLevels;
import io.barnabas.log.batch.CorruptBatchException;
import io.barnabas.log.batch.RecordBatchHeader;
import io.barnabas.log.batch.StoredBatch;
import io.barnabas.log.batch.TimestampType;
import io.barnabas.log.batch.ValidBatch;
import io.barnabas.log.history.AbortedTransaction;
import io.barnabas.log.history.KeptBatch;
import io.barnabas.log.history.LeaderEpochHistory;
import io.barnabas.log.history.ProducerBatch;
import io.barnabas.log.history.ProducerHistory;
import io.barnabas.log.history.ProducerSnapshotCodec;
import io.barnabas.log.history.ProducerState;
import io.barnabas.log.history.TransactionMarker;
import io.barnabas.log.policy.RetentionPolicy;
import io.barnabas.log.policy.RollPolicy;
import io.barnabas.log.segment.LogSegment;
import io.barnabas.log.storage.StorageException;
import io.barnabas.model.Invariant;
import io.barnabas.model.OffsetAndEpoch;
import io.barnabas.model.Outcome;
import io.barnabas.model.Refusal;
import io.barnabas.model.Refusal.Reason;
import io.barnabas.model.TopicPartition;
import java.nio.ByteBuffer;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Set;
import java.util.UUID;
import java.util.function.Function;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * One partition's log on this broker: batches in the order of their offsets, and what is to be known about them.
 *
 * <p>Any thread may call anything. Whoever changes the log holds its append lock, for the time of one write at most; readers
 * use the last published {@link LogView} and wait for nobody. Nothing is fsynced under the append lock: what has to be
 * durable waits for {@link #whenFlushed}. Truncation and deletion wait for a flush that is under way.
 *
 * <p>When the disk fails the whole directory goes offline: appends are refused with {@link Reason#STORAGE_ERROR}, other
 * methods throw {@link StorageException}.
 */
public final class PartitionLog {
    private static final Logger LOG = LoggerFactory.getLogger(PartitionLog.class);

    private final TopicPartition partition;
    private final LogContext context;
    private final LogDurability durability;
    private final ProducerSnapshots snapshots;

    /** Guards everything that appends change; taken after the lock of {@link LogDurability}, never before. */
    private final Object appendLock = new Object();

    private final LeaderEpochHistory epochs;
    private ProducerHistory producers;
    private long activeCreatedMs;
    private long activeJitterMs;
    private volatile boolean closed;

    private volatile LogView view;
    private volatile UUID topicId;
    private volatile Path directory;
    private volatile LogConfig config;
    private volatile BatchRules rules;
    private volatile RollPolicy rollPolicy;

    PartitionLog(TopicPartition partition, LoadedLog loaded, LogConfig config, LogContext context) {
        this.partition = partition;
        this.context = context;
        this.directory = loaded.directory();
        this.topicId = loaded.topicId();
        this.epochs = loaded.epochs();
        this.producers = loaded.producers();
        this.snapshots = loaded.snapshots();
        this.activeCreatedMs = loaded.activeCreatedMs();
        this.view = new LogView(
                SegmentList.of(loaded.segments()),
                loaded.logStartOffset(),
                loaded.logEndOffset(),
                loaded.segments().get(loaded.segments().size() - 1).sizeBytes(),
                loaded.highWatermark(),
                Math.max(loaded.logStartOffset(), producers.lastStableOffset(loaded.highWatermark())));
        this.durability = new LogDurability(this, context, loaded.recoveryPoint(), loaded.namesInDoubt());
        reconfigure(config);
        checkInvariants(view);
    }

    public TopicPartition partition() {
        return partition;
    }

    /** {@link io.barnabas.model.TopicIds#ZERO} if the directory does not tell. */
    public UUID topicId() {
        return topicId;
    }

    public LogConfig config() {
        return config;
    }

    /** Takes effect with the next append; the retention with the next {@link #retain}. */
    public void reconfigure(LogConfig newConfig) {
        config = newConfig;
        rollPolicy = new RollPolicy(newConfig.segmentBytes(), newConfig.segmentMs());
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
        synchronized (appendLock) {
            activeJitterMs = rollPolicy.jitterMs(newConfig.segmentJitterMs(), context.random());
        }
    }

    public long logStartOffset() {
        return view.logStartOffset();
    }

    public long logEndOffset() {
        return view.logEndOffset();
    }

    public long highWatermark() {
        return view.highWatermark();
    }

    public long lastStableOffset() {
        return view.lastStableOffset();
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
        return view.sizeInBytes();
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
            return offline();
        }
        long nowMs = context.clock().epochMillis();
        Outcome<ValidBatch> judged = BatchValidator.validate(batch, rules, nowMs, produceVersion, origin);
        if (!judged.isDone()) {
            return Outcome.refused(judged.refusal());
        }
        Outcome<AppendedBatch> appended;
        try {
            synchronized (appendLock) {
                appended = appendValid(judged.value(), leaderEpoch, nowMs);
            }
        } catch (StorageException failed) {
            context.onFailure(failed);
            return offline();
        }
        durability.onAppended(config.flushMessages());
        return appended;
    }

    private Outcome<AppendedBatch> appendValid(ValidBatch valid, int leaderEpoch, long nowMs) {
        if (closed) {
            return Outcome.refused(Reason.NOT_LEADER_OR_FOLLOWER, "the log of " + partition + " was closed");
        }
        ByteBuffer bytes = valid.bytes();
        int at = bytes.position();
        LogView before = view;
        long baseOffset = before.logEndOffset();
        long lastOffset = baseOffset + valid.count() - 1;
        RecordBatchHeader.stamp(bytes, at, baseOffset, leaderEpoch);
        ProducerBatch producerBatch = BatchReplay.producerBatchOf(bytes, at);
        TransactionMarker marker = null;
        if (producerBatch != null) {
            Outcome<ProducerHistory.Verdict> verdict = producers.check(producerBatch);
            if (!verdict.isDone()) {
                return Outcome.refused(verdict.refusal());
            }
            if (verdict.value().isDuplicate()) {
                return Outcome.done(duplicateOf(verdict.value().original(), leaderEpoch));
            }
        } else {
            marker = BatchReplay.markerOf(bytes, at);
            Refusal refusal = marker == null ? null : producers.check(marker);
            if (refusal != null) {
                return Outcome.refused(refusal);
            }
        }
        write(bytes, baseOffset, lastOffset, valid.maxTimestamp(), leaderEpoch, nowMs);
        commit(producerBatch, marker, nowMs);
        publishEnd(lastOffset + 1);
        return Outcome.done(new AppendedBatch(
                baseOffset,
                lastOffset,
                leaderEpoch,
                valid.logAppendTimeMs(),
                before.logStartOffset(),
                bytes.remaining(),
                false));
    }

    private AppendedBatch duplicateOf(KeptBatch original, int leaderEpoch) {
        return new AppendedBatch(
                original.firstOffset(),
                original.lastOffset(),
                leaderEpoch,
                original.timestamp(),
                view.logStartOffset(),
                0,
                true);
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
        throwIfOffline();
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
            appendSound(sound);
        } catch (StorageException failed) {
            throw reported(failed);
        }
        durability.onAppended(config.flushMessages());
        if (damaged != null) {
            throw damaged;
        }
    }

    private void appendSound(List<StoredBatch> batches) {
        long nowMs = context.clock().epochMillis();
        synchronized (appendLock) {
            if (closed) {
                throw new LogClosedException(partition);
            }
            for (StoredBatch batch : batches) {
                if (batch.baseOffset() < view.logEndOffset() || batch.lastOffset() < batch.baseOffset()) {
                    throw new CorruptBatchException("batch of offsets " + batch.baseOffset() + " to "
                            + batch.lastOffset() + " does not follow the end " + view.logEndOffset() + " of "
                            + partition);
                }
                ByteBuffer bytes = batch.bytes();
                write(bytes, batch.baseOffset(), batch.lastOffset(), batch.maxTimestamp(), batch.leaderEpoch(), nowMs);
                int at = batch.position();
                commit(
                        BatchReplay.producerBatchOf(batch.buffer(), at),
                        BatchReplay.markerOf(batch.buffer(), at),
                        nowMs);
                publishEnd(batch.lastOffset() + 1);
            }
        }
    }

    private void write(
            ByteBuffer bytes, long baseOffset, long lastOffset, long maxTimestamp, int leaderEpoch, long nowMs) {
        LogSegment active = view.segments().active();
        RollPolicy.Reason why = rollPolicy.reasonToRoll(
                new RollPolicy.ActiveSegment(
                        active.baseOffset(),
                        active.sizeBytes(),
                        active.firstTimestamp(),
                        activeCreatedMs,
                        activeJitterMs,
                        isIndexFull(active)),
                bytes.remaining(),
                maxTimestamp,
                lastOffset,
                nowMs);
        if (why != null) {
            // at the log's end, so that a gap between segments can only mean a loss, unless offsets leap too far for
            // that
            long end = view.logEndOffset();
            roll(lastOffset - end <= LogSegment.MAX_OFFSET_SPAN ? end : baseOffset, nowMs, why);
            active = view.segments().active();
        }
        active.append(bytes, baseOffset, lastOffset, maxTimestamp, config.indexIntervalBytes());
        if (epochs.assign(leaderEpoch, baseOffset)) {
            durability.onEpochsChanged();
        }
    }

    private boolean isIndexFull(LogSegment segment) {
        int indexBytes = config.segmentIndexBytes();
        return segment.offsetIndexEntries() >= Math.max(1, indexBytes / LogSegment.OFFSET_INDEX_ENTRY_BYTES)
                || segment.timeIndexEntries() >= Math.max(1, indexBytes / LogSegment.TIME_INDEX_ENTRY_BYTES - 1);
    }

    private void commit(ProducerBatch batch, TransactionMarker marker, long nowMs) {
        if (batch != null) {
            producers.commit(batch, nowMs);
        } else if (marker != null) {
            AbortedTransaction aborted = producers.commit(marker, nowMs);
            if (aborted != null) {
                view.segments().active().appendAborted(aborted);
            }
        }
    }

    /** Begins a new segment at {@code baseOffset}. Holds the append lock. Creates a file, fsyncs nothing. */
    private void roll(long baseOffset, long nowMs, Object why) {
        LogView before = view;
        LogSegment old = before.segments().active();
        if (old.baseOffset() == baseOffset) {
            Invariant.holds(old.isEmpty(), "segment %d of %s cannot be rolled at its base", baseOffset, partition);
            return;
        }
        old.seal();
        LogSegment next = LogSegment.create(context.storage(), directory, baseOffset, context.window());
        durability.keepSnapshot(baseOffset, encodedProducers());
        SegmentList segments = before.segments().with(next);
        if (old.isEmpty()) {
            segments = segments.without(List.of(old));
            old.delete();
        }
        activeCreatedMs = nowMs;
        activeJitterMs = rollPolicy.jitterMs(config.segmentJitterMs(), context.random());
        publish(new LogView(
                segments,
                before.logStartOffset(),
                before.logEndOffset(),
                0,
                before.highWatermark(),
                before.lastStableOffset()));
        context.requestFlush(this);
        LOG.atDebug()
                .addKeyValue("partition", partition)
                .addKeyValue("baseOffset", baseOffset)
                .addKeyValue("cause", why)
                .log("rolled a segment");
    }

    private byte[] encodedProducers() {
        ByteBuffer encoded = ProducerSnapshotCodec.encode(producers.entries());
        byte[] bytes = new byte[encoded.remaining()];
        encoded.get(bytes);
        return bytes;
    }

    private void publishEnd(long logEndOffset) {
        LogView before = view;
        view = new LogView(
                before.segments(),
                before.logStartOffset(),
                logEndOffset,
                before.segments().active().sizeBytes(),
                before.highWatermark(),
                before.lastStableOffset());
    }

    /** A transaction that is open since before the log's start holds back nothing that can be read. */
    private long stableOffset(long highWatermark, long logStartOffset) {
        return Math.max(logStartOffset, producers.lastStableOffset(highWatermark));
    }

    private void publish(LogView next) {
        checkInvariants(next);
        view = next;
    }

    private static void checkInvariants(LogView view) {
        Invariant.atMost(view.logStartOffset(), view.highWatermark(), "log start above high watermark");
        Invariant.atMost(view.highWatermark(), view.logEndOffset(), "high watermark above log end");
        Invariant.atMost(view.lastStableOffset(), view.highWatermark(), "last stable offset above high watermark");
    }

    // ---- leadership and high watermark -----------------------------------------------------------------------------

    /** This broker leads from now on: the epoch begins at the log's end, with or without records to come. */
    public void assignEpoch(int leaderEpoch) {
        boolean changed;
        synchronized (appendLock) {
            changed = epochs.assign(leaderEpoch, view.logEndOffset());
        }
        if (changed) {
            durability.onEpochsChanged();
        }
    }

    public int latestEpoch() {
        synchronized (appendLock) {
            return epochs.latestEpoch();
        }
    }

    /** Where a leader epoch ended (FETCH-24); {@link OffsetAndEpoch#NONE} if it is not known. */
    public OffsetAndEpoch endOffsetOf(int leaderEpoch) {
        synchronized (appendLock) {
            return epochs.endOffsetOf(leaderEpoch, view.logEndOffset());
        }
    }

    /** The epochs known, oldest first. */
    public List<LeaderEpochHistory.Entry> leaderEpochs() {
        synchronized (appendLock) {
            return epochs.entries();
        }
    }

    /** Moves the high watermark up to {@code offset}, at most to the log's end; never down. */
    public void updateHighWatermark(long offset) {
        synchronized (appendLock) {
            LogView before = view;
            long highWatermark = Math.min(offset, before.logEndOffset());
            if (highWatermark > before.highWatermark()) {
                publish(new LogView(
                        before.segments(),
                        before.logStartOffset(),
                        before.logEndOffset(),
                        before.activeSizeBytes(),
                        highWatermark,
                        stableOffset(highWatermark, before.logStartOffset())));
            }
        }
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
     */
    public LogSlice read(long offset, int maxBytes, long endOffset, boolean atLeastOneBatch) {
        return reading(taken -> LogReads.read(taken, offset, maxBytes, endOffset, atLeastOneBatch));
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
        synchronized (appendLock) {
            return producers.entries();
        }
    }

    /** Reads from the published view; anew if what it shows was deleted under the reader's hands. */
    private <T> T reading(Function<LogView, T> work) {
        throwIfOffline();
        while (true) {
            LogView taken = view;
            try {
                return work.apply(taken);
            } catch (StorageException failed) {
                if (!changedSince(taken)) {
                    throw reported(failed);
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
        synchronized (appendLock) {
            now = view;
        }
        return (deleted && now.segments() != taken.segments()) || now.logEndOffset() < taken.logEndOffset();
    }

    /** What a failure means: nothing if the log was taken away under the hands of its user, else the disk failed. */
    private StorageException reported(StorageException failed) {
        if (failed instanceof LogClosedException) {
            return failed;
        }
        if (closed) {
            return new LogClosedException(partition);
        }
        context.onFailure(failed);
        return failed;
    }

    private interface DiskWork<T> {
        T run();
    }

    private <T> T onDisk(DiskWork<T> work) {
        throwIfOffline();
        try {
            return work.run();
        } catch (StorageException failed) {
            throw reported(failed);
        }
    }

    private void throwIfOffline() {
        if (context.isOffline()) {
            throw new StorageException("the log directory of " + partition + " is offline");
        }
    }

    private Outcome<AppendedBatch> offline() {
        return Outcome.refused(Reason.STORAGE_ERROR, "the log directory of " + partition + " is offline");
    }

    // ---- truncation and deletion -----------------------------------------------------------------------------------

    /**
     * Drops every batch that holds offsets at or above {@code offset}; the log then ends there, or where the batch before it
     * ends. High watermark and recovery point come down with it.
     *
     * @param offset at or above the log start
     */
    public void truncateTo(long offset) {
        if (offset < view.segments().first().baseOffset()) {
            truncateFullyAndStartAt(offset);
            return;
        }
        onDisk(() -> durability.exclusively(() -> {
            LogView before = view;
            if (offset < before.logEndOffset()) {
                SegmentList segments = before.segments();
                lowerRecoveryPoint(segments.get(segments.indexOf(offset)).baseOffset());
            }
            synchronized (appendLock) {
                cutAt(offset);
            }
        }));
    }

    /** Before anything is cut: what is appended in its place must not pass for durable after a crash. */
    private void lowerRecoveryPoint(long offset) {
        if (durability.lowerRecoveryPoint(offset)) {
            context.writeRecoveryPoints();
        }
    }

    private void cutAt(long offset) {
        LogView before = view;
        if (offset >= before.logEndOffset()) {
            if (epochs.truncateFromEnd(offset)) {
                durability.onEpochsChanged();
            }
            return;
        }
        SegmentList segments = before.segments();
        int last = segments.indexOf(offset);
        List<LogSegment> gone = segments.all().subList(last + 1, segments.size());
        SegmentList left = gone.isEmpty() ? segments : segments.without(gone);
        LogSegment active = left.active();
        // readers must not look for what is about to go
        long highWatermark = Math.min(before.highWatermark(), offset);
        publish(new LogView(
                segments,
                Math.min(before.logStartOffset(), highWatermark),
                before.logEndOffset(),
                before.activeSizeBytes(),
                highWatermark,
                Math.min(before.lastStableOffset(), highWatermark)));
        for (int i = gone.size() - 1; i >= 0; i--) {
            gone.get(i).delete();
        }
        active.truncateTo(offset);
        activeCreatedMs = context.clock().epochMillis();
        long logStart = view.logStartOffset();
        long end = Math.max(active.nextOffset(), logStart);
        epochs.truncateFromEnd(end);
        durability.onTruncated(end);
        snapshots.deleteAbove(end);
        producers = reloadProducers(left, end);
        highWatermark = Math.min(view.highWatermark(), end);
        publish(new LogView(
                left,
                Math.min(logStart, highWatermark),
                end,
                active.sizeBytes(),
                highWatermark,
                stableOffset(highWatermark, Math.min(logStart, highWatermark))));
        LOG.atInfo()
                .addKeyValue("partition", partition)
                .addKeyValue("from", before.logEndOffset())
                .addKeyValue("to", end)
                .log("truncated");
    }

    private ProducerHistory reloadProducers(SegmentList segments, long end) {
        long nowMs = context.clock().epochMillis();
        long newest = BatchReplay.newestUsefulSnapshot(segments.all(), end, view.highWatermark());
        ProducerSnapshots.Loaded loaded =
                snapshots.loadAtOrBelow(newest, segments.first().baseOffset(), nowMs);
        for (int i = segments.indexOf(loaded.offset()); i < segments.size(); i++) {
            BatchReplay.commitAll(segments.get(i), loaded.offset(), end, loaded.producers(), nowMs);
        }
        return loaded.producers();
    }

    /** Drops everything; the log is empty and begins at {@code offset}. */
    public void truncateFullyAndStartAt(long offset) {
        onDisk(() -> durability.exclusively(() -> {
            lowerRecoveryPoint(0);
            synchronized (appendLock) {
                startAnewAt(offset);
            }
            // the epochs on disk speak of what is gone
            durability.writeEpochsIfChanged();
            context.writeRecoveryPoints();
            context.writeLogStarts();
        }));
    }

    private void startAnewAt(long offset) {
        LogView before = view;
        for (int i = before.segments().size() - 1; i >= 0; i--) {
            before.segments().get(i).delete();
        }
        LogSegment first = LogSegment.create(context.storage(), directory, offset, context.window());
        epochs.clear();
        snapshots.deleteAll();
        producers = new ProducerHistory();
        activeCreatedMs = context.clock().epochMillis();
        durability.onStartedAnew(offset);
        publish(new LogView(SegmentList.of(List.of(first)), offset, offset, 0, offset, offset));
        LOG.atInfo()
                .addKeyValue("partition", partition)
                .addKeyValue("from", before.logEndOffset())
                .addKeyValue("startOffset", offset)
                .log("log dropped and started anew");
    }

    /**
     * Makes {@code offset} the first that can be read, and that durable; segments wholly below go with the next
     * {@link #retain}.
     *
     * @param offset -1 for the high watermark
     * @return the log start offset then
     */
    public Outcome<Long> deleteRecordsTo(long offset) {
        if (closed) {
            return Outcome.refused(Reason.NOT_LEADER_OR_FOLLOWER, "the log of " + partition + " was closed");
        }
        if (!config.deletes()) {
            return Outcome.refused(
                    Reason.POLICY_VIOLATION,
                    "records of " + partition.topic() + " are not to be deleted by its policy");
        }
        long highWatermark = view.highWatermark();
        long target = offset == -1 ? highWatermark : offset;
        if (target < 0 || target > highWatermark) {
            return Outcome.refused(
                    Reason.OFFSET_OUT_OF_RANGE,
                    "offset " + offset + " of " + partition + " is not below the high watermark " + highWatermark);
        }
        if (target > view.logStartOffset()) {
            try {
                if (target > durability.flushedOffset()) {
                    durability.flush(true); // a start that is written down lies in what is on the disk
                }
                advanceLogStart(target);
                context.writeLogStarts();
            } catch (StorageException failed) {
                context.onFailure(failed);
                return Outcome.refused(Reason.STORAGE_ERROR, failed.getMessage());
            }
        }
        return Outcome.done(view.logStartOffset());
    }

    /**
     * The leader's log starts at {@code offset}: so does this one, as far as its high watermark. Durable with the next
     * checkpoint.
     *
     * @return whether it moved
     */
    public boolean advanceLogStart(long offset) {
        synchronized (appendLock) {
            LogView before = view;
            long start = Math.min(offset, before.highWatermark());
            if (start <= before.logStartOffset()) {
                return false;
            }
            if (epochs.truncateFromStart(start)) {
                durability.onEpochsChanged();
            }
            publish(new LogView(
                    before.segments(),
                    start,
                    before.logEndOffset(),
                    before.activeSizeBytes(),
                    before.highWatermark(),
                    stableOffset(before.highWatermark(), start)));
            return true;
        }
    }

    /**
     * Deletes segments at the head that are too old, too many, or wholly below the log start; forgets silent producers.
     *
     * @return segments deleted
     */
    public int retain(long producerExpirationMs) {
        long nowMs = context.clock().epochMillis();
        synchronized (appendLock) {
            producers.expire(nowMs, producerExpirationMs);
        }
        int[] deleted = new int[1];
        onDisk(() -> durability.unlessAbandoned(() -> deleted[0] = deleteExpired(nowMs)));
        return deleted[0];
    }

    private int deleteExpired(long nowMs) {
        LogView taken = view;
        List<RetentionPolicy.SegmentFacts> facts = new ArrayList<>();
        for (int i = 0; i < taken.segments().size(); i++) {
            LogSegment segment = taken.segments().get(i);
            long largest = segment.largestTimestamp();
            facts.add(new RetentionPolicy.SegmentFacts(
                    segment.baseOffset(),
                    taken.endOffsetOf(i),
                    taken.sizeBytesOf(i),
                    largest,
                    largest >= 0 ? largest : segment.lastModifiedMillis()));
        }
        LogConfig current = config;
        RetentionPolicy.Expired expired = new RetentionPolicy(
                        current.retentionMs(), current.retentionBytes(), current.deletes())
                .expired(facts, taken.logStartOffset(), taken.highWatermark(), nowMs);
        if (expired.total() == 0) {
            return 0;
        }
        List<LogSegment> gone = taken.segments().all().subList(0, expired.total());
        if (!unlink(taken, gone, nowMs)) {
            return 0;
        }
        Set<Long> bases = new HashSet<>();
        view.segments().all().forEach(segment -> bases.add(segment.baseOffset()));
        snapshots.keepOnly(bases);
        gone.forEach(LogSegment::markDeleted);
        context.storage().syncDirectory(directory);
        context.deleteLater(current.fileDeleteDelayMs(), () -> gone.forEach(LogSegment::delete));
        LOG.atInfo()
                .addKeyValue("partition", partition)
                .addKeyValue("segments", gone.size())
                .addKeyValue("logStartOffset", view.logStartOffset())
                .addKeyValue("expired", expired)
                .log("deleted old segments");
        return gone.size();
    }

    /** Takes segments out of what is published; false if the log was changed since by more than appends. */
    private boolean unlink(LogView taken, List<LogSegment> gone, long nowMs) {
        synchronized (appendLock) {
            LogView before = view;
            boolean sameHead = before.segments().size() >= gone.size()
                    && before.segments().all().subList(0, gone.size()).equals(gone);
            LogSegment active = before.segments().active();
            boolean activeToo = sameHead && gone.contains(active);
            if (closed || !sameHead || (activeToo && before.logEndOffset() != taken.logEndOffset())) {
                return false;
            }
            if (activeToo) {
                roll(before.logEndOffset(), nowMs, "all expired");
                before = view;
            }
            SegmentList left = before.segments().without(gone);
            long start = Math.max(before.logStartOffset(), left.first().baseOffset());
            if (epochs.truncateFromStart(start)) {
                durability.onEpochsChanged();
            }
            publish(new LogView(
                    left,
                    start,
                    before.logEndOffset(),
                    before.activeSizeBytes(),
                    before.highWatermark(),
                    stableOffset(before.highWatermark(), start)));
            return true;
        }
    }

    // ---- durability ------------------------------------------------------------------------------------------------

    /** Whether an append is to be acknowledged only once it is flushed: {@code flush.messages=1}. */
    public boolean flushesBeforeAck() {
        return config.flushesBeforeAck();
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
        onDisk(() -> durability.flush(true));
    }

    /** Makes segments that are written no more durable, and what hangs on them. */
    void flushClosed() {
        onDisk(() -> durability.flush(false));
    }

    /** Flushes if the flush policy says it is time. */
    void flushIfDue() {
        onDisk(() -> durability.flush(durability.isDue(config.flushMs())));
    }

    void syncForWaiters() {
        durability.syncForWaiters();
    }

    LogView view() {
        return view;
    }

    Path directory() {
        return directory;
    }

    ProducerSnapshots snapshots() {
        return snapshots;
    }

    /** The topic's id, for a directory of Kafka's that did not tell. */
    void adopt(UUID id) {
        context.storage()
                .replaceSmall(
                        directory.resolve(DirectoryFiles.PARTITION_METADATA), DirectoryFiles.partitionMetadata(id));
        topicId = id;
    }

    /** No more appends; everything is made durable, with a snapshot of the producers, and the handles are let go. */
    void closeCleanly() {
        onDisk(() -> {
            synchronized (appendLock) {
                closed = true;
                view.segments().active().seal();
                if (view.logEndOffset() > 0) {
                    durability.keepSnapshot(view.logEndOffset(), encodedProducers());
                }
            }
            Boolean flushed = durability.flush(true);
            durability.abandon();
            view.segments().all().forEach(LogSegment::close);
            return flushed;
        });
    }

    /** No more appends, nothing is made durable: the directory is offline, or the partition goes away. */
    void abandon() {
        synchronized (appendLock) {
            closed = true;
        }
        durability.abandon();
    }

    void movedTo(Path newDirectory) {
        directory = newDirectory;
        snapshots.movedTo(newDirectory);
        view.segments().all().forEach(segment -> segment.movedTo(newDirectory));
    }

    void closeFiles() {
        view.segments().all().forEach(LogSegment::close);
    }

    /** Unlinks the files; whoever still reads them can read on, nobody opens them again. */
    void deleteFiles() {
        view.segments().all().forEach(LogSegment::delete);
    }
}
