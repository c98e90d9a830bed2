package io.barnabas.broker.metadata;

import io.barnabas.coordination.control.FeatureLevels;
import io.barnabas.model.BrokerId;
import io.barnabas.model.Endpoint;
import io.barnabas.model.LeaderAndIsr;
import io.barnabas.model.TopicPartition;
import java.util.Collection;
import java.util.Collections;
import java.util.List;
import java.util.Map;
import java.util.NavigableMap;
import java.util.Objects;
import java.util.TreeMap;
import java.util.UUID;

/**
 * The cluster as this broker last heard of it from the controller. Immutable; every list and map is in a settled order, so that two
 * answers from one picture are equal.
 */
public final class ClusterView {
    /** Before the controller has said anything: nothing may be told to clients (WIRE-26). */
    public static final ClusterView UNKNOWN =
            new ClusterView(false, BrokerId.NONE, -1, -1, Map.of(), Map.of(), DynamicConfigs.NONE, FeatureLevels.NONE);

    private final boolean known;
    private final BrokerId controller;
    private final int controllerEpoch;
    private final long sequence;
    private final NavigableMap<BrokerId, Broker> brokers;
    private final NavigableMap<String, Topic> topicsByName;
    private final Map<UUID, Topic> topicsById;
    private final DynamicConfigs configs;
    private final FeatureLevels features;

    private ClusterView(
            boolean known,
            BrokerId controller,
            int controllerEpoch,
            long sequence,
            Map<BrokerId, Broker> brokers,
            Map<String, Topic> topics,
            DynamicConfigs configs,
            FeatureLevels features) {
        this.known = known;
        this.controller = controller;
        this.controllerEpoch = controllerEpoch;
        this.sequence = sequence;
        this.brokers = Collections.unmodifiableNavigableMap(new TreeMap<>(brokers));
        this.topicsByName = Collections.unmodifiableNavigableMap(new TreeMap<>(topics));
        Map<UUID, Topic> byId = new java.util.HashMap<>(topics.size() * 2);
        topics.values().forEach(topic -> byId.put(topic.id(), topic));
        this.topicsById = Collections.unmodifiableMap(byId);
        this.configs = configs;
        this.features = features;
    }

    /**
     * A live broker.
     *
     * @param brokerEpoch number of its registration
     * @param endpoints   where it is reached, at most one for each listener
     * @param rack        null if it has none
     */
    public record Broker(BrokerId id, long brokerEpoch, List<Endpoint> endpoints, String rack) {
        public Broker {
            endpoints = List.copyOf(endpoints);
        }

        /** @return null if the broker does not have the listener */
        public Endpoint endpoint(String listener) {
            for (Endpoint endpoint : endpoints) {
                if (endpoint.listener().equals(listener)) {
                    return endpoint;
                }
            }
            return null;
        }
    }

    /**
     * @param leadership null until a leader was first elected
     */
    public record Partition(
            int number,
            List<BrokerId> assignedReplicas,
            List<BrokerId> adding,
            List<BrokerId> removing,
            LeaderAndIsr leadership) {
        public Partition {
            assignedReplicas = List.copyOf(assignedReplicas);
            adding = List.copyOf(adding);
            removing = List.copyOf(removing);
        }

        public BrokerId leader() {
            return leadership == null ? BrokerId.NONE : leadership.leader();
        }

        /** -1 before the first election. */
        public int leaderEpoch() {
            return leadership == null ? -1 : leadership.leaderEpoch();
        }

        public List<BrokerId> inSyncReplicas() {
            return leadership == null ? List.of() : leadership.inSyncReplicas();
        }

        public List<BrokerId> eligibleLeaders() {
            return leadership == null ? List.of() : leadership.eligibleLeaders();
        }
    }

    /** @param partitions in order of their numbers */
    public record Topic(String name, UUID id, List<Partition> partitions) {
        public Topic {
            Objects.requireNonNull(name, "name");
            Objects.requireNonNull(id, "id");
            partitions = List.copyOf(partitions);
        }

        /** @return null if there is none of that number */
        public Partition partition(int number) {
            if (number >= 0
                    && number < partitions.size()
                    && partitions.get(number).number() == number) {
                return partitions.get(number);
            }
            for (Partition partition : partitions) {
                if (partition.number() == number) {
                    return partition;
                }
            }
            return null;
        }

        /** Replicas of the first partition, as tools count them. */
        public int replicationFactor() {
            return partitions.isEmpty()
                    ? 0
                    : partitions.get(0).assignedReplicas().size();
        }
    }

    /** Whether the controller has told everything at least once. */
    public boolean known() {
        return known;
    }

    /** {@link BrokerId#NONE} if there is none that is alive. */
    public BrokerId controller() {
        return brokers.containsKey(controller) ? controller : BrokerId.NONE;
    }

    public int controllerEpoch() {
        return controllerEpoch;
    }

    /** Number of the last change that is part of this picture. */
    public long sequence() {
        return sequence;
    }

    /** The live ones, in order of their ids. */
    public Collection<Broker> brokers() {
        return brokers.values();
    }

    /** @return null if it is not alive */
    public Broker broker(BrokerId id) {
        return brokers.get(id);
    }

    public boolean isAlive(BrokerId id) {
        return brokers.containsKey(id);
    }

    /** In order of their names. */
    public Collection<Topic> topics() {
        return topicsByName.values();
    }

    /** Those whose names come at or after {@code name}, in order. */
    public Collection<Topic> topicsFrom(String name) {
        return topicsByName.tailMap(name, true).values();
    }

    /** @return null if there is none */
    public Topic topic(String name) {
        return topicsByName.get(name);
    }

    /** @return null if there is none */
    public Topic topic(UUID id) {
        return topicsById.get(id);
    }

    /** @return null if there is none */
    public Partition partition(TopicPartition partition) {
        Topic topic = topic(partition.topic());
        return topic == null ? null : topic.partition(partition.partition());
    }

    /** What was configured in ZooKeeper. */
    public DynamicConfigs configs() {
        return configs;
    }

    /** Which features are switched on. */
    public FeatureLevels features() {
        return features;
    }

    /** Where the leader is reached over a listener; null if there is no leader or it lacks the listener (WIRE-24). */
    public Endpoint leaderEndpoint(Partition partition, String listener) {
        Broker leader = broker(partition.leader());
        return leader == null ? null : leader.endpoint(listener);
    }

    /** The picture as a whole, from nothing, and with no feature switched on. */
    public static ClusterView of(
            BrokerId controller,
            int controllerEpoch,
            long sequence,
            Map<BrokerId, Broker> brokers,
            Map<String, Topic> topics,
            DynamicConfigs configs) {
        return of(controller, controllerEpoch, sequence, brokers, topics, configs, FeatureLevels.NONE);
    }

    public static ClusterView of(
            BrokerId controller,
            int controllerEpoch,
            long sequence,
            Map<BrokerId, Broker> brokers,
            Map<String, Topic> topics,
            DynamicConfigs configs,
            FeatureLevels features) {
        return new ClusterView(true, controller, controllerEpoch, sequence, brokers, topics, configs, features);
    }
}
