package io.barnabas.broker.group;

import static org.assertj.core.api.Assertions.assertThat;

import io.barnabas.broker.config.InternalTopics;
import io.barnabas.broker.metadata.ClusterView;
import io.barnabas.broker.metadata.Clusters;
import io.barnabas.broker.metadata.CurrentCluster;
import io.barnabas.broker.metadata.DynamicConfigs;
import io.barnabas.consumer.coordinator.GroupCoordinator;
import io.barnabas.consumer.coordinator.GroupSetting;
import io.barnabas.coordination.control.FeatureLevels;
import io.barnabas.model.BrokerId;
import io.barnabas.model.LeaderAndIsr;
import io.barnabas.model.Refusal;
import io.barnabas.runtime.loop.ManualLoop;
import io.barnabas.runtime.time.ManualClock;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Random;
import java.util.TreeMap;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionStage;
import org.junit.jupiter.api.DisplayName;
import org.junit.jupiter.api.Test;

@DisplayName("switching the consumer protocol off for the whole cluster")
class ConsumerProtocolDowngradeTest {
    private static final String FEATURE = "group.version";
    private static final short OFF = 0;
    private static final BrokerId SELF = new BrokerId(1);
    private static final Refusal NO = new Refusal(Refusal.Reason.NON_EMPTY_GROUP, "Group busy has members.");

    private final ManualClock clock = new ManualClock();
    private final ManualLoop loop = new ManualLoop(clock);
    private final CurrentCluster cluster = new CurrentCluster();
    private final ConsumerProtocolGate gate = new ConsumerProtocolGate(cluster, true);
    private final GroupCoordinator coordinator =
            new GroupCoordinator(GroupSetting.DEFAULT, () -> 4, List.of(loop), Runnable::run, clock, new Random(1));
    private final LocalDowngrade here = new LocalDowngrade(gate, coordinator, loop);
    private final Others others = new Others();
    private final ConsumerProtocolDowngrade downgrade = new ConsumerProtocolDowngrade(SELF, here, others, cluster);

    private static final class Others implements ConsumerProtocolDowngrade.Brokers {
        private final List<String> asked = new ArrayList<>();
        private final Map<BrokerId, Refusal> refusals = new HashMap<>();

        @Override
        public CompletionStage<Refusal> prepare(BrokerId broker, List<Integer> partitions) {
            asked.add(broker + " " + partitions);
            return CompletableFuture.completedFuture(partitions.isEmpty() ? null : refusals.get(broker));
        }

        @Override
        public void end(BrokerId broker, boolean stored) {
            asked.add(broker + " end " + stored);
        }
    }

    @Test
    @DisplayName(
            "all gates are closed before any coordinator takes anything back, each what it leads; then all are opened")
    void all() {
        know(2, 3, 2, 3);

        assertThat(prepare()).isNull();
        assertThat(gate.mayJoin()).isFalse();
        assertThat(others.asked.subList(0, 2)).containsExactlyInAnyOrder("2 []", "3 []");
        assertThat(others.asked.subList(2, 4)).containsExactlyInAnyOrder("2 [0, 2]", "3 [1, 3]");

        others.asked.clear();
        downgrade.end(FEATURE, OFF, true);
        assertThat(others.asked).containsExactlyInAnyOrder("2 end true", "3 end true");
    }

    @Test
    @DisplayName("one coordinator that cannot is enough for a no; so is one that is this broker")
    void refused() {
        know(2, 3, 2, 3);
        others.refusals.put(new BrokerId(3), NO);
        assertThat(prepare()).isEqualTo(NO);

        know(1, 2, 2, 2);
        others.refusals.clear();
        assertThat(prepare().message()).contains("__consumer_offsets-0").contains("not coordinated by this broker");
    }

    @Test
    @DisplayName("groups that nobody coordinates cannot be taken back")
    void leaderless() {
        know(-1, 2, 2, 2);

        assertThat(prepare().reason()).isEqualTo(Refusal.Reason.COORDINATOR_NOT_AVAILABLE);
    }

    @Test
    @DisplayName("another level of another feature concerns nobody")
    void otherFeatures() {
        know(2, 2, 2, 2);

        assertThat(downgrade.prepare("other", OFF).toCompletableFuture()).isCompletedWithValue(null);
        downgrade.end("other", OFF, true);

        assertThat(others.asked).isEmpty();
        assertThat(gate.mayJoin()).isTrue();
    }

    @Test
    @DisplayName("a gate that another broker had closed opens at its word, or by itself when it is not heard of again")
    void held() {
        know(2, 2, 2, 2);
        here.prepare(FEATURE, OFF, List.of(), 1_000);
        here.prepare(FEATURE, OFF, List.of(), 1_000);
        assertThat(gate.mayJoin()).isFalse();
        here.end(FEATURE, OFF, false);
        assertThat(gate.mayJoin()).isTrue();
        here.end(FEATURE, OFF, false);

        here.prepare(FEATURE, OFF, List.of(), 1_000);
        loop.advanceMillis(999);
        assertThat(gate.mayJoin()).isFalse();
        loop.advanceMillis(1);
        assertThat(gate.mayJoin()).isTrue();
    }

    private Refusal prepare() {
        CompletableFuture<Refusal> prepared = downgrade.prepare(FEATURE, OFF).toCompletableFuture();
        loop.runAll();
        assertThat(prepared).isDone();
        return prepared.join();
    }

    /** Leaders of the partitions of {@code __consumer_offsets}, -1 for none. */
    private void know(int... leaders) {
        List<ClusterView.Partition> partitions = new ArrayList<>();
        for (int number = 0; number < leaders.length; number++) {
            List<BrokerId> replicas = List.of(new BrokerId(Math.max(1, leaders[number])));
            BrokerId leader = leaders[number] < 0 ? BrokerId.NONE : replicas.get(0);
            partitions.add(new ClusterView.Partition(
                    number, replicas, List.of(), List.of(), new LeaderAndIsr(leader, 1, replicas, 1)));
        }
        ClusterView.Topic offsets =
                new ClusterView.Topic(InternalTopics.OFFSETS, Clusters.idOf(InternalTopics.OFFSETS), partitions);
        Map<String, ClusterView.Topic> topics = new TreeMap<>(Map.of(InternalTopics.OFFSETS, offsets));
        Map<BrokerId, ClusterView.Broker> brokers = new TreeMap<>();
        for (int id = 1; id <= 3; id++) {
            brokers.put(new BrokerId(id), new ClusterView.Broker(new BrokerId(id), id, List.of(), null));
        }
        cluster.replace(ClusterView.of(
                SELF, 5, 1, brokers, topics, DynamicConfigs.NONE, new FeatureLevels(Map.of(FEATURE, (short) 1), 1)));
    }
}
