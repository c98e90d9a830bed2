package io.barnabas.coordination.store;

import io.barnabas.model.BrokerId;
import java.util.Collections;
import java.util.List;
import java.util.Map;
import java.util.SortedMap;
import java.util.TreeMap;
import java.util.UUID;

/**
 * A topic's id and where its partitions are.
 *
 * @param assignment replicas by partition; the first is preferred
 * @param adding     by partition, what a reassignment brings in; partitions without are absent
 * @param removing   by partition, what a reassignment takes away; partitions without are absent
 * @param version    of what is stored
 */
public record StoredTopic(
        String name,
        UUID topicId,
        SortedMap<Integer, List<BrokerId>> assignment,
        Map<Integer, List<BrokerId>> adding,
        Map<Integer, List<BrokerId>> removing,
        int version) {
    public StoredTopic {
        assignment = Collections.unmodifiableSortedMap(new TreeMap<>(assignment));
        adding = Map.copyOf(adding);
        removing = Map.copyOf(removing);
    }

    /** A topic that is not stored yet. */
    public static StoredTopic fresh(String name, UUID topicId, SortedMap<Integer, List<BrokerId>> assignment) {
        return new StoredTopic(name, topicId, assignment, Map.of(), Map.of(), 0);
    }
}
