package io.barnabas.system.tests.faults;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import java.time.Duration;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Tag;

/** Brokers that stand still and then go on as if nothing had been: SIGSTOP, SIGCONT, and too little processor. */
class PausedBrokersTest extends Faults {
    @Scenario(value = "FAULT-06", what = "SIGSTOP the leader until another leads, SIGCONT: the zombie")
    void zombieLeader() throws Exception {
        try (LiveCluster cluster = LiveCluster.in(directory)
                        .with("zookeeper.session.timeout.ms", "4000")
                        .start();
                Load load = Load.on(cluster)) {
            ClusterNode leader = leaderBesidesController(cluster);
            int partition = firstPartitionLedBy(cluster, leader);
            leader.pause();
            awaitLeaderOtherThan(cluster, partition, leader);
            leader.resume();
            load.awaitProgress();
            load.finish();
        }
    }

    @Scenario(value = "FAULT-06", what = "SIGSTOP the leader for 5 s, shorter than its session: nobody acts")
    @Tag("faults")
    void shortPause() throws Exception {
        pauseLeader(seconds(5), false);
    }

    @Scenario(value = "FAULT-06", what = "SIGSTOP the leader for 30 s")
    @Tag("faults")
    void longPause() throws Exception {
        pauseLeader(seconds(30), true);
    }

    @Scenario(value = "FAULT-06", what = "SIGSTOP the leader for 120 s")
    @Tag("faults")
    void veryLongPause() throws Exception {
        pauseLeader(seconds(120), true);
    }

    private void pauseLeader(Duration time, boolean leadershipMoves) throws Exception {
        try (LiveCluster cluster = LiveCluster.in(directory).start();
                Load load = Load.on(cluster).committers(4).members(2, Map.of())) {
            ClusterNode leader = leaderBesidesController(cluster);
            int partition = firstPartitionLedBy(cluster, leader);
            int epoch = cluster.states().partition(TOPIC, partition).leaderEpoch();
            leader.pause();
            load.keepOn(time);
            leader.resume();
            load.awaitProgress().awaitCommits();
            int after = cluster.states().partition(TOPIC, partition).leaderEpoch();
            if (leadershipMoves) {
                assertThat(after).isGreaterThan(epoch);
            } else {
                assertThat(after).as("a pause is no signal (FFD-01)").isEqualTo(epoch);
            }
            load.finish();
        }
    }

    @Scenario(value = "FAULT-07", what = "SIGSTOP the controller past its session, SIGCONT: no command of it is obeyed")
    @Tag("faults")
    void zombieController() throws Exception {
        try (LiveCluster cluster = LiveCluster.in(directory)
                        .with("zookeeper.session.timeout.ms", "6000")
                        .start();
                Load load = Load.on(cluster)) {
            ClusterNode zombie = cluster.controller();
            int epoch = cluster.states().controllerEpoch();
            zombie.pause();
            await("another controller")
                    .atMost(LiveCluster.RECOVERY)
                    .ignoreExceptions()
                    .until(() -> cluster.states().controller() != zombie.id());
            cluster.ensemble().awaitServing();
            cluster.createTopic("meanwhile", 6, 2, Map.of());
            zombie.resume();
            load.awaitProgress();
            cluster.awaitWhole();
            cluster.createTopic("afterwards", 6, 3, Map.of());
            load.keepOn(seconds(5));
            assertThat(cluster.states().controllerEpoch()).isEqualTo(epoch + 1);
            load.finish();
        }
    }

    @Scenario(
            value = "FAULT-38",
            what = "10 s with a twentieth of the processor on a leader, a follower, the controller")
    @Tag("faults")
    void starvation() throws Exception {
        try (LiveCluster cluster = LiveCluster.in(directory).start();
                Load load = Load.on(cluster).committers(2)) {
            ClusterNode controller = cluster.controller();
            ClusterNode leader = leaderBesidesController(cluster);
            for (ClusterNode starved : List.of(leader, cluster.other(leader, controller), controller)) {
                for (int round = 0; round < 20; round++) {
                    starved.pause();
                    pass(millis(475));
                    starved.resume();
                    pass(millis(25));
                }
                load.awaitProgress().awaitCommits();
            }
            load.finish();
        }
    }

    @Scenario(
            value = "FAULT-38",
            what = "10 s standstill of a follower and of the controller, as of a long garbage collection")
    @Tag("faults")
    void standstill() throws Exception {
        try (LiveCluster cluster = LiveCluster.in(directory).start();
                Load load = Load.on(cluster).committers(2)) {
            ClusterNode controller = cluster.controller();
            int epoch = cluster.states().controllerEpoch();
            for (ClusterNode still : List.of(cluster.other(controller), controller)) {
                still.pause();
                load.keepOn(seconds(10));
                still.resume();
                load.awaitProgress().awaitCommits();
            }
            assertThat(cluster.states().controllerEpoch())
                    .as("shorter than the session")
                    .isEqualTo(epoch);
            load.finish();
        }
    }
}
