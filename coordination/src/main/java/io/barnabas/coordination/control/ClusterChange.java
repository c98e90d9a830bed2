package io.barnabas.coordination.control;

import io.barnabas.model.BrokerId;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.UUID;

/**
 * What is different since the message before. Apply in this order: gone brokers, brokers, deleted topics, topics, configs.
 *
 * @param follows       number of the message it has to be applied after: one less than its own, or even less if several changes
 *     were merged into this one
 * @param brokers       new, or registered anew
 * @param goneBrokers   no longer registered
 * @param topics        new or changed; only the partitions that changed
 * @param deletedTopics stop and drop their replicas
 * @param configs       the complete new configuration of each changed entity
 * @param features      all of them, as they are now; null if none has changed
 */
public record ClusterChange(
        int controllerEpoch,
        BrokerId controller,
        long sequence,
        long follows,
        List<BrokerInfo> brokers,
        Set<BrokerId> goneBrokers,
        List<TopicInfo> topics,
        Set<UUID> deletedTopics,
        Map<ConfigEntity, Map<String, String>> configs,
        FeatureLevels features)
        implements ControlMessage {
    public ClusterChange {
        brokers = List.copyOf(brokers);
        goneBrokers = Set.copyOf(goneBrokers);
        topics = List.copyOf(topics);
        deletedTopics = Set.copyOf(deletedTopics);
        configs = Map.copyOf(configs);
    }

    /** A change that leaves features as they are. */
    public ClusterChange(
            int controllerEpoch,
            BrokerId controller,
            long sequence,
            List<BrokerInfo> brokers,
            Set<BrokerId> goneBrokers,
            List<TopicInfo> topics,
            Set<UUID> deletedTopics,
            Map<ConfigEntity, Map<String, String>> configs) {
        this(
                controllerEpoch,
                controller,
                sequence,
                sequence - 1,
                brokers,
                goneBrokers,
                topics,
                deletedTopics,
                configs,
                null);
    }
}
