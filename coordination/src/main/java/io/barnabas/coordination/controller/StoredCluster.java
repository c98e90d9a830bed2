package io.barnabas.coordination.controller;

import io.barnabas.coordination.control.BrokerInfo;
import io.barnabas.coordination.control.ConfigEntity;
import io.barnabas.coordination.store.ConfigStore.StoredConfig;
import io.barnabas.coordination.store.FeatureStore.StoredFeatures;
import io.barnabas.coordination.store.StoredTopic;
import io.barnabas.model.LeaderAndIsr;
import io.barnabas.model.TopicPartition;
import java.util.List;
import java.util.Map;
import java.util.Set;

/**
 * All that a new controller has read (CTRL-13).
 *
 * @param marks      topics to delete
 * @param lastNotice number of the newest configuration notice that {@code configs} reflects; -1 if there was none
 */
public record StoredCluster(
        List<BrokerInfo> brokers,
        List<StoredTopic> topics,
        Map<TopicPartition, LeaderAndIsr> states,
        Set<String> marks,
        Map<ConfigEntity, StoredConfig> configs,
        long lastNotice,
        StoredFeatures features) {
    /** A cluster in which no feature was ever switched on. */
    public StoredCluster(
            List<BrokerInfo> brokers,
            List<StoredTopic> topics,
            Map<TopicPartition, LeaderAndIsr> states,
            Set<String> marks,
            Map<ConfigEntity, StoredConfig> configs,
            long lastNotice) {
        this(brokers, topics, states, marks, configs, lastNotice, StoredFeatures.NONE);
    }
}
