package io.barnabas.log;

import io.barnabas.log.batch.CompressionLevels;
import io.barnabas.log.batch.CorruptBatchException;
import io.barnabas.log.compaction.BatchSieve;
import io.barnabas.log.compaction.CleaningPace;
import io.barnabas.log.compaction.CleaningStoppedException;
import io.barnabas.log.compaction.CleaningTally;
import io.barnabas.log.compaction.DirtyKeys;
import io.barnabas.log.compaction.OffsetMap;
import io.barnabas.log.compaction.ProducerEnds;
import io.barnabas.log.compaction.SegmentCleaner;
import io.barnabas.log.history.AbortedTransaction;
import io.barnabas.log.policy.CompactionPlan;
import io.barnabas.log.segment.LogSegment;
import io.barnabas.log.storage.Storage;
import io.barnabas.log.storage.StorageException;
import java.nio.ByteBuffer;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Set;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Compacts one log: reads the keys of its dirty part, then writes its segments anew, group by group from the head, and puts
 * each result in the place of what it was made of. Appends and reads go on meanwhile; a truncation or the end of the log stops
 * it. One cleaning at a time; which log is next is for {@link LogCleaner} to say.
 *
 * <p>A result takes its place in steps, each of which is durable before the next (LOG-37):
 *
 * <pre>
 * 1  *.cleaned   written, fsynced                                     a crash until here: they are deleted
 * 2  *.swap      indexes are renamed first, the .log last             from here on: what they replace is deleted, they are renamed
 * 3  *.deleted   what is replaced
 * 4  plain       the .log is renamed first, the indexes after it
 * </pre>
 */
final class LogCompaction {
    private static final Logger LOG = LoggerFactory.getLogger(LogCompaction.class);

    private final LogState state;
    private final LogContext context;
    private final LogDurability durability;
    private final ProducerSnapshots snapshots;
    private final LogAppends appends;

    /** Grows with everything that a cleaning must not outlive. */
    private volatile long generation;

    private volatile long cleanedTo;
    private volatile boolean uncleanable;

    /** Guards the cleaned segment's place against {@link #movedTo}. */
    private final Object targetLock = new Object();

    private LogSegment target;

    /** @param cleanedTo as the checkpoint says; {@link CompactionPlan#NEVER} if it says nothing */
    LogCompaction(
            LogState state,
            LogContext context,
            LogDurability durability,
            ProducerSnapshots snapshots,
            LogAppends appends,
            long cleanedTo) {
        this.state = state;
        this.context = context;
        this.durability = durability;
        this.snapshots = snapshots;
        this.appends = appends;
        this.cleanedTo = cleanedTo;
    }

    /** Up to where the log is clean, exclusive; {@link CompactionPlan#NEVER} if it never was compacted. */
    long cleanedTo() {
        return cleanedTo;
    }

    /** Whether a compaction has met damage; there is no other before the log is truncated or opened anew. */
    boolean isUncleanable() {
        return uncleanable;
    }

    void markUncleanable() {
        uncleanable = true;
    }

    // ---- what others do to the log ---------------------------------------------------------------------------------

    /** A cleaning that is under way comes to nothing, and creates no more files once this has returned. */
    void stop() {
        synchronized (targetLock) {
            generation++;
        }
    }

    /**
     * The log is about to be truncated: a cleaning that is under way comes to nothing, and what is appended instead will be
     * dirty (LOG-30).
     *
     * @param endOffset at or below the new end
     * @return whether the checkpoint has to be written before
     */
    boolean onTruncate(long endOffset) {
        stop();
        boolean above = cleanedTo > endOffset;
        cleanedTo = Math.min(cleanedTo, endOffset);
        uncleanable = false;
        return above;
    }

    /** The partition's directory was renamed; {@link #stop} came before. */
    void movedTo(Path directory) {
        synchronized (targetLock) {
            if (target != null) {
                target.movedTo(directory);
            }
        }
    }

    // ---- planning --------------------------------------------------------------------------------------------------

    /** What there is to do now; null if the log is not to be compacted. */
    CompactionPlan plan() {
        LogConfig config = state.config();
        if (!config.compacts() || uncleanable || state.isClosed()) {
            return null;
        }
        long nowMs = context.clock().epochMillis();
        rollIfOverdue(config, nowMs);
        LogView view = state.view();
        List<CompactionPlan.SegmentFacts> facts =
                new ArrayList<>(view.segments().size());
        for (int i = 0; i < view.segments().size(); i++) {
            facts.add(factsOf(view, i, config));
        }
        return CompactionPlan.of(
                facts,
                cleanedTo,
                view.logStartOffset(),
                view.lastStableOffset(),
                new CompactionPlan.Lags(config.minCompactionLagMs(), config.maxCompactionLagMs()),
                nowMs);
    }

