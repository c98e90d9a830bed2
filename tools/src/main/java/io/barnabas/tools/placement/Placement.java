package io.barnabas.tools.placement;

import java.util.Comparator;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.NavigableMap;
import java.util.SortedMap;
import java.util.TreeMap;
import java.util.TreeSet;
import org.apache.kafka.common.TopicPartition;

/** Which brokers hold which partitions: a draft that planners change step by step, with its sums kept up to date. */
public final class Placement {
    static final Comparator<TopicPartition> ORDER =
            Comparator.comparing(TopicPartition::topic).thenComparingInt(TopicPartition::partition);

    private final TargetBrokers brokers;
    private final NavigableMap<TopicPartition, List<Integer>> original = new TreeMap<>(ORDER);
    private final NavigableMap<TopicPartition, List<Integer>> replicas = new TreeMap<>(ORDER);
    private final Map<Integer, TreeSet<TopicPartition>> held = new HashMap<>();
    private final Map<Integer, TreeSet<TopicPartition>> led = new HashMap<>();
    private final Map<Integer, Map<String, Integer>> heldOfTopic = new HashMap<>();
    private final Map<Integer, Map<String, Integer>> ledOfTopic = new HashMap<>();

    /**
     * @param brokers  those that may hold replicas
     * @param replicas brokers of each partition, preferred leader first; at least one
     */
    public Placement(TargetBrokers brokers, Map<TopicPartition, List<Integer>> replicas) {
        this.brokers = brokers;
        replicas.forEach((partition, of) -> {
            if (of.isEmpty() || of.stream().distinct().count() != of.size()) {
                throw new IllegalArgumentException(partition + " cannot have the replicas " + of);
            }
            original.put(partition, List.copyOf(of));
            this.replicas.put(partition, List.copyOf(of));
            add(partition, of);
        });
    }

    TargetBrokers brokers() {
        return brokers;
    }

    Iterable<TopicPartition> partitions() {
        return List.copyOf(replicas.keySet());
    }

    List<Integer> replicas(TopicPartition partition) {
        return replicas.get(partition);
    }

    /** Replicas on a broker. */
    int held(int broker) {
        return partitionsOn(broker).size();
    }

    /** Partitions whose preferred leader is the broker. */
    int led(int broker) {
        return partitionsLedBy(broker).size();
    }

    TreeSet<TopicPartition> partitionsOn(int broker) {
        return held.computeIfAbsent(broker, none -> new TreeSet<>(ORDER));
    }

    TreeSet<TopicPartition> partitionsLedBy(int broker) {
        return led.computeIfAbsent(broker, none -> new TreeSet<>(ORDER));
    }

    int heldOfTopic(int broker, String topic) {
        return heldOfTopic.getOrDefault(broker, Map.of()).getOrDefault(topic, 0);
    }

    int ledOfTopic(int broker, String topic) {
        return ledOfTopic.getOrDefault(broker, Map.of()).getOrDefault(topic, 0);
    }

    /** Whether the broker held the partition before anything was planned, so that it need not be copied there. */
    boolean heldBefore(TopicPartition partition, int broker) {
        return original.get(partition).contains(broker);
    }

    void change(TopicPartition partition, List<Integer> to) {
        remove(partition, replicas.get(partition));
        replicas.put(partition, List.copyOf(to));
        add(partition, to);
    }

    /** What has become different since the beginning. */
    PlacementPlan plan() {
        List<PlacementPlan.Move> moves = original.entrySet().stream()
                .filter(entry -> !entry.getValue().equals(replicas.get(entry.getKey())))
                .map(entry -> new PlacementPlan.Move(entry.getKey(), entry.getValue(), replicas.get(entry.getKey())))
                .toList();
        SortedMap<Integer, PlacementPlan.Load> before = PlacementPlan.loads(brokers.ids(), original);
        return new PlacementPlan(moves, before, PlacementPlan.loads(before.keySet(), replicas));
    }

    private void add(TopicPartition partition, List<Integer> of) {
        for (int broker : of) {
            partitionsOn(broker).add(partition);
            count(heldOfTopic, broker, partition.topic(), 1);
        }
        partitionsLedBy(of.get(0)).add(partition);
        count(ledOfTopic, of.get(0), partition.topic(), 1);
    }

    private void remove(TopicPartition partition, List<Integer> of) {
        for (int broker : of) {
            partitionsOn(broker).remove(partition);
            count(heldOfTopic, broker, partition.topic(), -1);
        }
        partitionsLedBy(of.get(0)).remove(partition);
        count(ledOfTopic, of.get(0), partition.topic(), -1);
    }

    private static void count(Map<Integer, Map<String, Integer>> counts, int broker, String topic, int by) {
        counts.computeIfAbsent(broker, none -> new HashMap<>()).merge(topic, by, Integer::sum);
    }
}
