package io.barnabas.consumer.coordinator.assignor;

import java.util.List;
import java.util.Set;

/**
 * What an assignor needs to know about a topic.
 *
 * @param racks for each partition the racks that hold a replica of it; empty if none is known
 */
public record TopicShape(int partitionCount, List<Set<String>> racks) {
    public TopicShape {
        racks = List.copyOf(racks);
        if (partitionCount < 0 || !racks.isEmpty() && racks.size() != partitionCount) {
            throw new IllegalArgumentException("racks of " + racks.size() + " of " + partitionCount + " partitions");
        }
    }

    /** A topic of which no rack is known. */
    public static TopicShape of(int partitionCount) {
        return new TopicShape(partitionCount, List.of());
    }

    /** Whether the partition can be read without leaving the rack; never, if one of both is unknown. */
    boolean isNear(int partition, String rackId) {
        return rackId != null && !racks.isEmpty() && racks.get(partition).contains(rackId);
    }
}
