package io.barnabas.system.tests.faults;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.awaitility.Awaitility.await;

import io.barnabas.system.tests.Clients;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.concurrent.TimeUnit;
import org.apache.kafka.clients.admin.Admin;
import org.apache.kafka.clients.admin.NewPartitionReassignment;
import org.apache.kafka.clients.admin.NewTopic;
import org.apache.kafka.clients.producer.KafkaProducer;
import org.apache.kafka.clients.producer.ProducerRecord;
import org.apache.kafka.common.TopicPartition;
import org.apache.kafka.common.errors.NotEnoughReplicasException;
import org.junit.jupiter.api.Tag;

/** Brokers die with kill -9, alone and together, and come back. */
class KilledBrokersTest extends Faults {
    @Scenario(value = "FAULT-01", what = "kill −9 the leader; it comes back")
    void leader() throws Exception {
        try (LiveCluster cluster = LiveCluster.in(directory).start();
                Load load = Load.on(cluster)) {
            ClusterNode leader = leaderBesidesController(cluster);
            int partition = firstPartitionLedBy(cluster, leader);
            int epoch = cluster.states().partition(TOPIC, partition).leaderEpoch();
            load.recordGaps().forget();
            leader.kill();
            load.awaitProgress();
            load.recordsWithin(seconds(1));
            assertThat(cluster.states().partition(TOPIC, partition).leaderEpoch())
                    .isGreaterThan(epoch);
            leader.start();
            load.finish();
        }
    }

    @Scenario(value = "FAULT-02", what = "kill −9 a follower, return after it left the ISR")
    @Tag("faults")
    void follower() throws Exception {
        try (LiveCluster cluster = LiveCluster.in(directory)
                        .with("replica.lag.time.max.ms", "5000")
                        .start();
                Load load = Load.on(cluster)) {
            ClusterNode leader = cluster.leader(TOPIC, 0);
            ClusterNode follower = cluster.other(leader, cluster.controller());
            List<Integer> rest = new ArrayList<>(List.of(1, 2, 3));
            rest.remove((Integer) follower.id());
            load.recordGaps().forget();
            follower.kill();
            awaitInSync(cluster, 0, rest.toArray(Integer[]::new));
            load.awaitProgress().keepOn(seconds(6));
            follower.start();
            load.finish();
        }
    }

    @Scenario(
            value = "FAULT-03",
            what = "kill −9 the controller, which leads too, amid a creation, a deletion and a reassignment")
    void controller() throws Exception {
        try (LiveCluster cluster = LiveCluster.in(directory).start();
                Load load = Load.on(cluster);
                Admin admin = cluster.admin()) {
            cluster.createTopic("doomed", 3, 3, Map.of());
            cluster.createTopic("moved", 1, 1, Map.of());
            ClusterNode controller = cluster.controller();
            int controllerEpoch = cluster.states().controllerEpoch();
            TopicPartition moved = new TopicPartition("moved", 0);
            load.recordGaps().forget();
            var creation = admin.createTopics(List.of(new NewTopic("unfinished", 12, (short) 3)));
            var deletion = admin.deleteTopics(Set.of("doomed"));
            var reassignment = admin.alterPartitionReassignments(
                    Map.of(moved, Optional.of(new NewPartitionReassignment(List.of(1, 2, 3)))));
            controller.kill();
            load.awaitProgress();
            load.recordsWithin(seconds(1));
            assertThat(cluster.states().controllerEpoch()).isGreaterThan(controllerEpoch);
            controller.start();
            for (var future : List.of(creation.all(), deletion.all(), reassignment.all())) {
                // whatever each of them was told
                future.toCompletionStage()
                        .toCompletableFuture()
                        .handle((done, failed) -> true)
                        .get(90, TimeUnit.SECONDS);
            }
            await("what was begun is finished, or can be done again")
                    .atMost(LiveCluster.RECOVERY)
                    .ignoreExceptions()
                    .untilAsserted(() -> finishBegun(admin, moved));
            load.finish();
        }
    }

