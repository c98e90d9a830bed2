package io.barnabas.log;

import io.barnabas.log.batch.CorruptBatchException;
import io.barnabas.log.batch.RecordBatchHeader;
import io.barnabas.log.batch.StoredBatch;
import io.barnabas.log.batch.ValidBatch;
import io.barnabas.log.history.AbortedTransaction;
import io.barnabas.log.history.KeptBatch;
import io.barnabas.log.history.ProducerBatch;
import io.barnabas.log.history.ProducerHistory;
import io.barnabas.log.history.TransactionMarker;
import io.barnabas.log.policy.RollPolicy;
import io.barnabas.log.segment.LogSegment;
import io.barnabas.model.Invariant;
import io.barnabas.model.Outcome;
import io.barnabas.model.Refusal;
import io.barnabas.model.Refusal.Reason;
import java.nio.ByteBuffer;
import java.util.List;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/** Writes batches that were judged already to the end of a log, and rolls its segments. */
final class LogAppends {
    private static final Logger LOG = LoggerFactory.getLogger(LogAppends.class);

    private final LogState state;
    private final LogContext context;
    private final LogDurability durability;
    private volatile RollPolicy rollPolicy;

    /** Guarded by the append lock. */
    private long activeJitterMs;

    /** {@link #reconfigure} comes before anything else. */
    LogAppends(LogState state, LogContext context, LogDurability durability) {
        this.state = state;
        this.context = context;
        this.durability = durability;
    }

    void reconfigure(LogConfig config) {
        // what stays in the active segment cannot be compacted in time
        long segmentMs =
                config.compacts() ? Math.min(config.segmentMs(), config.maxCompactionLagMs()) : config.segmentMs();
        rollPolicy = new RollPolicy(config.segmentBytes(), segmentMs);
        synchronized (state.appendLock) {
            activeJitterMs = rollPolicy.jitterMs(config.segmentJitterMs(), context.random());
        }
    }

    /** Appends a batch at the log's end, unless its producer is out of order or has sent it before. */
    Outcome<AppendedBatch> appendValid(ValidBatch valid, int leaderEpoch, long nowMs) {
        synchronized (state.appendLock) {
            if (state.isClosed()) {
                return Outcome.refused(
                        Reason.NOT_LEADER_OR_FOLLOWER, "the log of " + state.partition() + " was closed");
            }
            ByteBuffer bytes = valid.bytes();
            int at = bytes.position();
            LogView before = state.view();
            long baseOffset = before.logEndOffset();
            long lastOffset = baseOffset + valid.count() - 1;
            RecordBatchHeader.stamp(bytes, at, baseOffset, leaderEpoch);
            ProducerBatch producerBatch = BatchReplay.producerBatchOf(bytes, at);
            TransactionMarker marker = null;
            if (producerBatch != null) {
                Outcome<ProducerHistory.Verdict> verdict = state.producers().check(producerBatch);
                if (!verdict.isDone()) {
                    return Outcome.refused(verdict.refusal());
                }
                if (verdict.value().isDuplicate()) {
                    return Outcome.done(duplicateOf(verdict.value().original(), leaderEpoch));
                }
            } else {
                marker = BatchReplay.markerOf(bytes, at);
                Refusal refusal = marker == null ? null : state.producers().check(marker);
                if (refusal != null) {
                    return Outcome.refused(refusal);
                }
            }
            write(bytes, baseOffset, lastOffset, valid.maxTimestamp(), leaderEpoch, nowMs);
            commit(producerBatch, marker, nowMs);
            state.publishEnd(lastOffset + 1);
            return Outcome.done(new AppendedBatch(
                    baseOffset,
                    lastOffset,
                    leaderEpoch,
                    valid.logAppendTimeMs(),
                    before.logStartOffset(),
                    bytes.remaining(),
                    false));
        }
    }

    private AppendedBatch duplicateOf(KeptBatch original, int leaderEpoch) {
        return new AppendedBatch(
                original.firstOffset(),
                original.lastOffset(),
                leaderEpoch,
                original.timestamp(),
                state.view().logStartOffset(),
                0,
                true);
    }

    /**
     * Appends batches with the offsets and epochs that they have.
     *
     * @throws CorruptBatchException if one does not follow the log's end; those before it are appended
     */
    void appendSound(List<StoredBatch> batches) {
        long nowMs = context.clock().epochMillis();
        synchronized (state.appendLock) {
            if (state.isClosed()) {
                throw new LogClosedException(state.partition());
            }
            for (int from = 0; from < batches.size(); ) {
                from = appendRun(batches, from, nowMs);
            }
        }
    }

