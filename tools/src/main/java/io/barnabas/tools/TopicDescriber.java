package io.barnabas.tools;

import java.io.PrintStream;
import java.util.ArrayList;
import java.util.Collection;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.stream.Collectors;
import org.apache.kafka.clients.admin.Admin;
import org.apache.kafka.clients.admin.Config;
import org.apache.kafka.clients.admin.ConfigEntry;
import org.apache.kafka.clients.admin.DescribeTopicsOptions;
import org.apache.kafka.clients.admin.PartitionReassignment;
import org.apache.kafka.clients.admin.TopicDescription;
import org.apache.kafka.common.Node;
import org.apache.kafka.common.TopicPartition;
import org.apache.kafka.common.TopicPartitionInfo;
import org.apache.kafka.common.config.ConfigResource;
import org.apache.kafka.common.errors.ClusterAuthorizationException;
import org.apache.kafka.common.errors.UnsupportedVersionException;

/** Gathers what is known of topics into plain maps (which are the JSON form), and prints those in Kafka's columns. */
final class TopicDescriber {
    /** Which partitions are wanted. */
    enum Show {
        ALL,
        OVERRIDES,
        UNDER_REPLICATED,
        UNAVAILABLE,
        UNDER_MIN_ISR,
        AT_MIN_ISR
    }

    private static final String MIN_ISR = "min.insync.replicas";

    private final Admin admin;
    private final Show show;
    private final DescribeTopicsOptions options = new DescribeTopicsOptions();

    /** @param partitionSizeLimit partitions per response; null for the client's own choice */
    TopicDescriber(Admin admin, Show show, Integer partitionSizeLimit) {
        this.admin = admin;
        this.show = show;
        if (partitionSizeLimit != null) {
            options.partitionSizeLimitPerResponse(partitionSizeLimit);
        }
    }

    /** Descriptions, in the order of the names. */
    Collection<TopicDescription> load(Collection<String> names) {
        Map<String, TopicDescription> topics =
                Failures.await(admin.describeTopics(names, options).allTopicNames());
        return names.stream().map(topics::get).toList();
    }

    /** What there is to print; topics without a wanted partition are left out. */
    List<Map<String, Object>> describe(Collection<TopicDescription> topics) {
        if (topics.isEmpty()) {
            return List.of();
        }
        Map<ConfigResource, Config> configs = Failures.await(admin.describeConfigs(
                        topics.stream().map(TopicDescriber::resource).toList())
                .all());
        Map<TopicPartition, PartitionReassignment> moving = reassignments(topics);
        Set<Integer> live = show == Show.UNAVAILABLE ? liveBrokers() : Set.of();
        List<Map<String, Object>> described = new ArrayList<>();
        for (TopicDescription topic : topics) {
            Map<String, Object> one = topic(topic, configs.get(resource(topic)), moving, live);
            if (one != null) {
                described.add(one);
            }
        }
        return described;
    }

    private static ConfigResource resource(TopicDescription topic) {
        return new ConfigResource(ConfigResource.Type.TOPIC, topic.name());
    }

    private Set<Integer> liveBrokers() {
        return Failures.await(admin.describeCluster().nodes()).stream()
                .map(Node::id)
                .collect(Collectors.toSet());
    }

    /** Moves of replicas; brokers that cannot tell have none. */
    private Map<TopicPartition, PartitionReassignment> reassignments(Collection<TopicDescription> topics) {
        Set<TopicPartition> partitions = topics.stream()
                .flatMap(topic -> topic.partitions().stream()
                        .map(partition -> new TopicPartition(topic.name(), partition.partition())))
                .collect(Collectors.toSet());
        try {
            return Failures.await(admin.listPartitionReassignments(partitions).reassignments());
        } catch (UnsupportedVersionException | ClusterAuthorizationException e) {
            return Map.of();
        }
    }