    private static void finishBegun(Admin admin, TopicPartition moved) throws Exception {
        Set<String> names = admin.listTopics().names().get(20, TimeUnit.SECONDS);
        if (!names.contains("unfinished")) {
            admin.createTopics(List.of(new NewTopic("unfinished", 12, (short) 3)))
                    .all()
                    .get(20, TimeUnit.SECONDS);
        }
        if (names.contains("doomed")) {
            admin.deleteTopics(Set.of("doomed")).all().get(20, TimeUnit.SECONDS);
        }
        var topics = admin.describeTopics(Set.of("unfinished", "moved"))
                .allTopicNames()
                .get(20, TimeUnit.SECONDS);
        assertThat(topics.get("unfinished").partitions()).hasSize(12);
        if (topics.get("moved").partitions().get(0).replicas().size() == 1) {
            admin.alterPartitionReassignments(
                            Map.of(moved, Optional.of(new NewPartitionReassignment(List.of(1, 2, 3)))))
                    .all()
                    .get(20, TimeUnit.SECONDS);
        }
        assertThat(admin.listPartitionReassignments().reassignments().get(20, TimeUnit.SECONDS))
                .isEmpty();
        assertThat(topics.get("moved").partitions().get(0).isr()).hasSize(3);
        assertThat(admin.listTopics().names().get(20, TimeUnit.SECONDS)).doesNotContain("doomed");
    }

    @Scenario(value = "FAULT-04", what = "kill −9 the coordinator of groups amid a storm of commits")
    void coordinator() throws Exception {
        try (LiveCluster cluster = LiveCluster.in(directory).start();
                Load load = Load.on(cluster).committers(4).members(2, Map.of());
                Admin admin = cluster.admin()) {
            int coordinator = admin.describeConsumerGroups(Set.of("committer-0"))
                    .all()
                    .get(30, TimeUnit.SECONDS)
                    .get("committer-0")
                    .coordinator()
                    .id();
            Map<TopicPartition, String> owners = load.groupHistory().owners();
            load.commitGaps().forget();
            cluster.node(coordinator).kill();
            load.awaitCommits();
            load.commitsWithin(seconds(1));
            load.awaitProgress();
            assertThat(load.groupHistory().owners()).as("no needless rebalance").isEqualTo(owners);
            cluster.node(coordinator).start();
            load.finish();
        }
    }

    @Scenario(value = "FAULT-25", what = "kill −9 all brokers at once, restart; then all with ZooKeeper")
    @Tag("faults")
    void everybody() throws Exception {
        try (LiveCluster cluster = LiveCluster.in(directory).zooKeepers(3).start();
                Load load = Load.on(cluster).committers(2)) {
            for (boolean withZooKeeper : new boolean[] {false, true}) {
                for (ClusterNode node : cluster.nodes()) {
                    node.kill();
                }
                if (withZooKeeper) {
                    for (int server : cluster.ensemble().ids()) {
                        cluster.ensemble().kill(server);
                    }
                    for (int server : cluster.ensemble().ids()) {
                        cluster.ensemble().start(server);
                    }
                    cluster.ensemble().awaitServing();
                }
                for (ClusterNode node : cluster.nodes()) {
                    node.launch();
                }
                for (ClusterNode node : cluster.nodes()) {
                    node.awaitServing();
                }
                load.awaitProgress().awaitCommits();
            }
            load.finish();
        }
    }

    @Scenario(value = "FAULT-26", what = "restart one broker after the other under load")
    void rollingRestart() throws Exception {
        roll(1);
    }

    @Scenario(value = "FAULT-26", what = "restart one broker after the other under load, three times over")
    @Tag("faults")
    void rollingRestarts() throws Exception {
        roll(3);
    }