    /**
     * Appends batches from the given one on as far as they belong into one segment, with one write.
     *
     * @return the first that is left
     */
    private int appendRun(List<StoredBatch> batches, int from, long nowMs) {
        StoredBatch first = batches.get(from);
        long end = state.view().logEndOffset();
        if (!follows(first, end)) {
            throw new CorruptBatchException("batch of offsets " + first.baseOffset() + " to " + first.lastOffset()
                    + " does not follow the end " + end + " of " + state.partition());
        }
        LogSegment active =
                segmentFor(first.baseOffset(), first.lastOffset(), first.sizeInBytes(), first.maxTimestamp(), nowMs);
        long firstTimestamp = active.isEmpty() ? first.maxTimestamp() : active.firstTimestamp();
        int runBytes = first.sizeInBytes();
        long lastOffset = first.lastOffset();
        int to = from + 1;
        while (to < batches.size()) {
            StoredBatch next = batches.get(to);
            RollPolicy.ActiveSegment then = new RollPolicy.ActiveSegment(
                    active.baseOffset(),
                    active.sizeBytes() + (long) runBytes,
                    firstTimestamp,
                    state.activeCreatedMs(),
                    activeJitterMs,
                    isIndexFull(active, to - from));
            if (!follows(next, lastOffset + 1)
                    || next.buffer() != first.buffer()
                    || next.position() != first.position() + runBytes
                    || rollPolicy.reasonToRoll(then, next.sizeInBytes(), next.maxTimestamp(), next.lastOffset(), nowMs)
                            != null) {
                break;
            }
            runBytes += next.sizeInBytes();
            lastOffset = next.lastOffset();
            to++;
        }
        ByteBuffer run = first.buffer().duplicate();
        run.limit(first.position() + runBytes).position(first.position());
        active.appendFresh(run, state.config().indexIntervalBytes());
        for (int i = from; i < to; i++) {
            StoredBatch batch = batches.get(i);
            assignEpoch(batch.leaderEpoch(), batch.baseOffset());
            commit(
                    BatchReplay.producerBatchOf(batch.buffer(), batch.position()),
                    BatchReplay.markerOf(batch.buffer(), batch.position()),
                    nowMs);
        }
        state.publishEnd(lastOffset + 1);
        return to;
    }

    private static boolean follows(StoredBatch batch, long end) {
        return batch.baseOffset() >= end && batch.lastOffset() >= batch.baseOffset();
    }

    private void write(
            ByteBuffer bytes, long baseOffset, long lastOffset, long maxTimestamp, int leaderEpoch, long nowMs) {
        LogSegment active = segmentFor(baseOffset, lastOffset, bytes.remaining(), maxTimestamp, nowMs);
        active.append(
                bytes, baseOffset, lastOffset, maxTimestamp, state.config().indexIntervalBytes());
        assignEpoch(leaderEpoch, baseOffset);
    }

    private void assignEpoch(int leaderEpoch, long baseOffset) {
        if (state.epochs().assign(leaderEpoch, baseOffset)) {
            durability.onEpochsChanged();
            state.producers().onLeaderEpoch(baseOffset);
        }
    }

    /** The active segment if the batch belongs into it, else a new one. */
    private LogSegment segmentFor(long baseOffset, long lastOffset, int bytes, long maxTimestamp, long nowMs) {
        LogSegment active = state.view().segments().active();
        RollPolicy.Reason why = rollPolicy.reasonToRoll(
                new RollPolicy.ActiveSegment(
                        active.baseOffset(),
                        active.sizeBytes(),
                        active.firstTimestamp(),
                        state.activeCreatedMs(),
                        activeJitterMs,
                        isIndexFull(active, 0)),
                bytes,
                maxTimestamp,
                lastOffset,
                nowMs);
        if (why != null) {
            // at the log's end, so that a gap between segments can only mean a loss, unless offsets leap too far for
            // that
            long end = state.view().logEndOffset();
            roll(lastOffset - end <= LogSegment.MAX_OFFSET_SPAN ? end : baseOffset, nowMs, why);
            active = state.view().segments().active();
        }
        return active;
    }

    /** @param more entries that may come before */
    private boolean isIndexFull(LogSegment segment, int more) {
        int indexBytes = state.config().segmentIndexBytes();
        return segment.offsetIndexEntries() + more >= Math.max(1, indexBytes / LogSegment.OFFSET_INDEX_ENTRY_BYTES)
                || segment.timeIndexEntries() + more >= Math.max(1, indexBytes / LogSegment.TIME_INDEX_ENTRY_BYTES - 1);
    }

    private void commit(ProducerBatch batch, TransactionMarker marker, long nowMs) {
        if (batch != null) {
            state.producers().commit(batch, nowMs);
        } else if (marker != null) {
            AbortedTransaction aborted = state.producers().commit(marker, nowMs);
            if (aborted != null) {
                state.view().segments().active().appendAborted(aborted);
            }
        }
    }

    /** Begins a new segment at {@code baseOffset}. The caller holds the append lock. Creates a file, fsyncs nothing. */
    void roll(long baseOffset, long nowMs, Object why) {
        LogView before = state.view();
        LogSegment old = before.segments().active();
        if (old.baseOffset() == baseOffset) {
            Invariant.holds(
                    old.isEmpty(), "segment %d of %s cannot be rolled at its base", baseOffset, state.partition());
            return;
        }
        old.seal();
        LogSegment next = LogSegment.create(context.storage(), state.directory(), baseOffset, context.window());
        durability.keepSnapshot(baseOffset, state.encodedProducers());
        SegmentList segments = before.segments().with(next);
        if (old.isEmpty()) {
            segments = segments.without(List.of(old));
            old.delete();
        }
        state.onActiveCreated(nowMs);
        activeJitterMs = rollPolicy.jitterMs(state.config().segmentJitterMs(), context.random());
        state.publish(new LogView(
                segments,
                before.logStartOffset(),
                before.logEndOffset(),
                0,
                before.highWatermark(),
                before.lastStableOffset()));
        durability.onRolled();
        LOG.atDebug()
                .addKeyValue("partition", state.partition())
                .addKeyValue("baseOffset", baseOffset)
                .addKeyValue("cause", why)
                .log("rolled a segment");
    }
}
