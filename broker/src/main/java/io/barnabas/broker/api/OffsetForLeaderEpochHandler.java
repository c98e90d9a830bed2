package io.barnabas.broker.api;

import io.barnabas.broker.replica.Partition;
import io.barnabas.broker.replica.PartitionView;
import io.barnabas.model.OffsetAndEpoch;
import io.barnabas.model.Refusal;
import io.barnabas.protocol.message.OffsetForLeaderEpochRequestData;
import io.barnabas.protocol.message.OffsetForLeaderEpochRequestData.OffsetForLeaderPartition;
import io.barnabas.protocol.message.OffsetForLeaderEpochRequestData.OffsetForLeaderTopic;
import io.barnabas.protocol.message.OffsetForLeaderEpochResponseData;
import io.barnabas.protocol.message.OffsetForLeaderEpochResponseData.EpochEndOffset;
import io.barnabas.protocol.message.OffsetForLeaderEpochResponseData.OffsetForLeaderTopicResult;

/**
 * OffsetForLeaderEpoch, versions 2 to 4: where a leader epoch ended, which tells a consumer whether what it has read was
 * truncated since (KIP-320).
 */
public final class OffsetForLeaderEpochHandler implements RequestHandler<OffsetForLeaderEpochRequestData> {
    private final PartitionFinder partitions;

    public OffsetForLeaderEpochHandler(PartitionFinder partitions) {
        this.partitions = partitions;
    }

    @Override
    public void handle(RequestContext context, OffsetForLeaderEpochRequestData request, Reply reply) {
        OffsetForLeaderEpochResponseData response = new OffsetForLeaderEpochResponseData();
        for (OffsetForLeaderTopic topic : request.topics) {
            OffsetForLeaderTopicResult topicAnswer = new OffsetForLeaderTopicResult();
            topicAnswer.topic = topic.topic;
            for (OffsetForLeaderPartition partition : topic.partitions) {
                topicAnswer.partitions.add(answer(topic.topic, partition));
            }
            response.topics.add(topicAnswer);
        }
        reply.send(response);
    }

    private EpochEndOffset answer(String topic, OffsetForLeaderPartition wanted) {
        EpochEndOffset entry = new EpochEndOffset();
        entry.partition = wanted.partition;
        entry.leaderEpoch = -1;
        entry.endOffset = -1;
        Partition partition = partitions.find(topic, wanted.partition);
        Refusal.Reason refusal;
        if (partition == null) {
            refusal = partitions.whyAbsent(topic, wanted.partition);
        } else {
            PartitionView view = partition.view();
            refusal = view.replicaRefusal();
            if (refusal == null) {
                refusal = view.epochRefusal(wanted.currentLeaderEpoch);
            }
            if (refusal == null) {
                refusal = view.leaderRefusal();
            }
        }
        if (refusal != null) {
            entry.errorCode = WireErrors.of(refusal).code();
            return entry;
        }
        if (wanted.leaderEpoch >= 0) {
            OffsetAndEpoch end = partition.log().endOffsetOf(wanted.leaderEpoch);
            entry.leaderEpoch = end.leaderEpoch();
            entry.endOffset = end.offset();
        }
        return entry;
    }
}
