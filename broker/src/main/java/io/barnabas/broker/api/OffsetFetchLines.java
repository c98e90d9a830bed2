package io.barnabas.broker.api;

import io.barnabas.broker.metadata.ClusterView;
import io.barnabas.consumer.coordinator.offsets.FetchOffsets;
import io.barnabas.consumer.coordinator.offsets.FetchOffsets.Position;
import io.barnabas.model.TopicPartition;
import io.barnabas.protocol.ErrorCode;
import io.barnabas.protocol.message.OffsetFetchRequestData.OffsetFetchRequestGroup;
import io.barnabas.protocol.message.OffsetFetchRequestData.OffsetFetchRequestTopics;
import io.barnabas.protocol.message.OffsetFetchResponseData;
import io.barnabas.protocol.message.OffsetFetchResponseData.OffsetFetchResponseGroup;
import io.barnabas.protocol.message.OffsetFetchResponseData.OffsetFetchResponsePartition;
import io.barnabas.protocol.message.OffsetFetchResponseData.OffsetFetchResponsePartitions;
import io.barnabas.protocol.message.OffsetFetchResponseData.OffsetFetchResponseTopic;
import io.barnabas.protocol.message.OffsetFetchResponseData.OffsetFetchResponseTopics;
import java.util.ArrayList;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeMap;

/** One group of an OffsetFetch request, and how its positions are written into the response. Topics need not exist, unless they are named by id. */
final class OffsetFetchLines {
    /** First version that can say what is wrong with the whole group. */
    private static final short FIRST_WITH_CODE = 2;

    private final OffsetFetchRequestGroup asked;
    private final boolean byId;
    private final ClusterView view;

    OffsetFetchLines(OffsetFetchRequestGroup asked, boolean byId, ClusterView view) {
        this.asked = asked;
        this.byId = byId;
        this.view = view;
    }

    /** What to ask of the group: null for everything it has. */
    List<TopicPartition> partitions() {
        if (asked.topics == null) {
            return null;
        }
        Set<TopicPartition> partitions = new LinkedHashSet<>();
        for (OffsetFetchRequestTopics topic : asked.topics) {
            String name = nameOf(topic);
            if (name != null) {
                topic.partitionIndexes.stream()
                        .filter(index -> index >= 0)
                        .forEach(index -> partitions.add(new TopicPartition(name, index)));
            }
        }
        return List.copyOf(partitions);
    }

    OffsetFetchResponseGroup told(FetchOffsets.Answer answer) {
        if (answer.error() != null) {
            return refused(WireErrors.codeOf(answer.error()));
        }
        OffsetFetchResponseGroup group = new OffsetFetchResponseGroup();
        group.groupId = asked.groupId;
        if (asked.topics == null) {
            everything(answer.positions(), group);
            return group;
        }
        for (OffsetFetchRequestTopics topic : asked.topics) {
            OffsetFetchResponseTopics line = new OffsetFetchResponseTopics();
            line.name = topic.name;
            line.topicId = topic.topicId;
            String name = nameOf(topic);
            for (int index : new LinkedHashSet<>(topic.partitionIndexes)) {
                if (name == null) {
                    line.partitions.add(refused(index, ErrorCode.UNKNOWN_TOPIC_ID.code()));
                } else {
                    Position at = index < 0 ? null : answer.positions().get(new TopicPartition(name, index));
                    line.partitions.add(told(index, at == null ? Position.NOTHING : at));
                }
            }
            group.topics.add(line);
        }
        return group;
    }

    /** By id only what has one: a topic that is gone cannot be named. */
    private void everything(Map<TopicPartition, Position> positions, OffsetFetchResponseGroup group) {
        OffsetFetchResponseTopics line = null;
        for (Map.Entry<TopicPartition, Position> entry : new TreeMap<>(positions).entrySet()) {
            String name = entry.getKey().topic();
            if (line == null || !line.name.equals(name)) {
                ClusterView.Topic topic = view.topic(name);
                line = new OffsetFetchResponseTopics();
                line.name = name;
                if (topic != null) {
                    line.topicId = topic.id();
                }
                if (topic != null || !byId) {
                    group.topics.add(line);
                }
            }
            line.partitions.add(told(entry.getKey().partition(), entry.getValue()));
        }
        for (OffsetFetchResponseTopics topic : group.topics) {
            nameAsAsked(topic);
        }
    }

    private void nameAsAsked(OffsetFetchResponseTopics line) {
        OffsetFetchResponseTopics unnamed = new OffsetFetchResponseTopics();
        if (byId) {
            line.name = unnamed.name;
        } else {
            line.topicId = unnamed.topicId;
        }
    }

    OffsetFetchResponseGroup refused(short code) {
        OffsetFetchResponseGroup group = new OffsetFetchResponseGroup();
        group.groupId = asked.groupId;
        group.errorCode = code;
        return group;
    }

    /** @return null if no topic has the id */
    private String nameOf(OffsetFetchRequestTopics topic) {
        if (!byId) {
            return topic.name;
        }
        ClusterView.Topic known = view.topic(topic.topicId);
        return known == null ? null : known.name();
    }

    private static OffsetFetchResponsePartitions told(int index, Position position) {
        OffsetFetchResponsePartitions line = new OffsetFetchResponsePartitions();
        line.partitionIndex = index;
        line.committedOffset = position.offset();
        line.committedLeaderEpoch = position.leaderEpoch();
        line.metadata = position.metadata();
        line.errorCode = WireErrors.codeOf(position.error());
        return line;
    }

    private static OffsetFetchResponsePartitions refused(int index, short code) {
        OffsetFetchResponsePartitions line = told(index, Position.NOTHING);
        line.errorCode = code;
        return line;
    }

    /** The response of the versions that know one group only; the first of them must say for each partition what is wrong. */
    static OffsetFetchResponseData only(OffsetFetchResponseGroup group, OffsetFetchRequestGroup asked, short version) {
        OffsetFetchResponseData response = new OffsetFetchResponseData();
        List<OffsetFetchResponseTopics> topics = group.topics;
        if (version >= FIRST_WITH_CODE) {
            response.errorCode = group.errorCode;
        } else if (group.errorCode != ErrorCode.NONE.code() && asked.topics != null) {
            topics = everyPartition(asked, group.errorCode);
        }
        for (OffsetFetchResponseTopics topic : topics) {
            OffsetFetchResponseTopic line = new OffsetFetchResponseTopic();
            line.name = topic.name;
            for (OffsetFetchResponsePartitions at : topic.partitions) {
                OffsetFetchResponsePartition partition = new OffsetFetchResponsePartition();
                partition.partitionIndex = at.partitionIndex;
                partition.committedOffset = at.committedOffset;
                partition.committedLeaderEpoch = at.committedLeaderEpoch;
                partition.metadata = at.metadata;
                partition.errorCode = at.errorCode;
                line.partitions.add(partition);
            }
            response.topics.add(line);
        }
        return response;
    }

    private static List<OffsetFetchResponseTopics> everyPartition(OffsetFetchRequestGroup asked, short code) {
        List<OffsetFetchResponseTopics> topics = new ArrayList<>();
        for (OffsetFetchRequestTopics topic : asked.topics) {
            OffsetFetchResponseTopics line = new OffsetFetchResponseTopics();
            line.name = topic.name;
            topic.partitionIndexes.forEach(index -> line.partitions.add(refused(index, code)));
            topics.add(line);
        }
        return topics;
    }
}
