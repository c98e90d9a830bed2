package io.barnabas.broker.control;

import static org.assertj.core.api.Assertions.assertThat;

import io.barnabas.broker.metadata.ClusterView;
import io.barnabas.broker.peer.MergedChanges;
import io.barnabas.coordination.control.BrokerInfo;
import io.barnabas.coordination.control.ClusterChange;
import io.barnabas.coordination.control.ClusterState;
import io.barnabas.coordination.control.ConfigEntity;
import io.barnabas.coordination.control.FeatureLevels;
import io.barnabas.coordination.control.PartitionInfo;
import io.barnabas.coordination.control.TopicInfo;
import io.barnabas.model.BrokerId;
import io.barnabas.model.LeaderAndIsr;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Random;
import java.util.Set;
import java.util.TreeMap;
import java.util.UUID;
import org.junit.jupiter.api.DisplayName;
import org.junit.jupiter.api.Test;

/** Random histories of a cluster, told change by change and merged: the picture at the end is the same. */
class MergedChangesPropertiesTest {
    private static final int HISTORIES = 2_000;
    private static final int CHANGES = 30;
    private static final BrokerId CONTROLLER = new BrokerId(9);

    @Test
    @DisplayName("whatever changes were merged on the way, the receiver ends with the same picture (CTRL-18)")
    void mergedLeadsWhereTheSingleOnesLead() {
        for (int seed = 0; seed < HISTORIES; seed++) {
            History history = new History(new Random(seed));
            ClusterView start = ClusterPainter.paint(
                    new ClusterState(1, CONTROLLER, 0, List.of(broker(9, 1)), List.of(), Map.of(), FeatureLevels.NONE));
            ClusterView oneByOne = start;
            List<ClusterChange> merged = new ArrayList<>();
            for (int i = 0; i < CHANGES; i++) {
                ClusterChange change = history.next();
                oneByOne = ClusterPainter.paint(oneByOne, change);
                ClusterChange last = merged.isEmpty() ? null : merged.get(merged.size() - 1);
                if (last != null && MergedChanges.areMergeable(last, change) && history.random.nextInt(4) > 0) {
                    merged.set(merged.size() - 1, MergedChanges.merge(last, change));
                } else {
                    merged.add(change);
                }
            }

            ClusterView atOnce = start;
            for (ClusterChange change : merged) {
                assertThat(change.follows()).as("seed %d", seed).isEqualTo(atOnce.sequence());
                atOnce = ClusterPainter.paint(atOnce, change);
            }

            assertThat(atOnce.sequence()).as("seed %d", seed).isEqualTo(oneByOne.sequence());
            assertThat(List.copyOf(atOnce.brokers())).as("seed %d", seed).isEqualTo(List.copyOf(oneByOne.brokers()));
            assertThat(List.copyOf(atOnce.topics())).as("seed %d", seed).isEqualTo(List.copyOf(oneByOne.topics()));
            assertThat(atOnce.configs()).as("seed %d", seed).isEqualTo(oneByOne.configs());
            assertThat(atOnce.features()).as("seed %d", seed).isEqualTo(oneByOne.features());
        }
    }

    @Test
    @DisplayName("a partition that nobody has heard of yet stays new when its first state is overtaken")
    void newStaysNew() {
        UUID id = new UUID(1, 1);
        ClusterChange created = change(1, List.of(topic("orders", id, partition(0, 0, true))), Set.of(), Map.of());
        ClusterChange moved = change(2, List.of(topic("orders", id, partition(0, 1, false))), Set.of(), Map.of());

        ClusterChange merged = MergedChanges.merge(created, moved);

        PartitionInfo told = merged.topics().get(0).partitions().get(0);
        assertThat(told.isNew()).isTrue();
        assertThat(told.leaderAndIsr().leaderEpoch()).isEqualTo(1);
    }

    private static BrokerInfo broker(int id, long epoch) {
        return new BrokerInfo(new BrokerId(id), epoch, List.of(), null);
    }

    private static TopicInfo topic(String name, UUID id, PartitionInfo... partitions) {
        return new TopicInfo(name, id, List.of(partitions));
    }

    private static PartitionInfo partition(int number, int leaderEpoch, boolean isNew) {
        LeaderAndIsr state = new LeaderAndIsr(CONTROLLER, leaderEpoch, List.of(CONTROLLER), leaderEpoch);
        return new PartitionInfo(number, List.of(CONTROLLER), List.of(), List.of(), state, isNew);
    }

    private static ClusterChange change(
            long sequence, List<TopicInfo> topics, Set<UUID> deleted, Map<ConfigEntity, Map<String, String>> configs) {
        return new ClusterChange(
                1, CONTROLLER, sequence, sequence - 1, List.of(), Set.of(), topics, deleted, configs, null);
    }

    /** A cluster in which things happen. */
    private static final class History {
        private final Random random;
        private final Map<String, UUID> topics = new TreeMap<>();
        private final Map<Integer, Long> brokers = new TreeMap<>();
        private long sequence;
        private int epoch;

        History(Random random) {
            this.random = random;
        }

        ClusterChange next() {
            sequence++;
            List<BrokerInfo> come = new ArrayList<>();
            Set<BrokerId> gone = new HashSet<>();
            Map<String, TopicInfo> told = new TreeMap<>();
            Set<UUID> deleted = new HashSet<>();
            Map<ConfigEntity, Map<String, String>> configs = new HashMap<>();
            int happenings = 1 + random.nextInt(3);
            for (int i = 0; i < happenings; i++) {
                String name = "topic-" + random.nextInt(4);
                int broker = random.nextInt(4);
                switch (random.nextInt(5)) {
                    case 0 -> {
                        if (!brokers.containsKey(broker)) {
                            brokers.put(broker, (long) ++epoch);
                            come.add(broker(broker, epoch));
                        } else if (come.stream().noneMatch(one -> one.id().value() == broker)) {
                            brokers.remove(broker);
                            gone.add(new BrokerId(broker));
                        }
                    }
                    case 1 -> {
                        UUID id = topics.get(name);
                        if (id != null && !told.containsKey(name) && !configs.containsKey(ConfigEntity.topic(name))) {
                            topics.remove(name);
                            deleted.add(id);
                        }
                    }
                    case 2 -> {
                        if (topics.containsKey(name)) {
                            configs.put(
                                    ConfigEntity.topic(name),
                                    random.nextBoolean() ? Map.of() : Map.of("retention.ms", "" + random.nextInt(9)));
                        }
                    }
                    default -> {
                        boolean isNew = !topics.containsKey(name);
                        UUID id = topics.computeIfAbsent(name, any -> new UUID(random.nextLong(), random.nextLong()));
                        told.put(name, topic(name, id, partition(random.nextInt(3), ++epoch, isNew)));
                    }
                }
            }
            return new ClusterChange(
                    1,
                    CONTROLLER,
                    sequence,
                    sequence - 1,
                    come,
                    gone,
                    List.copyOf(told.values()),
                    deleted,
                    configs,
                    random.nextInt(8) > 0
                            ? null
                            : new FeatureLevels(Map.of(FeatureLevels.GROUP_VERSION, (short) 1), ++epoch));
        }
    }
}
