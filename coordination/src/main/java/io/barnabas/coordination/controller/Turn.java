package io.barnabas.coordination.controller;

import io.barnabas.coordination.control.BrokerInfo;
import io.barnabas.coordination.control.ConfigEntity;
import io.barnabas.coordination.control.FeatureLevels;
import io.barnabas.model.BrokerId;
import io.barnabas.model.LeaderAndIsr;
import io.barnabas.model.TopicPartition;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.HashSet;
import java.util.LinkedHashMap;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.UUID;

/** What comes of one event: writes are gathered into few, and brokers are told once. */
final class Turn {
    final Map<TopicPartition, LeaderAndIsr> creates = new LinkedHashMap<>();
    final Map<TopicPartition, LeaderAndIsr> stores = new LinkedHashMap<>();
    final Set<TopicPartition> loads = new LinkedHashSet<>();

    /** Partitions that have come to rest, and for which something may wait for that. */
    final Set<PartitionEntry> settled = new LinkedHashSet<>();

    /** Topics whose assignments are to be changed. */
    final Set<TopicEntry> edited = new LinkedHashSet<>();

    /** Other writes and reads, in order. */
    final List<ControllerEffect> works = new ArrayList<>();

    /** Answers leave after the brokers were told. */
    final List<ControllerEffect> answers = new ArrayList<>();

    // what brokers have to be told
    final Map<BrokerId, BrokerInfo> brokers = new LinkedHashMap<>();
    final Set<BrokerId> goneBrokers = new HashSet<>();
    final Set<PartitionEntry> partitions = new LinkedHashSet<>();
    final Set<PartitionEntry> newPartitions = new HashSet<>();
    final Set<UUID> deletedTopics = new HashSet<>();
    final Map<ConfigEntity, Map<String, String>> configs = new HashMap<>();

    /** Null while they stay as they are. */
    FeatureLevels features;

    /** Brokers that get everything. */
    final Set<BrokerId> fullState = new LinkedHashSet<>();

    boolean tellsSomething() {
        return !brokers.isEmpty()
                || !goneBrokers.isEmpty()
                || !partitions.isEmpty()
                || !deletedTopics.isEmpty()
                || !configs.isEmpty()
                || features != null;
    }

    void settled(PartitionEntry partition) {
        if (partition.assignment().isMoving() || partition.awaitedByElection) {
            settled.add(partition);
        }
    }

    Set<PartitionEntry> takeSettled() {
        Set<PartitionEntry> taken = new LinkedHashSet<>(settled);
        settled.clear();
        return taken;
    }

    void told(PartitionEntry partition, boolean isNew) {
        partitions.add(partition);
        if (isNew) {
            newPartitions.add(partition);
        }
    }
}