    private static CompactionPlan.SegmentFacts factsOf(LogView view, int index, LogConfig config) {
        LogSegment segment = view.segments().get(index);
        boolean closed = index < view.segments().size() - 1;
        long first = closed && config.maxCompactionLagMs() != Long.MAX_VALUE ? segment.firstTimestamp() : -1;
        long largest = -1;
        if (closed && config.minCompactionLagMs() > 0) {
            largest = segment.largestTimestamp();
            largest = largest >= 0 ? largest : segment.lastModifiedMillis();
        }
        return new CompactionPlan.SegmentFacts(
                segment.baseOffset(), view.endOffsetOf(index), view.sizeBytesOf(index), first, largest);
    }

    /** Records that nobody follows would stay in the active segment for ever, and never be compacted. */
    private void rollIfOverdue(LogConfig config, long nowMs) {
        if (config.maxCompactionLagMs() == Long.MAX_VALUE) {
            return;
        }
        synchronized (state.appendLock) {
            LogSegment active = state.view().segments().active();
            long first = active.isEmpty() ? -1 : active.firstTimestamp();
            if (!state.isClosed() && first >= 0 && nowMs - first > config.maxCompactionLagMs()) {
                appends.roll(state.view().logEndOffset(), nowMs, "max.compaction.lag.ms");
            }
        }
    }

    // ---- cleaning --------------------------------------------------------------------------------------------------

    /**
     * Carries out a plan.
     *
     * @param pace for what is read and written
     * @return what was done
     * @throws CleaningStoppedException if the log changed meanwhile; what was cleaned until then stays so
     * @throws StorageException         if the disk failed, or what is to be read is damaged
     */
    CleaningTally clean(CompactionPlan plan, LogCleanerConfig cleaner, CleaningPace pace) {
        // a start after a crash must not have to learn from what is left where epochs and transactions began
        durability.flush(false);
        context.writeRecoveryPoints();
        Start[] start = new Start[1];
        // a truncation comes either before, and is in the picture, or after, and stops this
        durability.exclusively(() -> start[0] = new Start(generation, state.view()));
        long begun = start[0].generation();
        try {
            return clean(plan, start[0], cleaner, bytes -> {
                checkGoesOn(begun);
                pace.onBytes(bytes);
            });
        } catch (StorageException | CorruptBatchException failed) {
            checkGoesOn(begun); // then it is no wonder
            throw failed;
        }
    }

    /** What a cleaning begins with: the log as it is, and the number of what must not change any more. */
    private record Start(long generation, LogView view) {}

    private CleaningTally clean(CompactionPlan plan, Start start, LogCleanerConfig cleaner, CleaningPace pace) {
        LogConfig config = state.config();
        long begun = start.generation();
        LogView view = start.view();
        CleaningTally tally = new CleaningTally();
        List<LogSegment> cleanable = segmentsBelow(view, plan.endOffset());
        if (cleanable.isEmpty()) {
            return tally;
        }
        long dirtyEnd = view.endOffsetOf(cleanable.size() - 1);
        // the log may have been truncated, and have grown again, since the plan was made
        if (dirtyEnd > view.lastStableOffset()
                || plan.firstDirtyOffset() > Math.max(cleanedTo, view.logStartOffset())) {
            throw new CleaningStoppedException("the log of " + state.partition() + " is not what was planned for");
        }
        List<LogSegment> dirty = cleanable.subList(
                Math.min(view.segments().indexOf(plan.firstDirtyOffset()), cleanable.size()), cleanable.size());
        List<AbortedTransaction> aborted =
                LogReads.abortedTransactions(view, cleanable.get(0).baseOffset(), dirtyEnd);
        OffsetMap lastOffsets = cleaner.mapFor(dirtyEnd - plan.firstDirtyOffset());
        long end = DirtyKeys.collect(
                dirty,
                plan.firstDirtyOffset(),
                dirtyEnd,
                LogReads.abortedTransactions(view, plan.firstDirtyOffset(), dirtyEnd),
                lastOffsets,
                ByteBuffer.allocate(cleaner.bufferBytes()),
                pace,
                tally);
        ProducerEnds producers;
        synchronized (state.appendLock) {
            producers = new ProducerEnds(state.producers().entries());
        }
        BatchSieve sieve = new BatchSieve(
                lastOffsets,
                end,
                aborted,
                producers,
                new BatchSieve.Rules(context.clock().epochMillis(), config.deleteRetentionMs(), levelsOf(config)));
        SegmentCleaner segments =
                new SegmentCleaner(sieve, cleaner.bufferBytes(), config.indexIntervalBytes(), pace, tally);
        List<LogSegment> reached = segmentsBelow(view, end);
        int at = 0;
        for (int size : CompactionPlan.groups(
                weightsOf(view, reached.size()), config.segmentBytes(), config.segmentIndexBytes())) {
            List<LogSegment> group = reached.subList(at, at + size);
            cleanGroup(group, segments, begun);
            at += size;
        }
        durability.exclusively(() -> {
            checkGoesOn(begun);
            cleanedTo = end;
        });
        LOG.atInfo()
                .addKeyValue("partition", state.partition())
                .addKeyValue("from", plan.firstDirtyOffset())
                .addKeyValue("to", end)
                .addKeyValue("keys", lastOffsets.size())
                .addKeyValue("recordsRead", tally.recordsRead())
                .addKeyValue("recordsKept", tally.recordsKept())
                .addKeyValue("bytesRead", tally.bytesRead())
                .addKeyValue("bytesWritten", tally.bytesWritten())
                .log("compacted");
        return tally;
    }

