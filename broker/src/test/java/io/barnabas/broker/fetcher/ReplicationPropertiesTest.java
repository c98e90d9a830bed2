package io.barnabas.broker.fetcher;

import static org.assertj.core.api.Assertions.assertThat;

import io.barnabas.broker.replica.Partition;
import io.barnabas.model.BrokerId;
import io.barnabas.model.TopicPartition;
import io.barnabas.runtime.loop.SeededRandom;
import java.util.List;
import java.util.Map;
import java.util.Random;
import org.junit.jupiter.api.DisplayName;
import org.junit.jupiter.api.Test;

/** Three replicas of two partitions among random appends, elections, deaths, power losses, broken connections and late commands. */
class ReplicationPropertiesTest {
    @Test
    @DisplayName(
            "logs are equal in the end, and nothing that was acknowledged is lost (REPL-12, REPL-16, REPL-33, KIP-101, KIP-279)")
    void equalAndComplete() {
        SeededRandom random = SeededRandom.fresh();
        for (int round = 0; round < 60; round++) {
            long seed = random.nextLong();
            try {
                live(new Random(seed));
            } catch (AssertionError | RuntimeException failed) {
                throw new AssertionError(random + ", round " + round + ", round's seed " + seed, failed);
            }
        }
    }

    static void live(Random random) {
        ReplicaCluster cluster = new ReplicaCluster(
                random,
                3,
                2,
                Map.of(
                        "min.insync.replicas",
                        String.valueOf(1 + random.nextInt(2)),
                        "segment.bytes",
                        "700",
                        "flush.messages",
                        random.nextInt(3) == 0 ? "1" : "9223372036854775807",
                        "file.delete.delay.ms",
                        "0"));
        cluster.maxDelayMillis = 1 + random.nextInt(12);
        for (int step = 0; step < 150; step++) {
            TopicPartition partition = new TopicPartition(ReplicaCluster.TOPIC, random.nextInt(2));
            int broker = 1 + random.nextInt(3);
            boolean alive = cluster.node(broker).alive;
            int dice = random.nextInt(100);
            if (dice < 60) {
                cluster.produceToAnyLeader(partition, 1 + random.nextInt(3));
            } else if (dice < 70) {
                cluster.elect(partition);
            } else if (dice < 76) {
                cluster.network.cut(new BrokerId(broker), new BrokerId(1 + random.nextInt(3)));
            } else if (dice < 80 && alive) {
                // without its unsynced bytes it may not be the only one left that has them
                boolean alone = cluster.stored.values().stream()
                        .anyMatch(state -> state.inSyncReplicas().equals(List.of(cluster.node(broker).id)));
                cluster.kill(broker, !alone && random.nextBoolean());
            } else if (dice < 92 && !alive) {
                cluster.restart(broker);
            } else if (dice < 96) {
                cluster.tick();
            }
            cluster.pass(random.nextInt(30));
            check(cluster);
        }
        for (int id = 1; id <= 3; id++) {
            if (!cluster.node(id).alive) {
                cluster.restart(id);
            }
        }
        cluster.maxDelayMillis = 1;
        for (TopicPartition partition : cluster.stored.keySet()) {
            cluster.elect(partition);
        }
        for (int i = 0; i < 4; i++) {
            cluster.pass(1_200);
            cluster.tick();
        }
        for (TopicPartition partition : cluster.stored.keySet()) {
            cluster.produceToAnyLeader(partition, 1);
        }
        cluster.pass(1_200);
        verify(cluster);
    }

    /** What has to be at any time: what is below a replica's high watermark is what was acknowledged there. */
    private static void check(ReplicaCluster cluster) {
        for (ReplicaNode node : cluster.nodes.values()) {
            if (node.alive) {
                for (TopicPartition id : cluster.stored.keySet()) {
                    Partition partition = node.table.find(id);
                    assertThat(partition.asFollower().losses())
                            .as("committed records dropped by %s", node.id)
                            .isZero();
                }
            }
        }
    }

    private static void verify(ReplicaCluster cluster) {
        for (TopicPartition id : cluster.stored.keySet()) {
            List<String> first = ReplicaCluster.contents(cluster.partition(1, id.partition()));
            for (int broker = 2; broker <= 3; broker++) {
                assertThat(ReplicaCluster.contents(cluster.partition(broker, id.partition())))
                        .as("%s on broker %d, led by %s", id, broker, cluster.stored.get(id))
                        .isEqualTo(first);
            }
            assertThat(cluster.stored.get(id).inSyncReplicas()).hasSize(3);
            cluster.acknowledged
                    .get(id)
                    .forEach((offset, text) -> assertThat(ReplicaCluster.textAt(first, offset))
                            .as("acknowledged at %s of %s", offset, id)
                            .isEqualTo(text));
            assertThat(cluster.acknowledged.get(id)).isNotEmpty();
            assertThat(cluster.partition(1, id.partition()).view().highWatermark())
                    .as("everything is committed in the end")
                    .isEqualTo(cluster.partition(1, id.partition()).log().logEndOffset());
        }
    }
}
