package io.barnabas.tools;

import io.barnabas.tools.placement.TargetBrokers;
import java.util.Collection;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.SortedMap;
import java.util.TreeMap;
import java.util.function.IntPredicate;
import java.util.function.Predicate;
import org.apache.kafka.clients.admin.Admin;
import org.apache.kafka.clients.admin.ListTopicsOptions;
import org.apache.kafka.clients.admin.PartitionReassignment;
import org.apache.kafka.clients.admin.TopicDescription;
import org.apache.kafka.common.KafkaFuture;
import org.apache.kafka.common.Node;
import org.apache.kafka.common.TopicPartition;
import org.apache.kafka.common.TopicPartitionInfo;
import org.apache.kafka.common.errors.UnknownTopicOrPartitionException;

/**
 * Live brokers, topics and what is moving, as a broker has just told.
 *
 * @param racks      of each live broker; null where it has none
 * @param partitions those of the topics that were asked for
 * @param moving     those of them whose replicas are being changed, or were until a moment ago
 */
record ClusterPicture(
        SortedMap<Integer, String> racks,
        SortedMap<TopicPartition, TopicPartitionInfo> partitions,
        SortedMap<TopicPartition, PartitionReassignment> moving) {

    /** All topics whose names are wanted, internal ones as well. */
    static ClusterPicture read(Admin admin, Predicate<String> wanted) {
        Collection<String> names =
                Failures.await(admin.listTopics(new ListTopicsOptions().listInternal(true))
                                .names())
                        .stream()
                        .filter(wanted)
                        .toList();
        return read(admin, names);
    }

    /** These topics; those that do not exist are left out. */
    static ClusterPicture read(Admin admin, Collection<String> topics) {
        SortedMap<Integer, String> racks = new TreeMap<>();
        for (Node broker : Failures.await(admin.describeCluster().nodes())) {
            racks.put(broker.id(), broker.rack());
        }
        // asked before and after: what ends or begins meanwhile may show all its replicas, but leads where the answer
        // says
        SortedMap<TopicPartition, PartitionReassignment> moving = new TreeMap<>(LogOffsets.ORDER);
        if (!topics.isEmpty()) {
            moving.putAll(Reassignments.of(admin).active());
        }
        SortedMap<TopicPartition, TopicPartitionInfo> partitions = describe(admin, topics);
        if (!topics.isEmpty()) {
            moving.putAll(Reassignments.of(admin).active());
        }
        moving.keySet().retainAll(partitions.keySet());
        return new ClusterPicture(racks, partitions, moving);
    }

    private static SortedMap<TopicPartition, TopicPartitionInfo> describe(Admin admin, Collection<String> topics) {
        SortedMap<TopicPartition, TopicPartitionInfo> partitions = new TreeMap<>(LogOffsets.ORDER);
        for (KafkaFuture<TopicDescription> answer :
                admin.describeTopics(topics).topicNameValues().values()) {
            try {
                TopicDescription topic = Failures.await(answer);
                topic.partitions()
                        .forEach(info -> partitions.put(new TopicPartition(topic.name(), info.partition()), info));
            } catch (UnknownTopicOrPartitionException e) {
                // deleted, or never there
                continue;
            }
        }
        return partitions;
    }

    /** Now, preferred leader first; also those that are being added or removed. */
    List<Integer> replicas(TopicPartition partition) {
        return partitions.get(partition).replicas().stream().map(Node::id).toList();
    }

    /** Now, without those that are being added. */
    List<Integer> settled(TopicPartition partition) {
        PartitionReassignment move = moving.get(partition);
        return replicas(partition).stream()
                .filter(broker -> move == null || !move.addingReplicas().contains(broker))
                .toList();
    }

    /** When all that is moving has arrived, preferred leader first. */
    List<Integer> target(TopicPartition partition) {
        PartitionReassignment move = moving.get(partition);
        return move == null ? replicas(partition) : Reassignments.target(move);
    }

    /** {@link #target} of every partition. */
    Map<TopicPartition, List<Integer>> targets() {
        Map<TopicPartition, List<Integer>> targets = new HashMap<>();
        partitions.keySet().forEach(partition -> targets.put(partition, target(partition)));
        return targets;
    }

    /** The live brokers that may hold replicas. */
    TargetBrokers targetBrokers(IntPredicate allowed) {
        Map<Integer, String> chosen = new TreeMap<>(racks);
        chosen.keySet().removeIf(broker -> !allowed.test(broker));
        return new TargetBrokers(chosen);
    }

    /** @throws ToolFailure if one of them is not live */
    void checkLive(Set<Integer> brokers) {
        for (int broker : brokers) {
            if (!racks.containsKey(broker)) {
                throw new ToolFailure("Unknown broker id " + broker + "; live are " + racks.keySet());
            }
        }
    }
}
