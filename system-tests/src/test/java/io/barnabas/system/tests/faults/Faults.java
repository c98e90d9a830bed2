package io.barnabas.system.tests.faults;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import java.nio.file.Path;
import java.time.Duration;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.io.TempDir;

/** What all scenarios share. */
abstract class Faults {
    static final String TOPIC = Load.TOPIC;

    @TempDir
    Path directory;

    static void pass(Duration time) {
        await("time passes")
                .atMost(time.plusSeconds(60))
                .pollDelay(time)
                .pollInterval(10, TimeUnit.MILLISECONDS)
                .until(() -> true);
    }

    static Duration seconds(int seconds) {
        return Duration.ofSeconds(seconds);
    }

    static Duration millis(int millis) {
        return Duration.ofMillis(millis);
    }

    /** A broker that leads a partition of the load, and is not the controller. */
    static ClusterNode leaderBesidesController(LiveCluster cluster) throws Exception {
        ClusterNode controller = cluster.controller();
        for (int partition = 0; partition < Load.PARTITIONS; partition++) {
            ClusterNode leader = cluster.leader(TOPIC, partition);
            if (leader != controller) {
                return leader;
            }
        }
        throw new AssertionError("the controller leads everything");
    }

    static int firstPartitionLedBy(LiveCluster cluster, ClusterNode node) throws Exception {
        for (int partition = 0; partition < Load.PARTITIONS; partition++) {
            if (cluster.leader(TOPIC, partition) == node) {
                return partition;
            }
        }
        throw new AssertionError("broker " + node.id() + " leads nothing");
    }

    static void awaitLeaderOtherThan(LiveCluster cluster, int partition, ClusterNode node) {
        cluster.awaitPartition(
                TOPIC,
                partition,
                state -> assertThat(state.leader()).isNotEqualTo(node.id()).isNotEqualTo(-1));
    }

    static void awaitInSync(LiveCluster cluster, int partition, Integer... brokers) {
        cluster.awaitPartition(
                TOPIC, partition, state -> assertThat(state.inSync()).containsExactlyInAnyOrder(brokers));
    }
}
