package io.barnabas.broker.api;

import io.barnabas.broker.replica.Partition;
import io.barnabas.broker.replica.PartitionView;
import io.barnabas.broker.throttle.ReplicaThrottle;
import io.barnabas.log.LogSlice;
import io.barnabas.log.batch.RecordBatchHeader;
import io.barnabas.log.storage.StorageException;
import io.barnabas.model.BrokerId;
import io.barnabas.model.OffsetAndEpoch;
import io.barnabas.model.Refusal;
import io.barnabas.protocol.ErrorCode;
import io.barnabas.protocol.message.FetchResponseData.AbortedTransaction;
import io.barnabas.protocol.message.FetchResponseData.PartitionData;
import io.barnabas.protocol.message.Records;
import java.nio.ByteBuffer;
import java.util.ArrayList;
import java.util.List;

/** Reads what a {@link FetchPlan} asks for, once, as the partitions' views show it now. */
final class FetchReader {
    private static final int FIRST_VERSION_WITH_ZSTD = 10;
    private static final int ZSTD = 4;

    private final PartitionFinder partitions;
    private final ReadReplicas replicas;
    private final ReplicaThrottle throttle;

    FetchReader(PartitionFinder partitions, ReadReplicas replicas, ReplicaThrottle throttle) {
        this.partitions = partitions;
        this.replicas = replicas;
        this.throttle = throttle;
    }

    /**
     * @param first whether this is the first reading of the plan: what a follower's position tells is taken once
     */
    FetchResult read(FetchPlan plan, boolean first) {
        FetchResult result = new FetchResult(plan.conversation().size());
        try {
            int left = plan.maxBytes();
            for (int i = 0; i < result.size(); i++) {
                FetchPosition position = plan.conversation().position(i);
                Partition partition = position.isById()
                        ? partitions.find(position.topicId(), position.partition())
                        : partitions.find(position.topic(), position.partition());
                if (partition == null) {
                    result.putAbsent(i, position.partition(), whyAbsent(position));
                } else {
                    read(plan, position, partition, i, left, result, first);
                    left -= Math.min(left, result.data(i).records.sizeInBytes());
                }
            }
            return result;
        } catch (RuntimeException | Error e) {
            result.release();
            throw e;
        }
    }

    private Refusal.Reason whyAbsent(FetchPosition position) {
        return position.isById()
                ? partitions.whyAbsent(position.topicId(), position.partition())
                : partitions.whyAbsent(position.topic(), position.partition());
    }

    private void read(
            FetchPlan plan,
            FetchPosition position,
            Partition partition,
            int index,
            int left,
            FetchResult result,
            boolean first) {
        PartitionView view = partition.view();
        Refusal.Reason refusal = refusal(plan, position, partition, view);
        long logStartOffset = partition.logStartOffset();
        long offset = position.fetchOffset();
        OffsetAndEpoch diverging = OffsetAndEpoch.NONE;
        // who has records of this very leadership, and not more than we, cannot have parted from us
        boolean ofThisEpoch =
                view.isLeader() && position.lastFetchedEpoch() == view.leaderEpoch() && offset <= view.logEndOffset();
        if (refusal == null && position.lastFetchedEpoch() >= 0 && !(ofThisEpoch && offset >= logStartOffset)) {
            OffsetAndEpoch end = partition.log().endOffsetOf(position.lastFetchedEpoch());
            if (end.offset() < 0 || offset < logStartOffset) {
                refusal = Refusal.Reason.OFFSET_OUT_OF_RANGE;
            } else if (end.leaderEpoch() < position.lastFetchedEpoch() || end.offset() < offset) {
                diverging = end;
            }
        }
        boolean diverges = diverging.offset() >= 0;
        if (refusal == null && !diverges && (offset < logStartOffset || offset > view.logEndOffset())) {
            refusal = Refusal.Reason.OFFSET_OUT_OF_RANGE;
        }
        if (refusal != null) {
            result.putRefused(index, position.partition(), partition, view, refusal);
            return;
        }
        if (first && plan.isByFollower() && !diverges) {
            partition.onFollowerFetched(
                    plan.follower(),
                    plan.brokerEpoch(),
                    position.currentLeaderEpoch(),
                    offset,
                    position.logStartOffset());
            view = partition.view();
        }
        PartitionData data = entry(position.partition());
        data.highWatermark = view.highWatermark();
        data.lastStableOffset = view.lastStableOffset();
        data.logStartOffset = logStartOffset;
        data.abortedTransactions = plan.readCommitted() ? List.of() : null;
        if (diverges) {
            data.divergingEpoch.epoch = diverging.leaderEpoch();
            data.divergingEpoch.endOffset = diverging.offset();
            result.putDiverging(index, partition, view, data);
            return;
        }
        BrokerId preferred = plan.mayReadFollowers() && view.isLeader()
                ? replicas.preferred(partition, plan.rack(), offset)
                : BrokerId.NONE;
        if (!preferred.isNone()) {
            data.preferredReadReplica = preferred.value();
            result.put(index, partition, view, data);
            result.hurry();
            return;
        }
        if (plan.watermarksHurry() && plan.conversation().lacksWatermark(index, view.highWatermark())) {
            result.hurry();
        }
        long bound = plan.bound(view);
        boolean nothingYet = result.bytes() == 0;
        int most = Math.min(Math.max(0, position.maxBytes()), left);
        if (offset >= bound || (most == 0 && !nothingYet)) {
            result.put(index, partition, view, data);
            return;
        }
        boolean throttled = plan.isByFollower() && throttle.appliesTo(partition.id());
        long wait = throttled && !partition.isInSync(plan.follower()) ? throttle.waitNanos() : 0;
        if (wait > 0) {
            // nothing of this one, so that it neither takes the room of others nor satisfies min_bytes (REPL-31)
            result.put(index, partition, view, data);
            result.holdBack(wait);
            return;
        }
        LogSlice slice;
        try {
            slice = partition.read(offset, most, bound, nothingYet);
        } catch (StorageException e) {
            // the partition has logged it and gone offline
            result.putRefused(index, position.partition(), partition, partition.view(), Refusal.Reason.STORAGE_ERROR);
            return;
        }
        if (slice.sizeInBytes() == 0) {
            slice.release();
            result.put(index, partition, view, data);
            return;
        }
        data.records = new SliceRecords(slice);
        result.put(index, partition, view, data);
        if (throttled) {
            result.charge(slice.sizeInBytes());
        }
        if (plan.version() < FIRST_VERSION_WITH_ZSTD && holdsZstd(slice)) {
            slice.release();
            result.putRefused(
                    index, position.partition(), partition, view, Refusal.Reason.UNSUPPORTED_COMPRESSION_TYPE);
            return;
        }
        if (plan.readCommitted()) {
            data.abortedTransactions = abortedTransactions(partition, offset, bound);
        }
        if (plan.minBytes() > 1 && slice.sizeInBytes() < most && endsBefore(partition, slice, bound)) {
            result.hurry(); // the rest is in a later segment: waiting would not make this any larger (FETCH-05)
        }
    }

