package io.barnabas.broker.api;

import io.barnabas.broker.config.InternalTopics;
import io.barnabas.broker.metadata.ClusterView;
import io.barnabas.broker.metadata.CurrentCluster;
import io.barnabas.model.BrokerId;
import io.barnabas.model.TopicIds;
import io.barnabas.protocol.ErrorCode;
import io.barnabas.protocol.message.DescribeTopicPartitionsRequestData;
import io.barnabas.protocol.message.DescribeTopicPartitionsRequestData.TopicRequest;
import io.barnabas.protocol.message.DescribeTopicPartitionsResponseData;
import io.barnabas.protocol.message.DescribeTopicPartitionsResponseData.Cursor;
import io.barnabas.protocol.message.DescribeTopicPartitionsResponseData.DescribeTopicPartitionsResponsePartition;
import io.barnabas.protocol.message.DescribeTopicPartitionsResponseData.DescribeTopicPartitionsResponseTopic;
import java.util.ArrayList;
import java.util.List;
import java.util.NavigableSet;
import java.util.TreeSet;

/** Describes topics page by page, in order of their names, so that no answer is too large (KIP-966, WIRE-28). */
public final class DescribeTopicPartitionsHandler implements RequestHandler<DescribeTopicPartitionsRequestData> {
    /** The rules of Metadata that hold for a leader that cannot be reached. */
    private static final int RULES_OF_METADATA = 12;

    private final CurrentCluster cluster;
    private final int mostPartitions;

    /** @param mostPartitions in one answer: {@code max.request.partition.size.limit} */
    public DescribeTopicPartitionsHandler(CurrentCluster cluster, int mostPartitions) {
        this.cluster = cluster;
        this.mostPartitions = mostPartitions;
    }

    @Override
    public void handle(RequestContext context, DescribeTopicPartitionsRequestData request, Reply reply) {
        ClusterView view = cluster.view();
        DescribeTopicPartitionsResponseData response = new DescribeTopicPartitionsResponseData();
        String firstTopic = request.cursor == null ? "" : request.cursor.topicName;
        int firstPartition = request.cursor == null ? 0 : Math.max(0, request.cursor.partitionIndex);
        int room = Math.max(1, Math.min(mostPartitions, request.responsePartitionLimit));
        for (String name : names(view, request.topics, firstTopic)) {
            int from = name.equals(firstTopic) ? firstPartition : 0;
            if (room == 0) {
                response.nextCursor = cursor(name, from);
                break;
            }
            ClusterView.Topic topic = view.topic(name);
            if (topic == null) {
                response.topics.add(refused(name));
                continue;
            }
            DescribeTopicPartitionsResponseTopic line = known(topic);
            response.topics.add(line);
            for (ClusterView.Partition partition : topic.partitions()) {
                if (partition.number() < from) {
                    continue;
                }
                if (room == 0) {
                    response.nextCursor = cursor(name, partition.number());
                    break;
                }
                line.partitions.add(described(view, partition, context.listener()));
                room--;
            }
            if (response.nextCursor != null) {
                break;
            }
        }
        reply.send(response);
    }

    private static List<String> names(ClusterView view, List<TopicRequest> asked, String from) {
        if (asked.isEmpty()) {
            return view.topicsFrom(from).stream().map(ClusterView.Topic::name).toList();
        }
        NavigableSet<String> names = new TreeSet<>();
        asked.forEach(topic -> names.add(topic.name));
        return new ArrayList<>(names.tailSet(from, true));
    }

    private static DescribeTopicPartitionsResponseTopic known(ClusterView.Topic topic) {
        DescribeTopicPartitionsResponseTopic line = new DescribeTopicPartitionsResponseTopic();
        line.name = topic.name();
        line.topicId = topic.id();
        line.isInternal = InternalTopics.isInternal(topic.name());
        line.topicAuthorizedOperations = AuthorizedOperations.ofTopic(true);
        return line;
    }

    private static DescribeTopicPartitionsResponseTopic refused(String name) {
        DescribeTopicPartitionsResponseTopic line = new DescribeTopicPartitionsResponseTopic();
        line.name = name;
        line.topicId = TopicIds.ZERO;
        line.errorCode = (TopicNames.complaint(name) == null
                        ? ErrorCode.UNKNOWN_TOPIC_OR_PARTITION
                        : ErrorCode.INVALID_TOPIC_EXCEPTION)
                .code();
        return line;
    }

    private static DescribeTopicPartitionsResponsePartition described(
            ClusterView view, ClusterView.Partition partition, String listener) {
        PartitionLines told = PartitionLines.of(view, partition, listener, RULES_OF_METADATA);
        DescribeTopicPartitionsResponsePartition line = new DescribeTopicPartitionsResponsePartition();
        line.errorCode = told.error().code();
        line.partitionIndex = partition.number();
        line.leaderId = told.leader();
        line.leaderEpoch = told.leaderEpoch();
        line.replicaNodes = told.replicas();
        line.isrNodes = told.inSync();
        line.eligibleLeaderReplicas =
                partition.eligibleLeaders().stream().map(BrokerId::value).toList();
        line.lastKnownElr = List.of();
        line.offlineReplicas = told.offline();
        return line;
    }

    private static Cursor cursor(String topic, int partition) {
        Cursor cursor = new Cursor();
        cursor.topicName = topic;
        cursor.partitionIndex = partition;
        return cursor;
    }
}
