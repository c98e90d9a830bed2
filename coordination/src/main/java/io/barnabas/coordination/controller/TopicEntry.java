package io.barnabas.coordination.controller;

import io.barnabas.coordination.control.PartitionInfo;
import io.barnabas.coordination.control.TopicInfo;
import io.barnabas.coordination.store.StoredTopic;
import io.barnabas.model.LeaderAndIsr;
import io.barnabas.model.TopicPartition;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Deque;
import java.util.List;
import java.util.Map;
import java.util.SortedMap;
import java.util.TreeMap;
import java.util.UUID;

/** One topic in the controller's memory. At most one write of its assignment is under way. */
final class TopicEntry {
    final String name;
    final UUID id;
    final SortedMap<Integer, PartitionEntry> partitions = new TreeMap<>();

    /** Of the stored assignment. */
    int version;

    /** Marked: nothing of it changes any more, brokers do not know it. */
    boolean deleting;

    /** Its node was taken away or replaced by somebody: nothing can be stored of its assignment in this term. */
    boolean missing;

    /** Under way to the store, or null. */
    AssignmentDraft draft;

    /** Its assignment is being read anew after a conflict. */
    boolean loading;

    /** What {@link AssignmentBook} still has to do. */
    final Deque<AssignmentBook.Edit> edits = new ArrayDeque<>(0);

    TopicEntry(StoredTopic stored, Map<TopicPartition, LeaderAndIsr> states) {
        name = stored.name();
        id = stored.topicId();
        version = stored.version();
        for (int number : stored.assignment().keySet()) {
            PartitionEntry entry = add(number, assignmentOf(stored, number));
            entry.committed = states.get(entry.id);
        }
    }

    /** For {@link ClusterImage}, which keeps an index. */
    PartitionEntry add(int number, Assignment assignment) {
        PartitionEntry entry = new PartitionEntry(new TopicPartition(name, number), this, assignment);
        partitions.put(number, entry);
        return entry;
    }

    boolean isMoving() {
        return partitions.values().stream()
                .anyMatch(partition -> partition.assignment().isMoving());
    }

    static Assignment assignmentOf(StoredTopic stored, int number) {
        return new Assignment(
                stored.assignment().get(number),
                stored.adding().getOrDefault(number, List.of()),
                stored.removing().getOrDefault(number, List.of()));
    }

    TopicInfo info() {
        List<PartitionInfo> all = new ArrayList<>(partitions.size());
        for (PartitionEntry partition : partitions.values()) {
            all.add(partition.info(false));
        }
        return new TopicInfo(name, id, all);
    }
}
