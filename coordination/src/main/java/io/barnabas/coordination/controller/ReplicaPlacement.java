package io.barnabas.coordination.controller;

import io.barnabas.coordination.control.BrokerInfo;
import io.barnabas.model.BrokerId;
import io.barnabas.model.Invariant;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Collection;
import java.util.Comparator;
import java.util.Deque;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Set;
import java.util.SortedMap;
import java.util.TreeMap;
import java.util.random.RandomGenerator;

/**
 * Where the replicas of a new topic go. Brokers stand on a ring in which racks alternate; leaders go round it one by one,
 * and followers are taken from the ring after the leader, from a distance that grows with each round, racks that have no
 * replica yet first. So leaders differ by at most one per broker, and a partition has as many racks as it can have
 * (KIP-36). Racks count only if every broker has one.
 */
final class ReplicaPlacement {
    private ReplicaPlacement() {}

    /**
     * @param random chooses where on the ring to begin, so that small topics do not all sit on the same brokers
     * @return replicas by partition, the leader first
     */
    static SortedMap<Integer, List<BrokerId>> place(
            Collection<BrokerInfo> brokers, int partitions, int replicationFactor, RandomGenerator random) {
        Invariant.holds(
                replicationFactor >= 1 && replicationFactor <= brokers.size(),
                "replication factor %d with %d brokers",
                replicationFactor,
                brokers.size());
        List<BrokerInfo> ring = ring(brokers);
        int start = random.nextInt(ring.size());
        int firstDistance = ring.size() > 1 ? random.nextInt(ring.size() - 1) : 0;
        return place(ring, start, firstDistance, 0, partitions, replicationFactor);
    }

    /**
     * Goes on where {@link #place} has left off, as well as that can still be told.
     *
     * @param firstLeader the preferred replica of partition 0
     * @param from        first partition to place
     * @param end         exclusive
     */
    static SortedMap<Integer, List<BrokerId>> placeMore(
            Collection<BrokerInfo> brokers,
            BrokerId firstLeader,
            int from,
            int end,
            int replicationFactor,
            RandomGenerator random) {
        Invariant.holds(
                replicationFactor >= 1 && replicationFactor <= brokers.size(),
                "replication factor %d with %d brokers",
                replicationFactor,
                brokers.size());
        List<BrokerInfo> ring = ring(brokers);
        int start = random.nextInt(ring.size());
        for (int index = 0; index < ring.size(); index++) {
            if (ring.get(index).id().equals(firstLeader)) {
                start = index;
            }
        }
        int firstDistance = ring.size() > 1 ? random.nextInt(ring.size() - 1) : 0;
        return place(ring, start, firstDistance, from, end, replicationFactor);
    }

    private static SortedMap<Integer, List<BrokerId>> place(
            List<BrokerInfo> ring, int start, int firstDistance, int from, int end, int replicationFactor) {
        SortedMap<Integer, List<BrokerId>> placed = new TreeMap<>();
        for (int partition = from; partition < end; partition++) {
            int leader = (start + partition) % ring.size();
            int distance = firstDistance + partition / ring.size();
            placed.put(partition, replicas(ring, leader, distance, replicationFactor));
        }
        return placed;
    }

    private static List<BrokerId> replicas(List<BrokerInfo> ring, int leader, int distance, int count) {
        List<BrokerInfo> candidates = new ArrayList<>();
        for (int step = 0; step < ring.size() - 1; step++) {
            int offset = 1 + (distance + step) % (ring.size() - 1);
            candidates.add(ring.get((leader + offset) % ring.size()));
        }
        List<BrokerId> replicas = new ArrayList<>();
        Set<String> racks = new HashSet<>();
        replicas.add(ring.get(leader).id());
        racks.add(ring.get(leader).rack());
        for (BrokerInfo candidate : candidates) {
            if (replicas.size() < count && racks.add(candidate.rack())) {
                replicas.add(candidate.id());
            }
        }
        for (BrokerInfo candidate : candidates) {
            if (replicas.size() < count && !replicas.contains(candidate.id())) {
                replicas.add(candidate.id());
            }
        }
        return replicas;
    }

    private static List<BrokerInfo> ring(Collection<BrokerInfo> brokers) {
        List<BrokerInfo> sorted =
                brokers.stream().sorted(Comparator.comparing(BrokerInfo::id)).toList();
        if (sorted.stream().map(BrokerInfo::rack).anyMatch(Objects::isNull)) {
            return sorted.stream()
                    .map(broker -> new BrokerInfo(broker.id(), broker.brokerEpoch(), broker.endpoints(), ""))
                    .toList();
        }
        Map<String, Deque<BrokerInfo>> byRack = new TreeMap<>();
        for (BrokerInfo broker : sorted) {
            byRack.computeIfAbsent(broker.rack(), rack -> new ArrayDeque<>()).add(broker);
        }
        List<BrokerInfo> ring = new ArrayList<>();
        while (ring.size() < sorted.size()) {
            for (Deque<BrokerInfo> rack : byRack.values()) {
                if (!rack.isEmpty()) {
                    ring.add(rack.remove());
                }
            }
        }
        return ring;
    }
}
