package io.barnabas.coordination.control;

import io.barnabas.model.BrokerId;
import io.barnabas.model.LeaderAndIsr;
import java.util.List;

/**
 * What the controller knows of one partition.
 *
 * @param partition        number within the topic
 * @param assignedReplicas in order; the first is preferred as leader
 * @param adding           replicas that a reassignment brings in; part of {@code assignedReplicas}
 * @param removing         replicas that a reassignment takes away; part of {@code assignedReplicas}
 * @param leaderAndIsr     null until a leader was first elected
 * @param isNew            true only in the first message after creation: replicas may make an empty log, even while a directory
 *     of theirs is offline. Never said again: a state that has not changed since may belong to a log full of records (LOG-42)
 */
public record PartitionInfo(
        int partition,
        List<BrokerId> assignedReplicas,
        List<BrokerId> adding,
        List<BrokerId> removing,
        LeaderAndIsr leaderAndIsr,
        boolean isNew) {
    public PartitionInfo {
        assignedReplicas = List.copyOf(assignedReplicas);
        adding = List.copyOf(adding);
        removing = List.copyOf(removing);
        if (partition < 0) {
            throw new IllegalArgumentException("negative partition " + partition);
        }
    }

    /** A partition that no reassignment moves. */
    public static PartitionInfo of(int partition, List<BrokerId> assignedReplicas, LeaderAndIsr leaderAndIsr) {
        return new PartitionInfo(partition, assignedReplicas, List.of(), List.of(), leaderAndIsr, false);
    }
}
