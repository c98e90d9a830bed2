package io.barnabas.coordination.controller;

import io.barnabas.coordination.control.BrokerInfo;
import io.barnabas.model.BrokerId;
import io.barnabas.model.LeaderAndIsr;
import io.barnabas.model.TopicPartition;
import java.util.ArrayDeque;
import java.util.Deque;
import java.util.HashMap;
import java.util.HashSet;
import java.util.Map;
import java.util.Set;

/**
 * Gives partitions back to their preferred replicas from time to time (CTRL-33). Only a broker that was there at the look before, too,
 * gets any, so that one that comes and goes does not drag them along; and never many at once.
 */
final class PreferredBalancing {
    /** The first look, so that a new term does not wait for a whole interval. */
    private static final long FIRST_LOOK_MS = 5_000;

    /** Leaderships that move in one turn. */
    static final int SLICE = 500;

    private static final long BETWEEN_SLICES_MS = 1_000;

    private final ClusterImage image;
    private final Leadership leadership;
    private final LeaderBalancing config;

    /** Broker epochs at the last look. */
    private Map<BrokerId, Long> seen = Map.of();

    /** Found at the last look, not moved yet. */
    private final Deque<TopicPartition> due = new ArrayDeque<>();

    PreferredBalancing(ClusterImage image, Leadership leadership, LeaderBalancing config) {
        this.image = image;
        this.leadership = leadership;
        this.config = config;
    }

    void begin(Turn turn) {
        if (config.enabled()) {
            wake(Math.min(FIRST_LOOK_MS, config.checkIntervalMs()), turn);
        }
    }

    void onDue(Turn turn) {
        if (due.isEmpty()) {
            look();
        }
        for (int moved = 0; moved < SLICE && !due.isEmpty(); ) {
            PartitionEntry partition = image.partition(due.remove());
            LeaderAndIsr next = partition == null || !isOff(partition) || !mayMove(partition)
                    ? null
                    : PreferredElection.next(partition, image);
            if (next != null) {
                leadership.write(partition, next, turn);
                moved++;
            }
        }
        wake(due.isEmpty() ? config.checkIntervalMs() : BETWEEN_SLICES_MS, turn);
    }

    private static void wake(long delayMs, Turn turn) {
        turn.works.add(new ControllerEffect.WakeBalancing(delayMs));
    }

    private void look() {
        Map<BrokerId, Long> now = new HashMap<>();
        Set<BrokerId> steady = new HashSet<>();
        for (BrokerInfo broker : image.brokers.staying()) {
            now.put(broker.id(), broker.brokerEpoch());
            if (Long.valueOf(broker.brokerEpoch()).equals(seen.get(broker.id()))) {
                steady.add(broker.id());
            }
        }
        seen = now;
        Map<BrokerId, int[]> counts = new HashMap<>();
        for (TopicEntry topic : image.topics()) {
            for (PartitionEntry partition : topic.partitions.values()) {
                int[] count = counts.computeIfAbsent(partition.replicas().get(0), any -> new int[2]);
                count[0]++;
                count[1] += isOff(partition) ? 1 : 0;
            }
        }
        for (BrokerId broker : steady) {
            int[] count = counts.get(broker);
            if (count != null && 100L * count[1] > (long) config.imbalancePercent() * count[0]) {
                collect(broker);
            }
        }
    }

    private void collect(BrokerId preferred) {
        for (PartitionEntry partition : image.partitionsOn(preferred)) {
            if (partition.replicas().get(0).equals(preferred)
                    && isOff(partition)
                    && PreferredElection.next(partition, image) != null) {
                due.add(partition.id);
            }
        }
    }

    private static boolean isOff(PartitionEntry partition) {
        return !partition.topic.deleting && partition.committed != null && !PreferredElection.isDone(partition);
    }

    private static boolean mayMove(PartitionEntry partition) {
        return !partition.busy()
                && !partition.missing
                && !partition.assignment().isMoving();
    }
}
