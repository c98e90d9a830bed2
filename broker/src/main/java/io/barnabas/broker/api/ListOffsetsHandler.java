package io.barnabas.broker.api;

import io.barnabas.broker.replica.Partition;
import io.barnabas.broker.replica.PartitionView;
import io.barnabas.log.LogDamagedException;
import io.barnabas.log.PartitionLog;
import io.barnabas.log.TimestampedOffset;
import io.barnabas.log.batch.CorruptBatchException;
import io.barnabas.log.storage.StorageException;
import io.barnabas.model.OffsetAndEpoch;
import io.barnabas.model.Outcome;
import io.barnabas.model.Refusal;
import io.barnabas.protocol.ErrorCode;
import io.barnabas.protocol.message.ListOffsetsRequestData;
import io.barnabas.protocol.message.ListOffsetsRequestData.ListOffsetsPartition;
import io.barnabas.protocol.message.ListOffsetsRequestData.ListOffsetsTopic;
import io.barnabas.protocol.message.ListOffsetsResponseData;
import io.barnabas.protocol.message.ListOffsetsResponseData.ListOffsetsPartitionResponse;
import io.barnabas.protocol.message.ListOffsetsResponseData.ListOffsetsTopicResponse;
import java.util.HashMap;
import java.util.Map;
import java.util.concurrent.Executor;

/**
 * ListOffsets, versions 1 to 11: where a partition begins and ends, and what was written at some time. Requests that need to
 * read the log for their answer are served by another thread.
 */
public final class ListOffsetsHandler implements RequestHandler<ListOffsetsRequestData> {
    private static final long LATEST = -1;
    private static final long EARLIEST = -2;
    private static final long MAX_TIMESTAMP = -3;
    private static final long EARLIEST_LOCAL = -4;
    private static final long LATEST_TIERED = -5;
    private static final long EARLIEST_PENDING_UPLOAD = -6;

    private static final int DEBUG_REPLICA = -2;
    private static final byte READ_COMMITTED = 1;

    private final PartitionFinder partitions;
    private final Executor logReads;

    /** @param logReads threads that may wait for disks */
    public ListOffsetsHandler(PartitionFinder partitions, Executor logReads) {
        this.partitions = partitions;
        this.logReads = logReads;
    }

    @Override
    public void handle(RequestContext context, ListOffsetsRequestData request, Reply reply) {
        if (readsTheLog(request)) {
            logReads.execute(() -> ApiDispatcher.attempt(
                    context, request, reply, () -> reply.send(answer(request, context.apiVersion()))));
        } else {
            reply.send(answer(request, context.apiVersion()));
        }
    }

    private static boolean readsTheLog(ListOffsetsRequestData request) {
        for (ListOffsetsTopic topic : request.topics) {
            for (ListOffsetsPartition partition : topic.partitions) {
                if (partition.timestamp >= 0 || partition.timestamp == MAX_TIMESTAMP) {
                    return true;
                }
            }
        }
        return false;
    }

    private ListOffsetsResponseData answer(ListOffsetsRequestData request, short version) {
        ListOffsetsResponseData response = new ListOffsetsResponseData();
        Map<FetchPosition.Key, Integer> mentions = new HashMap<>();
        for (ListOffsetsTopic topic : request.topics) {
            for (ListOffsetsPartition partition : topic.partitions) {
                mentions.merge(new FetchPosition.Key(topic.name, partition.partitionIndex), 1, Integer::sum);
            }
        }
        for (ListOffsetsTopic topic : request.topics) {
            ListOffsetsTopicResponse topicAnswer = new ListOffsetsTopicResponse();
            topicAnswer.name = topic.name;
            for (ListOffsetsPartition partition : topic.partitions) {
                Integer times = mentions.remove(new FetchPosition.Key(topic.name, partition.partitionIndex));
                if (times == null) {
                    continue; // answered where it stands first
                }
                ListOffsetsPartitionResponse entry = entry(partition.partitionIndex);
                if (times > 1) {
                    entry.errorCode = ErrorCode.INVALID_REQUEST.code();
                } else {
                    answer(request, version, topic.name, partition, entry);
                }
                topicAnswer.partitions.add(entry);
            }
            if (!topicAnswer.partitions.isEmpty()) {
                response.topics.add(topicAnswer);
            }
        }
        return response;
    }

