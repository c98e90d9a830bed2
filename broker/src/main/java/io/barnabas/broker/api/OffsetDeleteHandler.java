package io.barnabas.broker.api;

import io.barnabas.broker.metadata.ClusterView;
import io.barnabas.broker.metadata.CurrentCluster;
import io.barnabas.consumer.coordinator.GroupRequests;
import io.barnabas.consumer.coordinator.offsets.DeleteOffsets;
import io.barnabas.model.TopicPartition;
import io.barnabas.protocol.ErrorCode;
import io.barnabas.protocol.message.ApiMessage;
import io.barnabas.protocol.message.OffsetDeleteRequestData;
import io.barnabas.protocol.message.OffsetDeleteRequestData.OffsetDeleteRequestPartition;
import io.barnabas.protocol.message.OffsetDeleteRequestData.OffsetDeleteRequestTopic;
import io.barnabas.protocol.message.OffsetDeleteResponseData;
import io.barnabas.protocol.message.OffsetDeleteResponseData.OffsetDeleteResponsePartition;
import io.barnabas.protocol.message.OffsetDeleteResponseData.OffsetDeleteResponseTopic;
import java.util.ArrayList;
import java.util.List;

/** OffsetDelete, version 0 (KIP-496). */
public final class OffsetDeleteHandler implements RequestHandler<OffsetDeleteRequestData> {
    private final GroupRequests groups;
    private final CurrentCluster cluster;

    public OffsetDeleteHandler(GroupRequests groups, CurrentCluster cluster) {
        this.groups = groups;
        this.cluster = cluster;
    }

    @Override
    public void handle(RequestContext context, OffsetDeleteRequestData request, Reply reply) {
        ClusterView view = cluster.view();
        List<TopicPartition> partitions = new ArrayList<>();
        for (OffsetDeleteRequestTopic topic : request.topics) {
            for (OffsetDeleteRequestPartition at : topic.partitions) {
                if (exists(view, topic.name, at.partitionIndex)) {
                    partitions.add(new TopicPartition(topic.name, at.partitionIndex));
                }
            }
        }
        groups.deleteOffsets(
                new DeleteOffsets(request.groupId, partitions),
                new GroupReply<>(context, request, reply, answer -> response(request, view, answer)));
    }

    private static boolean exists(ClusterView view, String name, int partition) {
        ClusterView.Topic topic = view.topic(name);
        return topic != null && topic.partition(partition) != null;
    }

    private static ApiMessage response(OffsetDeleteRequestData request, ClusterView view, DeleteOffsets.Answer answer) {
        OffsetDeleteResponseData response = new OffsetDeleteResponseData();
        response.errorCode = WireErrors.codeOf(answer.error());
        if (answer.error() != null) {
            return response;
        }
        for (OffsetDeleteRequestTopic topic : request.topics) {
            OffsetDeleteResponseTopic line = new OffsetDeleteResponseTopic();
            line.name = topic.name;
            for (OffsetDeleteRequestPartition at : topic.partitions) {
                OffsetDeleteResponsePartition result = new OffsetDeleteResponsePartition();
                result.partitionIndex = at.partitionIndex;
                result.errorCode = exists(view, topic.name, at.partitionIndex)
                        ? WireErrors.codeOf(answer.refused().get(new TopicPartition(topic.name, at.partitionIndex)))
                        : ErrorCode.UNKNOWN_TOPIC_OR_PARTITION.code();
                line.partitions.add(result);
            }
            response.topics.add(line);
        }
        return response;
    }
}
