package io.barnabas.system.tests.faults;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import io.barnabas.runtime.loop.SeededRandom;
import io.barnabas.system.tests.Clients;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.TreeMap;
import java.util.concurrent.TimeUnit;
import org.apache.kafka.clients.admin.Admin;
import org.apache.kafka.clients.admin.NewPartitionReassignment;
import org.apache.kafka.clients.consumer.OffsetAndMetadata;
import org.apache.kafka.clients.producer.KafkaProducer;
import org.apache.kafka.clients.producer.ProducerRecord;
import org.apache.kafka.common.ElectionType;
import org.apache.kafka.common.TopicPartition;
import org.junit.jupiter.api.Tag;

/** Topics that come, go and move while brokers do, and brokers that claim to be others. */
class TopicFaultsTest extends Faults {
    @Scenario(
            value = "FAULT-28",
            what = "a topic is deleted and created anew with brokers down, under the same name, again and again")
    @Tag("faults")
    void sameName() throws Exception {
        try (LiveCluster cluster = LiveCluster.in(directory).start();
                Load load = Load.on(cluster);
                Admin admin = cluster.admin()) {
            TopicPartition partition = new TopicPartition("again", 0);
            for (int round = 0; round < 5; round++) {
                cluster.createTopic("again", 3, 3, Map.of("min.insync.replicas", "1"));
                int records = 10 * (5 - round);
                produce(cluster, "again", "round-" + round, records);
                assertThat(admin.listConsumerGroupOffsets("again-readers")
                                .partitionsToOffsetAndMetadata()
                                .get(30, TimeUnit.SECONDS)
                                .get(partition))
                        .as("an offset of the topic that had this name before")
                        .isNull();
                admin.alterConsumerGroupOffsets("again-readers", Map.of(partition, new OffsetAndMetadata(5)))
                        .all()
                        .get(30, TimeUnit.SECONDS);
                ClusterNode absent = cluster.node(1 + round % 3);
                absent.kill();
                await("deleted").atMost(LiveCluster.RECOVERY).ignoreExceptions().until(() -> {
                    admin.deleteTopics(Set.of("again")).all().get(20, TimeUnit.SECONDS);
                    return true;
                });
                await("the name is free")
                        .atMost(LiveCluster.RECOVERY)
                        .ignoreExceptions()
                        .until(() -> {
                            cluster.createTopic("again", 3, 2, Map.of("min.insync.replicas", "1"));
                            return true;
                        });
                produce(cluster, "again", "between-" + round, 3);
                absent.start();
                cluster.awaitWhole();
                assertThat(Clients.readAll(cluster.bootstrap(), "again", 3))
                        .hasSize(3)
                        .allMatch(record -> new String(record.value(), StandardCharsets.UTF_8).startsWith("between-"));
                admin.deleteTopics(Set.of("again")).all().get(30, TimeUnit.SECONDS);
                await("deleted everywhere")
                        .atMost(LiveCluster.RECOVERY)
                        .ignoreExceptions()
                        .until(() -> cluster.states().session().exists("/brokers/topics/again", false) == null
                                && cluster.states()
                                        .session()
                                        .getChildren("/admin/delete_topics", false)
                                        .isEmpty());
            }
            load.finish();
        }
    }

    @Scenario(
            value = "FAULT-29",
            what = "loaded partitions move from broker to broker while source, target and controller die")
    @Tag("faults")
    void reassignment() throws Exception {
        try (LiveCluster cluster = LiveCluster.in(directory).brokers(4).start();
                Load load = Load.on(cluster);
                Admin admin = cluster.admin()) {
            for (String victim : List.of("source", "target", "controller")) {
                Map<TopicPartition, Optional<NewPartitionReassignment>> moves = new HashMap<>();
                int source = cluster.states()
                        .assignment(new TopicPartition(TOPIC, 0))
                        .get(0);
                int target = List.of(1, 2, 3, 4).stream()
                        .filter(id -> !assigned(cluster, 0).contains(id))
                        .findFirst()
                        .orElseThrow();
                for (int partition = 0; partition < Load.PARTITIONS; partition++) {
                    List<Integer> replicas = assigned(cluster, partition);
                    if (replicas.contains(source) && !replicas.contains(target)) {
                        moves.put(
                                new TopicPartition(TOPIC, partition),
                                Optional.of(new NewPartitionReassignment(replicas.stream()
                                        .map(id -> id == source ? target : id)
                                        .toList())));
                    }
                }
                var begun = admin.alterPartitionReassignments(moves);
                ClusterNode dead = victim.equals("source")
                        ? cluster.node(source)
                        : victim.equals("target") ? cluster.node(target) : cluster.controller();
                dead.kill();
                begun.all()
                        .toCompletionStage()
                        .toCompletableFuture()
                        .handle((done, failed) -> true)
                        .get(90, TimeUnit.SECONDS);
                load.awaitProgress();
                dead.start();
                await("the replicas have moved")
                        .atMost(LiveCluster.RECOVERY)
                        .ignoreExceptions()
                        .untilAsserted(() -> {
                            var open = admin.listPartitionReassignments()
                                    .reassignments()
                                    .get(20, TimeUnit.SECONDS);
                            for (var move : moves.entrySet()) {
                                List<Integer> wanted =
                                        move.getValue().orElseThrow().targetReplicas();
                                if (!open.containsKey(move.getKey())
                                        && !cluster.states()
                                                .assignment(move.getKey())
                                                .equals(wanted)) {
                                    // the request got lost with the controller
                                    admin.alterPartitionReassignments(Map.of(move.getKey(), move.getValue()))
                                            .all()
                                            .get(20, TimeUnit.SECONDS);
                                }
                                assertThat(cluster.states().assignment(move.getKey()))
                                        .isEqualTo(wanted);
                            }
                            assertThat(open).isEmpty();
                        });
                cluster.awaitWhole();
                load.awaitProgress();
            }
            load.finish();
        }
    }