    private Map<String, Object> topic(
            TopicDescription topic,
            Config config,
            Map<TopicPartition, PartitionReassignment> moving,
            Set<Integer> live) {
        Map<String, Object> configs = new LinkedHashMap<>();
        config.entries().stream()
                .filter(entry -> !entry.isDefault())
                .forEach(entry -> configs.put(entry.name(), entry.value()));
        if (show == Show.OVERRIDES && configs.isEmpty()) {
            return null;
        }
        ConfigEntry minIsr = config.get(MIN_ISR);
        int minInSyncReplicas = minIsr == null ? 1 : Integer.parseInt(minIsr.value());
        List<Map<String, Object>> partitions = new ArrayList<>();
        for (TopicPartitionInfo partition : topic.partitions()) {
            PartitionReassignment move = moving.get(new TopicPartition(topic.name(), partition.partition()));
            if (wanted(partition, move, minInSyncReplicas, live)) {
                partitions.add(partition(partition, move));
            }
        }
        if (partitions.isEmpty() && show != Show.OVERRIDES) {
            return null;
        }
        Map<String, Object> described = new LinkedHashMap<>();
        described.put("topic", topic.name());
        described.put("topicId", topic.topicId().toString());
        described.put("partitionCount", topic.partitions().size());
        described.put("replicationFactor", replicationFactor(topic, moving));
        described.put("configs", configs);
        described.put("partitions", partitions);
        return described;
    }

    private boolean wanted(
            TopicPartitionInfo partition, PartitionReassignment move, int minInSyncReplicas, Set<Integer> live) {
        int inSync = partition.isr().size();
        int adding = move == null ? 0 : move.addingReplicas().size();
        return switch (show) {
            case ALL -> true;
            case OVERRIDES -> false;
            case UNDER_REPLICATED -> inSync < partition.replicas().size() - adding;
            case UNAVAILABLE ->
                partition.leader() == null || !live.contains(partition.leader().id());
            case UNDER_MIN_ISR -> inSync < minInSyncReplicas;
            case AT_MIN_ISR -> inSync == minInSyncReplicas;
        };
    }

    /** Without the replicas that are being added. */
    private static int replicationFactor(TopicDescription topic, Map<TopicPartition, PartitionReassignment> moving) {
        TopicPartitionInfo first = topic.partitions().get(0);
        PartitionReassignment move = moving.get(new TopicPartition(topic.name(), first.partition()));
        return first.replicas().size()
                - (move == null ? 0 : move.addingReplicas().size());
    }

    private static Map<String, Object> partition(TopicPartitionInfo partition, PartitionReassignment move) {
        Map<String, Object> described = new LinkedHashMap<>();
        described.put("partition", partition.partition());
        described.put(
                "leader", partition.leader() == null ? null : partition.leader().id());
        described.put("replicas", ids(partition.replicas()));
        described.put("isr", ids(partition.isr()));
        described.put("elr", partition.elr() == null ? null : ids(partition.elr()));
        described.put("lastKnownElr", partition.lastKnownElr() == null ? null : ids(partition.lastKnownElr()));
        if (move != null) {
            described.put("addingReplicas", move.addingReplicas());
            described.put("removingReplicas", move.removingReplicas());
        }
        return described;
    }

    private static List<Integer> ids(List<Node> brokers) {
        return brokers.stream().map(Node::id).toList();
    }

    /** One line for the topic unless only partitions are asked for, one for each partition. */
    @SuppressWarnings("unchecked")
    static void print(Map<String, Object> topic, Show show, PrintStream out) {
        Object name = topic.get("topic");
        if (show == Show.ALL || show == Show.OVERRIDES) {
            String configs = ((Map<String, Object>) topic.get("configs"))
                    .entrySet().stream()
                            .map(entry -> entry.getKey() + "=" + entry.getValue())
                            .collect(Collectors.joining(","));
            out.println("Topic: " + name + "\tTopicId: " + topic.get("topicId") + "\tPartitionCount: "
                    + topic.get("partitionCount") + "\tReplicationFactor: " + topic.get("replicationFactor")
                    + "\tConfigs: " + configs);
        }
        for (Map<String, Object> partition : (List<Map<String, Object>>) topic.get("partitions")) {
            Object leader = partition.get("leader");
            String moving = partition.containsKey("addingReplicas")
                    ? "\tAdding Replicas: " + joined(partition.get("addingReplicas"), "") + "\tRemoving Replicas: "
                            + joined(partition.get("removingReplicas"), "")
                    : "";
            out.println("\tTopic: " + name + "\tPartition: " + partition.get("partition") + "\tLeader: "
                    + (leader == null ? "none" : leader) + "\tReplicas: " + joined(partition.get("replicas"), "")
                    + "\tIsr: " + joined(partition.get("isr"), "") + moving + "\tElr: "
                    + joined(partition.get("elr"), "N/A") + "\tLastKnownElr: "
                    + joined(partition.get("lastKnownElr"), "N/A"));
        }
    }

    private static String joined(Object ids, String unknown) {
        return ids == null
                ? unknown
                : ((List<?>) ids).stream().map(Object::toString).collect(Collectors.joining(","));
    }
}
