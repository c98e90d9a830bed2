package io.barnabas.log;

import io.barnabas.log.history.ProducerHistory;
import io.barnabas.log.policy.CompactionPlan;
import io.barnabas.log.segment.LogSegment;
import java.util.List;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Takes a log's end back, and with it all that is known of what lay there: epochs, producers, snapshots, recovery point, high
 * watermark (LOG-30, LOG-31). Waits for a flush that is under way.
 */
final class LogTruncation {
    private static final Logger LOG = LoggerFactory.getLogger(LogTruncation.class);

    private final LogState state;
    private final LogContext context;
    private final LogDurability durability;
    private final ProducerSnapshots snapshots;
    private final LogCompaction compaction;

    LogTruncation(
            LogState state,
            LogContext context,
            LogDurability durability,
            ProducerSnapshots snapshots,
            LogCompaction compaction) {
        this.compaction = compaction;
        this.state = state;
        this.context = context;
        this.durability = durability;
        this.snapshots = snapshots;
    }

    /** @throws LogClosedException if the partition is served no more */
    boolean truncateTo(long offset) {
        return durability.exclusively(() -> {
            LogView before = state.view();
            if (offset < before.logEndOffset()) {
                SegmentList segments = before.segments();
                long base = segments.get(segments.indexOf(offset)).baseOffset();
                lowerRecoveryPoint(base);
                makeDirtyFrom(base);
            }
            synchronized (state.appendLock) {
                cutAt(offset);
            }
            if (state.view().highWatermark() < before.highWatermark()) {
                // what is appended in place of what was committed must not pass for committed after a crash
                context.writeHighWatermarks();
            }
        });
    }

    /** Before anything is cut: what is appended in its place must not pass for durable after a crash. */
    private void lowerRecoveryPoint(long offset) {
        if (durability.lowerRecoveryPoint(offset)) {
            context.writeRecoveryPoints();
        }
    }

    /** Before anything is cut: what is appended in its place must not pass for clean. */
    private void makeDirtyFrom(long offset) {
        if (compaction.onTruncate(offset)) {
            context.writeCleanedOffsets();
        }
    }

    private void cutAt(long offset) {
        LogView before = state.view();
        if (offset >= before.logEndOffset()) {
            if (state.epochs().truncateFromEnd(offset)) {
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
        state.publish(new LogView(
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
        state.onActiveCreated(context.clock().epochMillis());
        long logStart = state.view().logStartOffset();
        long end = Math.max(active.nextOffset(), logStart);
        state.epochs().truncateFromEnd(end);
        durability.onTruncated(end, active.baseOffset());
        snapshots.deleteAbove(end);
        state.replaceProducers(reloadProducers(left, end));
        highWatermark = Math.min(state.view().highWatermark(), end);
        state.publish(new LogView(
                left,
                Math.min(logStart, highWatermark),
                end,
                active.sizeBytes(),
                highWatermark,
                state.stableOffset(highWatermark, Math.min(logStart, highWatermark))));
        LOG.atInfo()
                .addKeyValue("partition", state.partition())
                .addKeyValue("from", before.logEndOffset())
                .addKeyValue("to", end)
                .log("truncated");
    }

    private ProducerHistory reloadProducers(SegmentList segments, long end) {
        long nowMs = context.clock().epochMillis();
        long newest = BatchReplay.newestUsefulSnapshot(
                segments.all(), end, state.view().highWatermark());
        ProducerSnapshots.Loaded loaded =
                snapshots.loadAtOrBelow(newest, segments.first().baseOffset(), nowMs);
        for (int i = segments.indexOf(loaded.offset()); i < segments.size(); i++) {
            BatchReplay.commitAll(segments.get(i), loaded.offset(), end, loaded.producers(), nowMs);
        }
        return loaded.producers();
    }

    /** @throws LogClosedException if the partition is served no more */
    boolean truncateFullyAndStartAt(long offset) {
        return durability.exclusively(() -> {
            lowerRecoveryPoint(0);
            makeDirtyFrom(CompactionPlan.NEVER);
            synchronized (state.appendLock) {
                startAnewAt(offset);
            }
            // the epochs on disk speak of what is gone
            durability.writeEpochsIfChanged();
            context.writeRecoveryPoints();
            context.writeHighWatermarks();
            context.writeLogStarts();
        });
    }

    private void startAnewAt(long offset) {
        LogView before = state.view();
        for (int i = before.segments().size() - 1; i >= 0; i--) {
            before.segments().get(i).delete();
        }
        LogSegment first = LogSegment.create(context.storage(), state.directory(), offset, context.window());
        state.epochs().clear();
        snapshots.deleteAll();
        state.replaceProducers(new ProducerHistory());
        state.onActiveCreated(context.clock().epochMillis());
        durability.onStartedAnew(offset);
        state.publish(new LogView(SegmentList.of(List.of(first)), offset, offset, 0, offset, offset));
        LOG.atInfo()
                .addKeyValue("partition", state.partition())
                .addKeyValue("from", before.logEndOffset())
                .addKeyValue("startOffset", offset)
                .log("log dropped and started anew");
    }
}
