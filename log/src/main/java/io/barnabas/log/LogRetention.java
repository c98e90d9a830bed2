package io.barnabas.log;

import io.barnabas.log.policy.RetentionPolicy;
import io.barnabas.log.segment.LogSegment;
import io.barnabas.log.storage.StorageException;
import io.barnabas.model.Outcome;
import io.barnabas.model.Refusal.Reason;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Set;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/** Moves a log's start forward, when asked to or because records are too old or too many, and deletes what lies before it. */
final class LogRetention {
    private static final Logger LOG = LoggerFactory.getLogger(LogRetention.class);

    private final LogState state;
    private final LogContext context;
    private final LogDurability durability;
    private final ProducerSnapshots snapshots;
    private final LogAppends appends;

    LogRetention(
            LogState state,
            LogContext context,
            LogDurability durability,
            ProducerSnapshots snapshots,
            LogAppends appends) {
        this.state = state;
        this.context = context;
        this.durability = durability;
        this.snapshots = snapshots;
        this.appends = appends;
    }

    Outcome<Long> deleteRecordsTo(long offset) {
        if (state.isClosed()) {
            return Outcome.refused(Reason.NOT_LEADER_OR_FOLLOWER, "the log of " + state.partition() + " was closed");
        }
        if (!state.config().deletes()) {
            return Outcome.refused(
                    Reason.POLICY_VIOLATION,
                    "records of " + state.partition().topic() + " are not to be deleted by its policy");
        }
        long highWatermark = state.view().highWatermark();
        long target = offset == -1 ? highWatermark : offset;
        if (target < 0 || target > highWatermark) {
            return Outcome.refused(
                    Reason.OFFSET_OUT_OF_RANGE,
                    "offset " + offset + " of " + state.partition() + " is not below the high watermark "
                            + highWatermark);
        }
        if (target > state.view().logStartOffset()) {
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
        return Outcome.done(state.view().logStartOffset());
    }

    /** @return whether it moved */
    boolean advanceLogStart(long offset) {
        synchronized (state.appendLock) {
            LogView before = state.view();
            long start = Math.min(offset, before.highWatermark());
            if (start <= before.logStartOffset()) {
                return false;
            }
            if (state.epochs().truncateFromStart(start)) {
                durability.onEpochsChanged();
            }
            state.publish(new LogView(
                    before.segments(),
                    start,
                    before.logEndOffset(),
                    before.activeSizeBytes(),
                    before.highWatermark(),
                    state.stableOffset(before.highWatermark(), start)));
            return true;
        }
    }

    void forgetSilentProducers(long nowMs, long producerExpirationMs) {
        synchronized (state.appendLock) {
            state.producers().expire(nowMs, producerExpirationMs);
        }
    }

    /** @return segments deleted */
    int deleteExpired(long nowMs) {
        int[] deleted = new int[1];
        durability.unlessAbandoned(() -> deleted[0] = deleteExpiredExclusively(nowMs));
        return deleted[0];
    }

    private int deleteExpiredExclusively(long nowMs) {
        LogView taken = state.view();
        LogConfig current = state.config();
        RetentionPolicy.Expired expired = new RetentionPolicy(
                        current.retentionMs(), current.retentionBytes(), current.deletes())
                .expired(factsOf(taken), taken.logStartOffset(), taken.highWatermark(), nowMs);
        if (expired.total() == 0) {
            return 0;
        }
        List<LogSegment> gone = taken.segments().all().subList(0, expired.total());
        if (!unlink(taken, gone, nowMs)) {
            return 0;
        }
        Set<Long> bases = new HashSet<>();
        state.view().segments().all().forEach(segment -> bases.add(segment.baseOffset()));
        snapshots.keepOnly(bases);
        gone.forEach(LogSegment::markDeleted);
        context.storage().syncDirectory(state.directory());
        context.deleteLater(current.fileDeleteDelayMs(), () -> gone.forEach(LogSegment::delete));
        LOG.atInfo()
                .addKeyValue("partition", state.partition())
                .addKeyValue("segments", gone.size())
                .addKeyValue("logStartOffset", state.view().logStartOffset())
                .addKeyValue("expired", expired)
                .log("deleted old segments");
        return gone.size();
    }

    private static List<RetentionPolicy.SegmentFacts> factsOf(LogView taken) {
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
        return facts;
    }

    /** Takes segments out of what is published; false if the log was changed since by more than appends. */
    private boolean unlink(LogView taken, List<LogSegment> gone, long nowMs) {
        synchronized (state.appendLock) {
            LogView before = state.view();
            boolean sameHead = before.segments().size() >= gone.size()
                    && before.segments().all().subList(0, gone.size()).equals(gone);
            LogSegment active = before.segments().active();
            boolean activeToo = sameHead && gone.contains(active);
            if (state.isClosed() || !sameHead || (activeToo && before.logEndOffset() != taken.logEndOffset())) {
                return false;
            }
            if (activeToo) {
                appends.roll(before.logEndOffset(), nowMs, "all expired");
                before = state.view();
            }
            SegmentList left = before.segments().without(gone);
            long start = Math.max(before.logStartOffset(), left.first().baseOffset());
            if (state.epochs().truncateFromStart(start)) {
                durability.onEpochsChanged();
            }
            state.publish(new LogView(
                    left,
                    start,
                    before.logEndOffset(),
                    before.activeSizeBytes(),
                    before.highWatermark(),
                    state.stableOffset(before.highWatermark(), start)));
            return true;
        }
    }
}