    private void roll(int rounds) throws Exception {
        try (LiveCluster cluster = LiveCluster.in(directory).start();
                Load load = Load.on(cluster).committers(2)) {
            for (int round = 0; round < rounds; round++) {
                for (ClusterNode node : cluster.nodes()) {
                    load.recordGaps().forget();
                    load.commitGaps().forget();
                    node.terminate();
                    node.start();
                    cluster.awaitWhole();
                    load.awaitProgress().awaitCommits();
                    load.recordsWithin(seconds(1));
                    load.commitsWithin(seconds(1));
                }
            }
            load.finish();
        }
    }

    @Scenario(
            value = "FAULT-34",
            what = "two of three replicas die: NOT_ENOUGH_REPLICAS, nothing new is readable, then all resumes")
    @Tag("faults")
    void belowMinInSync() throws Exception {
        try (LiveCluster cluster = LiveCluster.in(directory).start();
                Load load = Load.on(cluster)) {
            ClusterNode last = cluster.leader(TOPIC, 0);
            for (ClusterNode node : cluster.nodes()) {
                if (node != last) {
                    node.kill();
                }
            }
            awaitInSync(cluster, 0, last.id());
            TopicPartition partition = new TopicPartition(TOPIC, 0);
            try (KafkaProducer<byte[], byte[]> strict =
                            Clients.producer(cluster.bootstrap(last.id()), Map.of("retries", 0));
                    KafkaProducer<byte[], byte[]> lax = Clients.producer(
                            cluster.bootstrap(last.id()), Map.of("acks", "1", "enable.idempotence", "false"));
                    var consumer = Clients.consumer(cluster.bootstrap(last.id()))) {
                assertThatThrownBy(() -> strict.send(new ProducerRecord<>(
                                        TOPIC, 0, null, "refused:0".getBytes(StandardCharsets.UTF_8)))
                                .get(60, TimeUnit.SECONDS))
                        .hasCauseInstanceOf(NotEnoughReplicasException.class);
                lax.send(new ProducerRecord<>(TOPIC, 0, null, "lax:0".getBytes(StandardCharsets.UTF_8)))
                        .get(60, TimeUnit.SECONDS);
                consumer.assign(Set.of(partition));
                consumer.seek(partition, 0);
                for (int poll = 0; poll < 20; poll++) {
                    assertThat(consumer.poll(millis(200)))
                            .as("readable with fewer than min.insync.replicas")
                            .noneMatch(record -> new String(record.value(), StandardCharsets.UTF_8).startsWith("lax"));
                }
            }
            for (ClusterNode node : cluster.nodes()) {
                if (node != last) {
                    node.start();
                }
            }
            load.awaitProgress();
            load.finish();
        }
    }

    @Scenario(value = "FAULT-35", what = "all replicas die one after the other and return in the worst order")
    @Tag("faults")
    void lastReplica() throws Exception {
        try (LiveCluster cluster = LiveCluster.in(directory).start();
                Load load = Load.on(cluster, 3, Map.of("min.insync.replicas", "1"))) {
            List<ClusterNode> order = new ArrayList<>(cluster.nodes());
            for (int i = 0; i < 2; i++) {
                order.get(i).kill();
                for (int partition = 0; partition < Load.PARTITIONS; partition++) {
                    int killed = order.get(i).id();
                    cluster.awaitPartition(
                            TOPIC,
                            partition,
                            state -> assertThat(state.inSync()).doesNotContain(killed));
                }
                load.awaitProgress();
            }
            ClusterNode last = order.get(2);
            last.kill();
            order.get(0).start();
            load.keepOn(seconds(25));
            for (int partition = 0; partition < Load.PARTITIONS; partition++) {
                var state = cluster.states().partition(TOPIC, partition);
                assertThat(state.inSync()).containsExactly(last.id());
                assertThat(state.leader()).isIn(-1, last.id());
            }
            order.get(1).start();
            last.start();
            load.awaitProgress();
            load.finish();
        }
    }
}
