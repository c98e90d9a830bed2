package io.barnabas.consumer.coordinator.assignor;

import java.util.Map;
import java.util.Set;
import java.util.UUID;

/** Divides the partitions of topics among those that subscribe to them. */
public interface Assignor {
    /** As members ask for it. */
    String name();

    /**
     * Every partition of a topic with subscribers goes to exactly one of them; topics that the task does not hold are passed over.
     *
     * @return partitions by topic by member id, in order; every member of the task is there, topics of which it gets nothing are not
     */
    Map<String, Map<UUID, Set<Integer>>> assign(AssignmentTask task);
}
