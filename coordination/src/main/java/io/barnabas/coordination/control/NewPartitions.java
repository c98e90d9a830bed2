package io.barnabas.coordination.control;

import io.barnabas.model.BrokerId;
import java.util.List;

/**
 * A topic is to have more partitions.
 *
 * @param count      how many there are to be in all
 * @param assignment replicas of each new partition, in order; empty to have them placed
 */
public record NewPartitions(String topic, int count, List<List<BrokerId>> assignment) {
    public NewPartitions {
        assignment = assignment.stream().map(List::copyOf).toList();
    }
}
