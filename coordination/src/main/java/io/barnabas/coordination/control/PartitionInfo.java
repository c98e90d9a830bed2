package io.barnabas.coordination.control;

import io.barnabas.model.BrokerId;
import io.barnabas.model.LeaderAndIsr;
import java.util.List;

/**
 * One partition of a topic.
 *
 * @param assignedReplicas in order; the first is preferred
 * @param adding           replicas that a reassignment adds
 * @param removing         replicas that a reassignment removes
 * @param leaderAndIsr     null until a leader was elected for the first time
 * @param isNew            whether its replicas may be created empty; false says that they must exist (LOG-42)
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
    }
}