    /** Closed segments that begin below {@code offset}, from the first. */
    private static List<LogSegment> segmentsBelow(LogView view, long offset) {
        List<LogSegment> below = new ArrayList<>();
        for (LogSegment segment : view.segments().all()) {
            if (segment.baseOffset() < offset && segment != view.segments().active()) {
                below.add(segment);
            }
        }
        return below;
    }

    private static List<CompactionPlan.Weight> weightsOf(LogView view, int count) {
        List<CompactionPlan.Weight> weights = new ArrayList<>(count);
        for (int i = 0; i < count; i++) {
            LogSegment segment = view.segments().get(i);
            weights.add(new CompactionPlan.Weight(
                    segment.baseOffset(),
                    view.endOffsetOf(i),
                    segment.sizeBytes(),
                    segment.offsetIndexBytes(),
                    segment.timeIndexBytes()));
        }
        return weights;
    }

    private static CompressionLevels levelsOf(LogConfig config) {
        return new CompressionLevels(
                config.compressionGzipLevel(), config.compressionLz4Level(), config.compressionZstdLevel());
    }

    private void cleanGroup(List<LogSegment> group, SegmentCleaner segments, long begun) {
        LogSegment cleaned;
        synchronized (targetLock) {
            checkGoesOn(begun);
            cleaned = LogSegment.createCleaned(
                    context.storage(), state.directory(), group.get(0).baseOffset(), context.window());
            target = cleaned;
        }
        boolean[] replacing = new boolean[1];
        try {
            segments.clean(group, cleaned);
            durability.exclusively(() -> {
                checkReplaceable(group, begun);
                replacing[0] = true;
                replace(group, cleaned);
            });
        } catch (RuntimeException | Error failed) {
            if (!replacing[0]) {
                drop(cleaned, failed);
            }
            throw failed;
        } finally {
            synchronized (targetLock) {
                target = null;
            }
        }
    }

    private void drop(LogSegment cleaned, Throwable why) {
        synchronized (targetLock) {
            try {
                cleaned.delete();
            } catch (StorageException alsoFailed) {
                why.addSuppressed(alsoFailed); // the next start deletes it
            }
        }
    }

    private void checkReplaceable(List<LogSegment> group, long begun) {
        checkGoesOn(begun);
        if (!state.view().segments().hasNeighbours(group)) {
            throw new CleaningStoppedException("retention has deleted what was to be replaced");
        }
    }

    /**
     * Called with the flush lock held: nothing is flushed, truncated or retained meanwhile. If the disk fails on the way, the
     * next start finds either all of the old segments or the new one.
     */
    private void replace(List<LogSegment> group, LogSegment cleaned) {
        Storage storage = context.storage();
        storage.syncDirectory(state.directory());
        cleaned.toSwap();
        storage.syncDirectory(state.directory());
        synchronized (state.appendLock) {
            LogView before = state.view();
            state.publish(new LogView(
                    before.segments().replacing(group, cleaned),
                    before.logStartOffset(),
                    before.logEndOffset(),
                    before.activeSizeBytes(),
                    before.highWatermark(),
                    before.lastStableOffset()));
        }
        group.forEach(LogSegment::markDeleted);
        storage.syncDirectory(state.directory());
        cleaned.toPlain();
        storage.syncDirectory(state.directory());
        cleaned.onNamesDurable();
        Set<Long> bases = new HashSet<>();
        state.view().segments().all().forEach(segment -> bases.add(segment.baseOffset()));
        snapshots.keepOnly(bases);
        List<LogSegment> gone = List.copyOf(group);
        context.deleteLater(state.config().fileDeleteDelayMs(), () -> gone.forEach(LogSegment::delete));
    }

    private void checkGoesOn(long begun) {
        if (generation != begun || state.isClosed() || context.isOffline()) {
            throw new CleaningStoppedException("the log of " + state.partition() + " changed or went away");
        }
    }
}
