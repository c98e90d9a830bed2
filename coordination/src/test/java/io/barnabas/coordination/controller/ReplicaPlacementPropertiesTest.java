package io.barnabas.coordination.controller;

import static org.assertj.core.api.Assertions.assertThat;

import io.barnabas.coordination.control.BrokerInfo;
import io.barnabas.model.BrokerId;
import io.barnabas.runtime.loop.SeededRandom;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.SortedMap;
import org.junit.jupiter.api.DisplayName;
import org.junit.jupiter.api.Test;

class ReplicaPlacementPropertiesTest {
    private static final int RUNS = 500;

    @Test
    @DisplayName(
            "any cluster: no broker twice in a partition, leaders differ by at most one, as many racks as there can be (CTRL-20)")
    void anyCluster() {
        SeededRandom seeds = SeededRandom.fresh();
        for (int run = 0; run < RUNS; run++) {
            SeededRandom random = new SeededRandom(run == 0 ? seeds.seed() : seeds.nextLong());
            try {
                check(random);
            } catch (Throwable failure) {
                throw new AssertionError("run " + run + " of " + random, failure);
            }
        }
    }

    private static void check(SeededRandom random) {
        int racks = random.nextInt(5);
        List<BrokerInfo> brokers = new ArrayList<>();
        Map<BrokerId, String> rackOf = new HashMap<>();
        int count = 1 + random.nextInt(12);
        for (int broker = 0; broker < count; broker++) {
            String rack = racks == 0 ? null : "rack-" + random.nextInt(racks);
            BrokerId id = new BrokerId(broker * 3);
            brokers.add(new BrokerInfo(id, 1, List.of(), rack));
            rackOf.put(id, rack);
        }
        int factor = 1 + random.nextInt(count);
        int partitions = 1 + random.nextInt(60);
        int possibleRacks = Math.min(factor, new HashSet<>(rackOf.values()).size());

        SortedMap<Integer, List<BrokerId>> placed = ReplicaPlacement.place(brokers, partitions, factor, random);

        assertThat(placed).hasSize(partitions);
        Map<BrokerId, Integer> led = new HashMap<>();
        rackOf.keySet().forEach(id -> led.put(id, 0));
        for (List<BrokerId> replicas : placed.values()) {
            assertThat(replicas).hasSize(factor).doesNotHaveDuplicates().isSubsetOf(rackOf.keySet());
            led.merge(replicas.get(0), 1, Integer::sum);
            if (racks > 0) {
                Set<String> used = new HashSet<>();
                replicas.forEach(id -> used.add(rackOf.get(id)));
                assertThat(used).hasSize(possibleRacks);
            }
        }
        int most = led.values().stream().mapToInt(Integer::intValue).max().orElseThrow();
        int fewest = led.values().stream().mapToInt(Integer::intValue).min().orElseThrow();
        assertThat(most - fewest).isLessThanOrEqualTo(1);
    }
}
