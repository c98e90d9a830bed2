package io.barnabas.coordination.control;

import io.barnabas.model.BrokerId;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.UUID;

/**
 * What changed since the message before.
 *
 * @param brokers       new or changed
 * @param goneBrokers   no longer registered
 * @param topics        new or changed ones, with the partitions that changed
 * @param deletedTopics by id; a topic of the same name may be among {@code topics}
 * @param configs       whole configuration of each entity that changed; empty for one that has none any more
 */
public record ClusterChange(
        int controllerEpoch,
        BrokerId controller,
        long sequence,
        List<BrokerInfo> brokers,
        Set<BrokerId> goneBrokers,
        List<TopicInfo> topics,
        Set<UUID> deletedTopics,
        Map<ConfigEntity, Map<String, String>> configs)
        implements ControlMessage {
    public ClusterChange {
        brokers = List.copyOf(brokers);
        goneBrokers = Set.copyOf(goneBrokers);
        topics = List.copyOf(topics);
        deletedTopics = Set.copyOf(deletedTopics);
        configs = Map.copyOf(configs);
    }
}
