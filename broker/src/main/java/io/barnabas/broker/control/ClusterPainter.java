package io.barnabas.broker.control;

import io.barnabas.broker.metadata.ClusterView;
import io.barnabas.broker.metadata.DynamicConfigs;
import io.barnabas.coordination.control.BrokerInfo;
import io.barnabas.coordination.control.ClusterChange;
import io.barnabas.coordination.control.ClusterState;
import io.barnabas.coordination.control.ConfigEntity;
import io.barnabas.coordination.control.PartitionInfo;
import io.barnabas.coordination.control.TopicInfo;
import io.barnabas.model.BrokerId;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import java.util.UUID;

/** Turns the controller's messages into pictures of the cluster. Pure. */
final class ClusterPainter {
    private ClusterPainter() {}

    static ClusterView paint(ClusterState state) {
        Map<BrokerId, ClusterView.Broker> brokers = new HashMap<>();
        state.brokers().forEach(broker -> brokers.put(broker.id(), broker(broker)));
        Map<String, ClusterView.Topic> topics = new HashMap<>();
        state.topics().forEach(topic -> topics.put(topic.name(), topic(topic, List.of())));
        return ClusterView.of(
                state.controller(),
                state.controllerEpoch(),
                state.sequence(),
                brokers,
                topics,
                configs(DynamicConfigs.NONE, state.configs()),
                state.features());
    }

    /** @param before the picture that the change builds on */
    static ClusterView paint(ClusterView before, ClusterChange change) {
        Map<BrokerId, ClusterView.Broker> brokers = new HashMap<>();
        before.brokers().forEach(broker -> brokers.put(broker.id(), broker));
        change.goneBrokers().forEach(brokers::remove);
        change.brokers().forEach(broker -> brokers.put(broker.id(), broker(broker)));
        Map<String, ClusterView.Topic> topics = new HashMap<>();
        before.topics().forEach(topic -> topics.put(topic.name(), topic));
        Map<ConfigEntity, Map<String, String>> configs = new HashMap<>();
        for (UUID deleted : change.deletedTopics()) {
            ClusterView.Topic topic = before.topic(deleted);
            if (topic != null) {
                topics.remove(topic.name());
                configs.put(new ConfigEntity(ConfigEntity.Type.TOPIC, topic.name()), Map.of());
            }
        }
        for (TopicInfo changed : change.topics()) {
            ClusterView.Topic known = topics.get(changed.name());
            boolean same = known != null && known.id().equals(changed.topicId());
            topics.put(changed.name(), topic(changed, same ? known.partitions() : List.of()));
        }
        configs.putAll(change.configs());
        return ClusterView.of(
                change.controller(),
                change.controllerEpoch(),
                change.sequence(),
                brokers,
                topics,
                configs(before.configs(), configs),
                change.features() == null ? before.features() : change.features());
    }

    private static ClusterView.Broker broker(BrokerInfo broker) {
        return new ClusterView.Broker(broker.id(), broker.brokerEpoch(), broker.endpoints(), broker.rack());
    }

    /** @param unchanged partitions that the message may leave out */
    private static ClusterView.Topic topic(TopicInfo topic, List<ClusterView.Partition> unchanged) {
        Map<Integer, ClusterView.Partition> partitions = new TreeMap<>();
        unchanged.forEach(partition -> partitions.put(partition.number(), partition));
        for (PartitionInfo partition : topic.partitions()) {
            partitions.put(
                    partition.partition(),
                    new ClusterView.Partition(
                            partition.partition(),
                            partition.assignedReplicas(),
                            partition.adding(),
                            partition.removing(),
                            partition.leaderAndIsr()));
        }
        return new ClusterView.Topic(topic.name(), topic.topicId(), List.copyOf(partitions.values()));
    }

    /** Each entity that is named has the values given and no others. */
    private static DynamicConfigs configs(DynamicConfigs before, Map<ConfigEntity, Map<String, String>> named) {
        if (named.isEmpty()) {
            return before;
        }
        Map<String, Map<String, String>> topics = new HashMap<>(before.topics());
        Map<String, String> brokerDefaults = before.brokerDefaults();
        Map<BrokerId, Map<String, String>> brokers = new HashMap<>(before.brokers());
        Map<String, Map<String, String>> groups = new HashMap<>(before.groups());
        for (Map.Entry<ConfigEntity, Map<String, String>> entry : named.entrySet()) {
            ConfigEntity entity = entry.getKey();
            Map<String, String> values = Map.copyOf(entry.getValue());
            switch (entity.type()) {
                case TOPIC -> replace(topics, entity.name(), values);
                case BROKER -> {
                    if (entity.name().equals(ConfigEntity.DEFAULT_NAME)) {
                        brokerDefaults = values;
                    } else {
                        replace(brokers, new BrokerId(Integer.parseInt(entity.name())), values);
                    }
                }
                case GROUP -> replace(groups, entity.name(), values);
                case USER, CLIENT, IP -> {
                    // quotas: nobody asks for them yet
                }
            }
        }
        return new DynamicConfigs(topics, brokerDefaults, brokers, groups);
    }

    private static <K> void replace(Map<K, Map<String, String>> all, K key, Map<String, String> values) {
        if (values.isEmpty()) {
            all.remove(key);
        } else {
            all.put(key, values);
        }
    }
}
