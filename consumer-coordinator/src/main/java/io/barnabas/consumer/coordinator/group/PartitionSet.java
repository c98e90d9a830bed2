package io.barnabas.consumer.coordinator.group;

import io.barnabas.consumer.coordinator.journal.TopicPartitions;
import java.util.ArrayList;
import java.util.Collection;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeMap;
import java.util.TreeSet;
import java.util.UUID;

/** Partitions of topics, by the topics' ids. Immutable. */
final class PartitionSet {
    static final PartitionSet NONE = new PartitionSet(new TreeMap<>());

    /** No topic has an empty set. */
    private final TreeMap<UUID, TreeSet<Integer>> byTopic;

    private PartitionSet(TreeMap<UUID, TreeSet<Integer>> byTopic) {
        this.byTopic = byTopic;
    }

    static PartitionSet of(Collection<TopicPartitions> topics) {
        Builder builder = new Builder();
        topics.forEach(topic -> topic.partitions().forEach(partition -> builder.add(topic.topicId(), partition)));
        return builder.build();
    }

    static PartitionSet of(Map<UUID, ? extends Collection<Integer>> byTopic) {
        Builder builder = new Builder();
        byTopic.forEach((topic, partitions) -> partitions.forEach(partition -> builder.add(topic, partition)));
        return builder.build();
    }

    boolean isEmpty() {
        return byTopic.isEmpty();
    }

    int size() {
        int size = 0;
        for (Set<Integer> partitions : byTopic.values()) {
            size += partitions.size();
        }
        return size;
    }

    boolean contains(UUID topicId, int partition) {
        Set<Integer> partitions = byTopic.get(topicId);
        return partitions != null && partitions.contains(partition);
    }

    boolean containsAll(PartitionSet others) {
        return others.minus(this).isEmpty();
    }

    boolean intersects(PartitionSet others) {
        return !and(others).isEmpty();
    }

    PartitionSet and(PartitionSet others) {
        return filter((topic, partition) -> others.contains(topic, partition));
    }

    PartitionSet minus(PartitionSet others) {
        return others.isEmpty() ? this : filter((topic, partition) -> !others.contains(topic, partition));
    }

    PartitionSet plus(PartitionSet others) {
        if (others.isEmpty() || isEmpty()) {
            return isEmpty() ? others : this;
        }
        Builder builder = new Builder();
        forEach(builder::add);
        others.forEach(builder::add);
        return builder.build();
    }

    PartitionSet filter(Test test) {
        Builder builder = new Builder();
        forEach((topic, partition) -> {
            if (test.takes(topic, partition)) {
                builder.add(topic, partition);
            }
        });
        return builder.build();
    }

    void forEach(Visitor visitor) {
        byTopic.forEach((topic, partitions) -> partitions.forEach(partition -> visitor.visit(topic, partition)));
    }

    /** Not to be changed. */
    Map<UUID, Set<Integer>> byTopic() {
        return Map.copyOf(byTopic);
    }

    /** In order of topic ids and partitions. */
    List<TopicPartitions> toList() {
        List<TopicPartitions> list = new ArrayList<>(byTopic.size());
        byTopic.forEach((topic, partitions) -> list.add(new TopicPartitions(topic, List.copyOf(partitions))));
        return list;
    }

    @Override
    public boolean equals(Object other) {
        return other instanceof PartitionSet && byTopic.equals(((PartitionSet) other).byTopic);
    }

    @Override
    public int hashCode() {
        return byTopic.hashCode();
    }

    @Override
    public String toString() {
        return byTopic.toString();
    }

    interface Test {
        boolean takes(UUID topicId, int partition);
    }

    interface Visitor {
        void visit(UUID topicId, int partition);
    }

    static final class Builder {
        private final TreeMap<UUID, TreeSet<Integer>> byTopic = new TreeMap<>();

        Builder add(UUID topicId, int partition) {
            byTopic.computeIfAbsent(topicId, none -> new TreeSet<>()).add(partition);
            return this;
        }

        PartitionSet build() {
            return byTopic.isEmpty() ? NONE : new PartitionSet(byTopic);
        }
    }
}
