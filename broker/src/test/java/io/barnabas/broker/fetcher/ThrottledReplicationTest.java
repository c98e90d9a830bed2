package io.barnabas.broker.fetcher;

import static org.assertj.core.api.Assertions.assertThat;

import io.barnabas.broker.config.ReplicationConfig;
import io.barnabas.broker.config.ThrottleConfig;
import io.barnabas.broker.metadata.DynamicConfigs;
import io.barnabas.broker.replica.Partition;
import io.barnabas.log.LogSlice;
import io.barnabas.model.BrokerId;
import io.barnabas.model.Refusal;
import io.barnabas.model.TopicPartition;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Random;
import org.junit.jupiter.api.DisplayName;
import org.junit.jupiter.api.Test;

/** A replica that has fallen behind is copied no faster than it may; broker 2 copies partitions 0 and 2 from broker 1. */
class ThrottledReplicationTest {
    private static final TopicPartition MOVING = new TopicPartition(ReplicaCluster.TOPIC, 0);
    private static final int RATE = 2_000;
    private static final int PORTION = 1_000;
    private static final int MILLIS = 3_000;

    private ReplicaCluster behind() {
        ReplicaCluster cluster = new ReplicaCluster(new Random(1), 2, 4, Map.of("file.delete.delay.ms", "0"));
        cluster.replication =
                new ReplicationConfig(1, 500, 1, 10 << 20, PORTION, 200, false, ThrottleConfig.NONE, false);
        cluster.pass(20);
        cluster.kill(2, false);
        cluster.pass(20);
        for (int i = 0; i < 100; i++) {
            cluster.produce(cluster.partition(1, 0), 20, null);
        }
        assertThat(bytes(cluster, 1)).isGreaterThan(RATE * 15);
        cluster.restart(2);
        return cluster;
    }

    private static DynamicConfigs slow(int rate, String list) {
        return new DynamicConfigs(
                Map.of(
                        ReplicaCluster.TOPIC,
                        Map.of(
                                "leader.replication.throttled.replicas",
                                list,
                                "follower.replication.throttled.replicas",
                                list)),
                Map.of(ThrottleConfig.LEADER_RATE, "" + rate, ThrottleConfig.FOLLOWER_RATE, "" + rate),
                Map.of(),
                Map.of());
    }

    /** Of the moving partition's log. */
    private static int bytes(ReplicaCluster cluster, int broker) {
        Partition partition = cluster.partition(broker, 0);
        long end = partition.log().logEndOffset();
        if (end == 0) {
            return 0;
        }
        LogSlice slice = partition.log().read(0, Integer.MAX_VALUE, end, true);
        slice.release();
        return slice.sizeInBytes();
    }

    private static boolean isMember(ReplicaCluster cluster, TopicPartition partition) {
        return cluster.stored.get(partition).inSyncReplicas().contains(new BrokerId(2));
    }

    /** One side is throttled by then: it copies, slowly, while the other partition keeps its pace. */
    private static void copiesSlowly(ReplicaCluster cluster) {
        TopicPartition other = new TopicPartition(ReplicaCluster.TOPIC, 2);
        cluster.pass(100);
        assertThat(isMember(cluster, other)).isTrue();
        for (int i = 0; i < MILLIS / 100; i++) {
            List<Refusal> decided = new ArrayList<>();
            cluster.produce(cluster.partition(1, 2), 1, decided::add);
            cluster.settle();
            assertThat(decided).as("round %d", i).hasSize(1).containsOnlyNulls();
            cluster.pass(100);
        }

        assertThat(isMember(cluster, MOVING)).isFalse();
        // a portion too many goes by before the rate is above the bound; the first window counts in full
        assertThat(bytes(cluster, 2)).isBetween(RATE * MILLIS / 1_000 / 2, RATE * (MILLIS + 1_100) / 1_000 + PORTION);
    }

    private static void isLifted(ReplicaCluster cluster) {
        int portions = bytes(cluster, 1) / PORTION;
        // a leader looks again at what it holds back when the fetch has waited long enough
        cluster.pass(portions + ReplicaNode.CONFIG.waitMaxMs() + 100);

        assertThat(cluster.partition(2, 0).log().logEndOffset())
                .isEqualTo(cluster.partition(1, 0).log().logEndOffset());
        assertThat(isMember(cluster, MOVING)).isTrue();
    }

    @Test
    @DisplayName(
            "a follower asks for what it lags behind with no faster than it may, and for others as ever; lifted, it goes on at once (REPL-31)")
    void followersSide() {
        ReplicaCluster cluster = behind();
        cluster.node(2).followerThrottle.configure(slow(RATE, "0:2"));

        copiesSlowly(cluster);

        cluster.node(2).followerThrottle.configure(DynamicConfigs.NONE);
        isLifted(cluster);
    }

    @Test
    @DisplayName(
            "a leader sends what a follower lags behind with no faster than it may, and others as ever; lifted, it goes on (REPL-31)")
    void leadersSide() {
        ReplicaCluster cluster = behind();
        cluster.node(1).leaderThrottle.configure(slow(RATE, "0:1"));

        copiesSlowly(cluster);

        cluster.node(1).leaderThrottle.configure(DynamicConfigs.NONE);
        isLifted(cluster);
    }

    @Test
    @DisplayName("both sides together are as slow as the slower one, and finish by themselves (REPL-31)")
    void bothSides() {
        ReplicaCluster cluster = behind();
        cluster.node(1).leaderThrottle.configure(slow(2 * RATE, "*"));
        cluster.node(2).followerThrottle.configure(slow(RATE, "*"));

        copiesSlowly(cluster);

        cluster.pass(1_000L * bytes(cluster, 1) / RATE + 2_000);
        assertThat(isMember(cluster, MOVING)).isTrue();
    }

    @Test
    @DisplayName("replicas in sync are not slowed by any side, however slow the throttle (REPL-31)")
    void inSync() {
        ReplicaCluster cluster = new ReplicaCluster(new Random(1), 2, 4, Map.of());
        cluster.pass(20);
        cluster.produce(cluster.partition(1, 0), 20, null);
        cluster.settle();
        cluster.node(1).leaderThrottle.configure(slow(1, "*"));
        cluster.node(2).followerThrottle.configure(slow(1, "*"));

        for (int i = 0; i < 50; i++) {
            List<Refusal> decided = new ArrayList<>();
            cluster.produce(cluster.partition(1, 0), 20, decided::add);
            cluster.pass(5);
            assertThat(decided).as("round %d", i).hasSize(1).containsOnlyNulls();
        }
    }

    @Test
    @DisplayName("while the throttle holds everything back nobody asks the leader in vain (REPL-31)")
    void waitsWithoutAsking() {
        ReplicaCluster cluster = behind();
        cluster.node(2).followerThrottle.configure(slow(10, "*"));
        cluster.pass(1_000);
        int before = cluster.node(1).fetchesServed;

        cluster.pass(5_000);

        assertThat(cluster.node(1).fetchesServed - before).isLessThan(15);
    }
}