    private void answer(
            ListOffsetsRequestData request,
            short version,
            String topic,
            ListOffsetsPartition wanted,
            ListOffsetsPartitionResponse entry) {
        if (!isKnown(wanted.timestamp, version)) {
            entry.errorCode = ErrorCode.UNSUPPORTED_VERSION.code();
            return;
        }
        Partition partition = partitions.find(topic, wanted.partitionIndex);
        if (partition == null) {
            refuse(entry, partitions.whyAbsent(topic, wanted.partitionIndex));
            return;
        }
        PartitionView view = partition.view();
        boolean debug = request.replicaId == DEBUG_REPLICA;
        Refusal.Reason refusal = view.replicaRefusal();
        if (refusal == null) {
            refusal = view.epochRefusal(wanted.currentLeaderEpoch);
        }
        if (refusal == null && !debug) {
            refusal = view.leaderRefusal();
        }
        if (refusal == null && request.replicaId == -1 && !partition.mayServe()) {
            refusal = Refusal.Reason.NOT_LEADER_OR_FOLLOWER;
        }
        if (refusal != null) {
            refuse(entry, refusal);
            return;
        }
        boolean consumer = request.replicaId == -1;
        long end = !consumer
                ? view.logEndOffset()
                : request.isolationLevel == READ_COMMITTED ? view.lastStableOffset() : view.highWatermark();
        // a new leader may know less of what is committed than the old one told: "latest" must not go back (KIP-207)
        boolean lagging = consumer && view.highWatermark() < view.epochStartOffset();
        try {
            TimestampedOffset found = find(partition.log(), wanted.timestamp, end, lagging);
            if (found == null) {
                refuse(entry, version >= 5 ? Refusal.Reason.OFFSET_NOT_AVAILABLE : Refusal.Reason.LEADER_NOT_AVAILABLE);
                return;
            }
            entry.offset = found.offset();
            entry.timestamp = found.timestamp();
            if (version >= 4) {
                entry.leaderEpoch = found.leaderEpoch();
            }
        } catch (LogDamagedException | CorruptBatchException damaged) {
            refuse(entry, Refusal.Reason.STORAGE_ERROR);
        } catch (StorageException e) {
            partition.fail(e);
            refuse(entry, Refusal.Reason.STORAGE_ERROR);
        }
    }

    /** @return null if it cannot be said yet */
    private static TimestampedOffset find(PartitionLog log, long timestamp, long end, boolean lagging) {
        if (timestamp == EARLIEST || timestamp == EARLIEST_LOCAL) {
            long start = log.logStartOffset();
            return new TimestampedOffset(start, -1, epochAt(log, start));
        }
        if (timestamp == LATEST_TIERED || timestamp == EARLIEST_PENDING_UPLOAD) {
            return TimestampedOffset.NONE; // nothing is tiered
        }
        if (timestamp == LATEST) {
            return lagging ? null : new TimestampedOffset(end, -1, log.latestEpoch());
        }
        TimestampedOffset found;
        if (timestamp == MAX_TIMESTAMP) {
            found = log.maxTimestamp(end);
        } else {
            Outcome<TimestampedOffset> outcome = log.findByTimestamp(timestamp, end);
            found = outcome.isDone() ? outcome.value() : TimestampedOffset.NONE;
        }
        boolean visible = found.offset() >= 0 && found.offset() < end;
        if (!visible && lagging) {
            return null;
        }
        return visible ? found : TimestampedOffset.NONE;
    }

    /** The leader epoch that covers {@code offset}: from the latest back to the first that begins at or before it. */
    private static int epochAt(PartitionLog log, long offset) {
        int epoch = log.latestEpoch();
        while (epoch > 0) {
            OffsetAndEpoch earlier = log.endOffsetOf(epoch - 1);
            if (earlier.offset() <= offset) {
                return epoch;
            }
            epoch = earlier.leaderEpoch();
        }
        return epoch;
    }

    private static boolean isKnown(long timestamp, short version) {
        if (timestamp >= EARLIEST) {
            return true;
        }
        return (timestamp == MAX_TIMESTAMP && version >= 7)
                || (timestamp == EARLIEST_LOCAL && version >= 8)
                || (timestamp == LATEST_TIERED && version >= 9)
                || (timestamp == EARLIEST_PENDING_UPLOAD && version >= 11);
    }

    private static ListOffsetsPartitionResponse entry(int partition) {
        ListOffsetsPartitionResponse entry = new ListOffsetsPartitionResponse();
        entry.partitionIndex = partition;
        entry.offset = -1;
        entry.timestamp = -1;
        entry.leaderEpoch = -1;
        return entry;
    }

    private static void refuse(ListOffsetsPartitionResponse entry, Refusal.Reason reason) {
        entry.errorCode = WireErrors.of(reason).code();
    }
}