    @Scenario(
            value = "FAULT-31",
            what = "a second broker with the same id, one of another cluster, one with a neighbour's disk: none starts")
    @Tag("faults")
    void impostors() throws Exception {
        try (LiveCluster cluster = LiveCluster.in(directory).start();
                Load load = Load.on(cluster)) {
            Map<String, String> epochs = new TreeMap<>();
            for (ClusterNode node : cluster.nodes()) {
                epochs.put("" + node.id(), "" + cluster.states().brokerEpoch(node.id()));
            }
            ClusterNode original = cluster.node(2);

            ClusterNode twin = impostor(cluster, original, "twin");
            assertRefuses(twin);

            ClusterNode foreign = impostor(cluster, original, "foreign").with("broker.id", "7");
            Path data = Files.createDirectories(foreign.logDirectories().get(0));
            Files.writeString(
                    data.resolve("meta.properties"), "version=0\nbroker.id=7\ncluster.id=AnotherClusterAltogether\n");
            assertRefuses(foreign);

            ClusterNode swapped = impostor(cluster, original, "swapped").with("broker.id", "8");
            Files.createDirectories(swapped.logDirectories().get(0));
            Files.copy(
                    original.logDirectories().get(0).resolve("meta.properties"),
                    swapped.logDirectories().get(0).resolve("meta.properties"));
            assertRefuses(swapped);

            for (ClusterNode node : cluster.nodes()) {
                assertThat("" + cluster.states().brokerEpoch(node.id()))
                        .as("registration of broker %d", node.id())
                        .isEqualTo(epochs.get("" + node.id()));
            }
            load.awaitProgress();
            load.finish();
        }
    }

    private static ClusterNode impostor(LiveCluster cluster, ClusterNode original, String name) {
        Path home = original.directory().resolveSibling(name);
        int port = Ports.free();
        return new ClusterNode(
                original.id(),
                home,
                "127.0.0.1",
                port,
                null,
                Map.of(
                        "broker.id",
                        "" + original.id(),
                        "listeners",
                        "PLAINTEXT://127.0.0.1:" + port,
                        "zookeeper.connect",
                        cluster.ensemble().connectString(),
                        "zookeeper.session.timeout.ms",
                        "6000",
                        "log.dirs",
                        home.resolve("data").toString()));
    }

    private static void assertRefuses(ClusterNode impostor) throws Exception {
        impostor.launch();
        assertThat(impostor.process().awaitExit()).as(impostor.process().tail()).isEqualTo(1);
    }

    @Scenario(value = "FAULT-33", what = "leaders change fast and often while followers lag unevenly")
    @Tag("faults")
    void fastChanges() throws Exception {
        var random = SeededRandom.fresh();
        try (LiveCluster cluster = LiveCluster.in(directory).proxied().start();
                Load load = Load.on(cluster);
                Admin admin = cluster.admin()) {
            for (int round = 0; round < 8; round++) {
                for (ClusterNode node : cluster.nodes()) {
                    cluster.peerLink(node.id()).delay(random.nextInt(150));
                }
                ClusterNode first = cluster.node(1 + random.nextInt(3));
                first.kill();
                load.keepOn(millis(random.nextInt(1_500)));
                first.start();
                ClusterNode second = cluster.other(first);
                second.kill();
                load.keepOn(millis(random.nextInt(1_500)));
                second.start();
                admin.electLeaders(ElectionType.PREFERRED, null)
                        .partitions()
                        .toCompletionStage()
                        .toCompletableFuture()
                        .handle((done, failed) -> true)
                        .get(90, TimeUnit.SECONDS);
                load.keepOn(millis(random.nextInt(1_000)));
            }
            for (ClusterNode node : cluster.nodes()) {
                cluster.peerLink(node.id()).heal();
            }
            load.awaitProgress();
            load.finish();
        }
    }

    private static List<Integer> assigned(LiveCluster cluster, int partition) {
        try {
            return cluster.states().assignment(new TopicPartition(TOPIC, partition));
        } catch (Exception e) {
            throw new IllegalStateException(e);
        }
    }

    private static void produce(LiveCluster cluster, String topic, String prefix, int count) throws Exception {
        try (KafkaProducer<byte[], byte[]> producer = Clients.producer(cluster.bootstrap(), Map.of())) {
            for (int i = 0; i < count; i++) {
                producer.send(new ProducerRecord<>(
                                topic, i % 3, null, (prefix + "-" + i).getBytes(StandardCharsets.UTF_8)))
                        .get(60, TimeUnit.SECONDS);
            }
        }
    }
}
