package io.barnabas.broker.api;

import io.barnabas.broker.metadata.ClusterView;
import io.barnabas.broker.metadata.CurrentCluster;
import io.barnabas.consumer.coordinator.GroupRequests;
import io.barnabas.consumer.coordinator.offsets.CommitOffsets;
import io.barnabas.model.Refusal;
import io.barnabas.model.TopicPartition;
import io.barnabas.protocol.ErrorCode;
import io.barnabas.protocol.message.ApiMessage;
import io.barnabas.protocol.message.OffsetCommitRequestData;
import io.barnabas.protocol.message.OffsetCommitRequestData.OffsetCommitRequestPartition;
import io.barnabas.protocol.message.OffsetCommitRequestData.OffsetCommitRequestTopic;
import io.barnabas.protocol.message.OffsetCommitResponseData;
import io.barnabas.protocol.message.OffsetCommitResponseData.OffsetCommitResponsePartition;
import io.barnabas.protocol.message.OffsetCommitResponseData.OffsetCommitResponseTopic;
import io.barnabas.runtime.replicated.Journal;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;

/** OffsetCommit, versions 2 to 10; the last one names topics by their ids. Partitions that are not there are sorted out before the group is asked. */
public final class OffsetCommitHandler implements RequestHandler<OffsetCommitRequestData> {
    private static final short FIRST_WITH_TOPIC_IDS = 10;
    private static final short NO_EPOCH = -1;

    private final GroupRequests groups;
    private final CurrentCluster cluster;

    public OffsetCommitHandler(GroupRequests groups, CurrentCluster cluster) {
        this.groups = groups;
        this.cluster = cluster;
    }

    /** One partition as asked for: to be committed, or not there. */
    private record Line(OffsetCommitResponsePartition answer, TopicPartition partition) {}

    @Override
    public void handle(RequestContext context, OffsetCommitRequestData request, Reply reply) {
        ClusterView view = cluster.view();
        boolean byId = context.apiVersion() >= FIRST_WITH_TOPIC_IDS;
        OffsetCommitResponseData response = new OffsetCommitResponseData();
        List<Line> lines = new ArrayList<>();
        List<CommitOffsets.Position> positions = new ArrayList<>();
        for (OffsetCommitRequestTopic asked : request.topics) {
            OffsetCommitResponseTopic answer = new OffsetCommitResponseTopic();
            answer.name = asked.name;
            answer.topicId = asked.topicId;
            response.topics.add(answer);
            ClusterView.Topic topic = byId ? view.topic(asked.topicId) : view.topic(asked.name);
            for (OffsetCommitRequestPartition at : asked.partitions) {
                OffsetCommitResponsePartition result = new OffsetCommitResponsePartition();
                result.partitionIndex = at.partitionIndex;
                answer.partitions.add(result);
                if (topic == null || topic.partition(at.partitionIndex) == null) {
                    result.errorCode = unknown(topic == null && byId).code();
                } else {
                    TopicPartition partition = new TopicPartition(topic.name(), at.partitionIndex);
                    lines.add(new Line(result, partition));
                    positions.add(new CommitOffsets.Position(
                            partition,
                            topic.id(),
                            at.committedOffset,
                            at.committedLeaderEpoch,
                            at.committedMetadata == null ? "" : at.committedMetadata));
                }
            }
        }
        context.releaseRequest();
        if (positions.isEmpty()) {
            reply.send(response);
            return;
        }
        CommitOffsets command = new CommitOffsets(
                request.groupId,
                request.memberId,
                request.groupInstanceId,
                request.generationIdOrMemberEpoch,
                context.apiVersion(),
                request.retentionTimeMs,
                Journal.NO_PRODUCER,
                NO_EPOCH,
                positions);
        groups.commit(command, new GroupReply<>(context, request, reply, answer -> fill(response, lines, answer)));
    }

    private static ErrorCode unknown(boolean id) {
        return id ? ErrorCode.UNKNOWN_TOPIC_ID : ErrorCode.UNKNOWN_TOPIC_OR_PARTITION;
    }

    private static ApiMessage fill(OffsetCommitResponseData response, List<Line> lines, CommitOffsets.Answer answer) {
        Map<TopicPartition, Refusal.Reason> refused = answer.refused();
        for (Line line : lines) {
            Refusal.Reason reason = answer.error() == null ? refused.get(line.partition) : answer.error();
            line.answer.errorCode = WireErrors.codeOf(reason);
        }
        return response;
    }
}
