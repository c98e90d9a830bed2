package io.barnabas.coordination.control;

import io.barnabas.model.BrokerId;
import java.util.List;
import java.util.Map;

/**
 * A topic to create.
 *
 * @param partitions        -1 for the cluster's default, also with an assignment
 * @param replicationFactor -1 for the cluster's default, also with an assignment
 * @param assignment        replicas by partition; empty to let the controller place them
 * @param configs           what differs from the cluster's configuration
 */
public record NewTopic(
        String name,
        int partitions,
        int replicationFactor,
        Map<Integer, List<BrokerId>> assignment,
        Map<String, String> configs) {
    public NewTopic {
        assignment = Map.copyOf(assignment);
        configs = Map.copyOf(configs);
    }
}
