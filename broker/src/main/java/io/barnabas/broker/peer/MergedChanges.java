package io.barnabas.broker.peer;

import io.barnabas.coordination.control.BrokerInfo;
import io.barnabas.coordination.control.ClusterChange;
import io.barnabas.coordination.control.ConfigEntity;
import io.barnabas.coordination.control.PartitionInfo;
import io.barnabas.coordination.control.TopicInfo;
import io.barnabas.model.BrokerId;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.HashSet;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeMap;
import java.util.UUID;

/** Makes one change of two that follow each other: whoever applies it ends where the two would have led (CTRL-18). Pure. */
public final class MergedChanges {
    private MergedChanges() {}

    /**
     * Whether the two can be told as one. A deletion names its topic by id only: configurations that were told before, by name,
     * might be the deleted topic's, or that of another with its name.
     */
    public static boolean areMergeable(ClusterChange first, ClusterChange next) {
        return next.controllerEpoch() == first.controllerEpoch()
                && next.follows() == first.sequence()
                && (next.deletedTopics().isEmpty()
                        || first.configs().keySet().stream().noneMatch(MergedChanges::isTopic));
    }

    private static boolean isTopic(ConfigEntity entity) {
        return entity.type() == ConfigEntity.Type.TOPIC;
    }

    /** Of two that {@link #areMergeable}. */
    public static ClusterChange merge(ClusterChange first, ClusterChange next) {
        Set<BrokerId> gone = new HashSet<>(first.goneBrokers());
        gone.addAll(next.goneBrokers());
        Map<BrokerId, BrokerInfo> brokers = new TreeMap<>();
        for (BrokerInfo broker : first.brokers()) {
            if (!next.goneBrokers().contains(broker.id())) {
                brokers.put(broker.id(), broker);
            }
        }
        next.brokers().forEach(broker -> brokers.put(broker.id(), broker));
        Set<UUID> deleted = new HashSet<>(first.deletedTopics());
        deleted.addAll(next.deletedTopics());
        Map<ConfigEntity, Map<String, String>> configs = new HashMap<>(first.configs());
        configs.putAll(next.configs());
        return new ClusterChange(
                next.controllerEpoch(),
                next.controller(),
                next.sequence(),
                first.follows(),
                List.copyOf(brokers.values()),
                gone,
                topics(first, next),
                deleted,
                configs,
                next.features() == null ? first.features() : next.features());
    }

    private static List<TopicInfo> topics(ClusterChange first, ClusterChange next) {
        Map<UUID, TopicInfo> topics = new LinkedHashMap<>();
        for (TopicInfo topic : first.topics()) {
            if (!next.deletedTopics().contains(topic.topicId())) {
                topics.put(topic.topicId(), topic);
            }
        }
        for (TopicInfo topic : next.topics()) {
            topics.merge(topic.topicId(), topic, MergedChanges::partitions);
        }
        return List.copyOf(topics.values());
    }

    /** The later state of each partition; new if any of them said so, since nobody has heard it yet. */
    private static TopicInfo partitions(TopicInfo first, TopicInfo next) {
        Map<Integer, PartitionInfo> partitions = new TreeMap<>();
        first.partitions().forEach(partition -> partitions.put(partition.partition(), partition));
        for (PartitionInfo partition : next.partitions()) {
            partitions.merge(
                    partition.partition(),
                    partition,
                    (before, after) -> new PartitionInfo(
                            after.partition(),
                            after.assignedReplicas(),
                            after.adding(),
                            after.removing(),
                            after.leaderAndIsr(),
                            before.isNew() || after.isNew()));
        }
        return new TopicInfo(next.name(), next.topicId(), new ArrayList<>(partitions.values()));
    }
}
