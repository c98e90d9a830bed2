package io.barnabas.tools;

import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.SortedMap;
import java.util.TreeMap;
import org.apache.kafka.clients.admin.Admin;
import org.apache.kafka.clients.admin.NewPartitionReassignment;
import org.apache.kafka.clients.admin.PartitionReassignment;
import org.apache.kafka.common.KafkaException;
import org.apache.kafka.common.TopicPartition;

/** The cluster's reassignments (KIP-455): what is moving, and how moves begin and end. */
interface Reassignments {
    /**
     * Asks for other replicas.
     *
     * @param wanted replicas, preferred leader first; empty to cancel what is moving
     * @return why, for each partition that was refused
     */
    Map<TopicPartition, String> alter(Map<TopicPartition, Optional<List<Integer>>> wanted);

    /** What is moving now, of all partitions. */
    SortedMap<TopicPartition, PartitionReassignment> active();

    /** What is moving now, of these partitions. */
    SortedMap<TopicPartition, PartitionReassignment> active(Set<TopicPartition> partitions);

    /** The replicas a partition will have, preferred leader first. */
    static List<Integer> target(PartitionReassignment moving) {
        return moving.replicas().stream()
                .filter(broker -> !moving.removingReplicas().contains(broker))
                .toList();
    }

    static Reassignments of(Admin admin) {
        return new Reassignments() {
            @Override
            public Map<TopicPartition, String> alter(Map<TopicPartition, Optional<List<Integer>>> wanted) {
                Map<TopicPartition, Optional<NewPartitionReassignment>> changes = new TreeMap<>(LogOffsets.ORDER);
                wanted.forEach(
                        (partition, replicas) -> changes.put(partition, replicas.map(NewPartitionReassignment::new)));
                Map<TopicPartition, String> refused = new TreeMap<>(LogOffsets.ORDER);
                admin.alterPartitionReassignments(changes).values().forEach((partition, answer) -> {
                    try {
                        Failures.await(answer);
                    } catch (KafkaException e) {
                        refused.put(partition, Failures.sentence(e));
                    }
                });
                return refused;
            }

            @Override
            public SortedMap<TopicPartition, PartitionReassignment> active() {
                return sorted(Failures.await(admin.listPartitionReassignments().reassignments()));
            }

            @Override
            public SortedMap<TopicPartition, PartitionReassignment> active(Set<TopicPartition> partitions) {
                return sorted(Failures.await(
                        admin.listPartitionReassignments(partitions).reassignments()));
            }

            private SortedMap<TopicPartition, PartitionReassignment> sorted(
                    Map<TopicPartition, PartitionReassignment> moving) {
                SortedMap<TopicPartition, PartitionReassignment> sorted = new TreeMap<>(LogOffsets.ORDER);
                sorted.putAll(moving);
                return sorted;
            }
        };
    }
}
