package io.barnabas.coordination.controller;

import io.barnabas.coordination.control.ConfigEntity;
import io.barnabas.coordination.store.StoredTopic;
import io.barnabas.model.BrokerId;
import io.barnabas.model.LeaderAndIsr;
import io.barnabas.model.TopicPartition;
import java.util.ArrayList;
import java.util.Collection;
import java.util.HashMap;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeMap;
import java.util.UUID;
import java.util.regex.Pattern;

/** The controller's memory: what is stored, plus what is under way. Partitions are found by broker (CTRL-30). */
final class ClusterImage {
    private static final String UNCLEAN = "unclean.leader.election.enable";
    private static final String MIN_IN_SYNC = "min.insync.replicas";
    private static final Pattern NUMBER = Pattern.compile("[0-9]{1,9}");

    final BrokerSet brokers = new BrokerSet();
    final ConfigBook configs;
    final FeatureBook features = new FeatureBook();
    final EligibleLeaders eligible = new EligibleLeaders(this);
    private final ControllerConfig config;
    private final Map<String, TopicEntry> topics = new TreeMap<>();
    private final Map<UUID, TopicEntry> topicsById = new HashMap<>();
    private final Map<BrokerId, Set<PartitionEntry>> partitionsByBroker = new HashMap<>();

    ClusterImage(ControllerConfig config) {
        this.config = config;
        this.configs = new ConfigBook(this, config.configCheck());
    }

    ControllerConfig config() {
        return config;
    }

    TopicEntry add(StoredTopic stored, Map<TopicPartition, LeaderAndIsr> states) {
        TopicEntry topic = new TopicEntry(stored, states);
        topics.put(topic.name, topic);
        topicsById.put(topic.id, topic);
        topic.partitions.values().forEach(this::index);
        return topic;
    }

    /** A topic has one more partition. */
    PartitionEntry add(TopicEntry topic, int number, Assignment assignment) {
        PartitionEntry partition = topic.add(number, assignment);
        index(partition);
        return partition;
    }

    /** What is stored now of where this partition is. */
    void assign(PartitionEntry partition, Assignment assignment) {
        unindex(partition);
        partition.assign(assignment);
        partition.doubtful.retainAll(assignment.replicas());
        partition.lost.retainAll(assignment.replicas());
        index(partition);
    }

    private void index(PartitionEntry partition) {
        for (BrokerId replica : partition.replicas()) {
            partitionsByBroker
                    .computeIfAbsent(replica, id -> new LinkedHashSet<>())
                    .add(partition);
        }
    }

    private void unindex(PartitionEntry partition) {
        for (BrokerId replica : partition.replicas()) {
            partitionsByBroker.getOrDefault(replica, Set.of()).remove(partition);
        }
    }

    void remove(TopicEntry topic) {
        topics.remove(topic.name);
        topicsById.remove(topic.id);
        for (PartitionEntry partition : topic.partitions.values()) {
            brokers.settled(partition.id);
            unindex(partition);
        }
        configs.forget(ConfigEntity.topic(topic.name));
    }

    /** Null if there is none. */
    TopicEntry topic(String name) {
        return topics.get(name);
    }

    /** Null if there is none. */
    TopicEntry topic(UUID id) {
        return topicsById.get(id);
    }

    /** Null if there is none. */
    PartitionEntry partition(TopicPartition id) {
        TopicEntry topic = topics.get(id.topic());
        return topic == null ? null : topic.partitions.get(id.partition());
    }

    Collection<TopicEntry> topics() {
        return topics.values();
    }

    Set<String> topicNames() {
        return topics.keySet();
    }

    /** A copy: what is done with them may change the index. */
    List<PartitionEntry> partitionsOn(BrokerId broker) {
        return new ArrayList<>(partitionsByBroker.getOrDefault(broker, Set.of()));
    }

    /** How far this replica counts: no more than its broker, and not at all once its disk is lost. */
    Standing standing(PartitionEntry partition, BrokerId replica) {
        return partition.lost.contains(replica) ? Standing.GONE : brokers.standing(replica);
    }

    /** Topic before cluster default before the file of this broker (REPL-22). */
    boolean uncleanElection(String topic) {
        String value = dynamic(topic, UNCLEAN);
        return value == null ? config.uncleanElection() : Boolean.parseBoolean(value);
    }

    /** Likewise; all replicas, if they are fewer. */
    int minInSync(PartitionEntry partition) {
        String value = dynamic(partition.id.topic(), MIN_IN_SYNC);
        // what is no number was written past the controller, and leaders do not go by it either
        boolean usable = value != null && NUMBER.matcher(value).matches();
        int wanted = usable ? Integer.parseInt(value) : config.minInSyncReplicas();
        return Math.min(wanted, partition.replicas().size());
    }

    /** Null if nobody has set it. */
    private String dynamic(String topic, String key) {
        String own = configs.value(ConfigEntity.topic(topic), key);
        return own != null ? own : configs.value(ConfigEntity.brokerDefault(), key);
    }
}
