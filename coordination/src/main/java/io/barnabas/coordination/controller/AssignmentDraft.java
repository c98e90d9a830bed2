package io.barnabas.coordination.controller;

import io.barnabas.coordination.store.StoredTopic;
import io.barnabas.model.BrokerId;
import java.util.Collection;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.SortedMap;
import java.util.TreeMap;

/** What a topic's assignment is to become: as it is stored, and what edits have put in its place. */
final class AssignmentDraft {
    private final TopicEntry topic;
    private final SortedMap<Integer, Assignment> changes = new TreeMap<>();
    private List<AssignmentBook.Edit> edits = List.of();
    private long storedBytes;

    AssignmentDraft(TopicEntry topic) {
        this.topic = topic;
        this.storedBytes = StoredSize.SURROUNDINGS;
        topic.partitions.forEach((number, partition) -> storedBytes += bytes(number, partition.assignment()));
    }

    /** Null if there is no such partition. */
    Assignment assignment(int number) {
        Assignment changed = changes.get(number);
        if (changed != null) {
            return changed;
        }
        PartitionEntry partition = topic.partitions.get(number);
        return partition == null ? null : partition.assignment();
    }

    /** The number that a partition would have that comes after all others. */
    int partitionCount() {
        int last = topic.partitions.isEmpty() ? -1 : topic.partitions.lastKey();
        return 1 + (changes.isEmpty() ? last : Math.max(last, changes.lastKey()));
    }

    boolean isMoving() {
        return topic.isMoving() || changes.values().stream().anyMatch(Assignment::isMoving);
    }

    void put(int number, Assignment next) {
        Assignment before = assignment(number);
        if (!next.equals(before)) {
            storedBytes += bytes(number, next) - (before == null ? 0 : bytes(number, before));
            changes.put(number, next);
        }
    }

    /** Whether it could still be stored with {@code more} put into it (CTRL-32). */
    boolean fits(Map<Integer, Assignment> more) {
        long bytes = storedBytes;
        for (Map.Entry<Integer, Assignment> each : more.entrySet()) {
            Assignment before = assignment(each.getKey());
            bytes += bytes(each.getKey(), each.getValue()) - (before == null ? 0 : bytes(each.getKey(), before));
        }
        return bytes <= StoredSize.MAX_BYTES;
    }

    /** On its way to the store from here on. */
    void seal(Collection<AssignmentBook.Edit> applied) {
        edits = List.copyOf(applied);
    }

    /** Those that made it. */
    List<AssignmentBook.Edit> edits() {
        return edits;
    }

    SortedMap<Integer, Assignment> changes() {
        return changes;
    }

    /** The whole, with the version that it was made from. */
    StoredTopic stored() {
        SortedMap<Integer, List<BrokerId>> replicas = new TreeMap<>();
        Map<Integer, List<BrokerId>> adding = new HashMap<>();
        Map<Integer, List<BrokerId>> removing = new HashMap<>();
        SortedMap<Integer, Assignment> all = new TreeMap<>();
        topic.partitions.forEach((number, partition) -> all.put(number, partition.assignment()));
        all.putAll(changes);
        all.forEach((number, assignment) -> {
            replicas.put(number, assignment.replicas());
            if (!assignment.adding().isEmpty()) {
                adding.put(number, assignment.adding());
            }
            if (!assignment.removing().isEmpty()) {
                removing.put(number, assignment.removing());
            }
        });
        return new StoredTopic(topic.name, topic.id, replicas, adding, removing, topic.version);
    }

    private static long bytes(int number, Assignment assignment) {
        long bytes = StoredSize.ofReplicas(number, assignment.replicas());
        if (!assignment.adding().isEmpty()) {
            bytes += StoredSize.ofReplicas(number, assignment.adding());
        }
        if (!assignment.removing().isEmpty()) {
            bytes += StoredSize.ofReplicas(number, assignment.removing());
        }
        return bytes;
    }
}