    /** Who may read here, and does he believe in the right leadership? */
    private static Refusal.Reason refusal(
            FetchPlan plan, FetchPosition position, Partition partition, PartitionView view) {
        Refusal.Reason refusal = view.replicaRefusal();
        if (refusal == null) {
            refusal = view.epochRefusal(position.currentLeaderEpoch());
        }
        if (refusal == null && !plan.debug() && !plan.mayReadFollowers()) {
            refusal = view.leaderRefusal();
        }
        if (refusal == null && !plan.isByFollower() && !partition.mayServe()) {
            refusal = Refusal.Reason.NOT_LEADER_OR_FOLLOWER;
        }
        if (refusal == null && plan.isByFollower() && !partition.isAssigned(plan.follower())) {
            refusal = position.currentLeaderEpoch() >= 0
                    ? Refusal.Reason.UNKNOWN_LEADER_EPOCH
                    : Refusal.Reason.NOT_LEADER_OR_FOLLOWER;
        }
        return refusal;
    }

    /**
     * All that overlap what may be read from here on: more than the records that are sent may need, never fewer
     * (FETCH-07).
     */
    private static List<AbortedTransaction> abortedTransactions(Partition partition, long from, long to) {
        List<AbortedTransaction> aborted = new ArrayList<>();
        for (io.barnabas.log.history.AbortedTransaction one : partition.log().abortedTransactions(from, to)) {
            AbortedTransaction entry = new AbortedTransaction();
            entry.producerId = one.producerId();
            entry.firstOffset = one.firstOffset();
            aborted.add(entry);
        }
        return aborted;
    }

    /** Whether the last readable record lies behind the slice, in another segment. */
    private static boolean endsBefore(Partition partition, LogSlice slice, long bound) {
        LogSlice last = partition.read(bound - 1, 1, bound, true);
        try {
            return last.filePosition() + last.sizeInBytes() != slice.filePosition() + slice.sizeInBytes();
        } finally {
            last.release();
        }
    }

    /** Looks at the batches' headers; only for clients so old that they do not know the codec. */
    private static boolean holdsZstd(LogSlice slice) {
        ByteBuffer header = ByteBuffer.allocate(RecordBatchHeader.OVERHEAD);
        for (long at = 0; at + RecordBatchHeader.OVERHEAD <= slice.sizeInBytes(); ) {
            header.clear();
            if (slice.readInto(header, (int) at) < RecordBatchHeader.OVERHEAD) {
                return false;
            }
            if (RecordBatchHeader.codec(header, 0) == ZSTD) {
                return true;
            }
            at += RecordBatchHeader.sizeInBytes(header, 0);
        }
        return false;
    }

    /** An entry in which nothing is known yet. */
    static PartitionData entry(int partition) {
        PartitionData data = new PartitionData();
        data.partitionIndex = partition;
        data.errorCode = ErrorCode.NONE.code();
        data.highWatermark = -1;
        data.lastStableOffset = -1;
        data.logStartOffset = -1;
        data.preferredReadReplica = BrokerId.NONE.value();
        data.records = Records.EMPTY;
        return data;
    }
}
