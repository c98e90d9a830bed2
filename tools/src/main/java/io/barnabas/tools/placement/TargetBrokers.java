package io.barnabas.tools.placement;

import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.NavigableSet;
import java.util.Objects;
import java.util.SortedMap;
import java.util.TreeMap;

/** The brokers that may hold replicas, and their racks. Racks count only if every one of these brokers has one (KIP-36). */
public final class TargetBrokers {
    private final TreeMap<Integer, String> racks = new TreeMap<>();
    private final boolean rackAware;
    private final int rackCount;

    /** @param racks by broker; null where a broker has none */
    public TargetBrokers(Map<Integer, String> racks) {
        rackAware = !racks.isEmpty() && racks.values().stream().allMatch(Objects::nonNull);
        racks.forEach((broker, rack) -> this.racks.put(broker, rackAware ? rack : broker.toString()));
        rackCount = (int) this.racks.values().stream().distinct().count();
    }

    public NavigableSet<Integer> ids() {
        return racks.navigableKeySet();
    }

    public boolean contains(int broker) {
        return racks.containsKey(broker);
    }

    public boolean rackAware() {
        return rackAware;
    }

    /** Of each broker; a broker without one is a rack of its own. */
    public SortedMap<Integer, String> racks() {
        return new TreeMap<>(racks);
    }

    /**
     * How far replicas are from lying in as many racks as they could, each with as few of them as it could: 0 is best. Replicas on
     * brokers that are not among these count as one rack.
     */
    public int rackExcess(List<Integer> replicas) {
        Map<String, Integer> inRack = new HashMap<>();
        for (int broker : replicas) {
            inRack.merge(racks.getOrDefault(broker, ""), 1, Integer::sum);
        }
        int most = (replicas.size() + rackCount - 1) / Math.max(1, rackCount);
        int excess = Math.max(0, Math.min(replicas.size(), rackCount) - inRack.size());
        for (int count : inRack.values()) {
            excess += Math.max(0, count - most);
        }
        return excess;
    }
}
