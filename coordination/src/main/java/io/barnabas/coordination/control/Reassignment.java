package io.barnabas.coordination.control;

import io.barnabas.model.BrokerId;
import io.barnabas.model.TopicPartition;
import java.util.List;

/**
 * A partition is to move (KIP-455).
 *
 * @param target its replicas, the first is preferred; null to cancel what is under way
 */
public record Reassignment(TopicPartition partition, List<BrokerId> target) {
    public Reassignment {
        target = target == null ? null : List.copyOf(target);
    }

    public boolean isCancellation() {
        return target == null;
    }
}
