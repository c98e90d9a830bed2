package io.barnabas.coordination.controller;

import io.barnabas.model.BrokerId;
import io.barnabas.model.LeaderAndIsr;

/** Gives a partition back to the first of its replicas. */
final class PreferredElection {
    private PreferredElection() {}

    /** Whether the first replica leads. */
    static boolean isDone(PartitionEntry partition) {
        return partition.committed != null
                && partition.committed.leader().equals(partition.replicas().get(0));
    }

    /** The state in which the first replica leads; null if it is not in sync, or not there to stay. */
    static LeaderAndIsr next(PartitionEntry partition, ClusterImage image) {
        LeaderAndIsr current = partition.committed;
        BrokerId preferred = partition.replicas().get(0);
        boolean able = current != null
                && current.inSyncReplicas().contains(preferred)
                && image.standing(partition, preferred) == Standing.STAYING
                && !partition.leaving.contains(preferred);
        return able
                ? new LeaderAndIsr(
                        preferred, current.leaderEpoch() + 1, current.inSyncReplicas(), current.partitionEpoch())
                : null;
    }
}
