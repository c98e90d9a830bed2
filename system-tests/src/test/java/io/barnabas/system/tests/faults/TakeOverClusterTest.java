package io.barnabas.system.tests.faults;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import io.barnabas.system.tests.Clients;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Collection;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.TreeMap;
import java.util.concurrent.TimeUnit;
import org.apache.kafka.clients.admin.Admin;
import org.apache.kafka.clients.admin.AlterConfigOp;
import org.apache.kafka.clients.admin.ConfigEntry;
import org.apache.kafka.clients.admin.NewPartitionReassignment;
import org.apache.kafka.clients.admin.NewTopic;
import org.apache.kafka.clients.consumer.ConsumerRecord;
import org.apache.kafka.clients.consumer.KafkaConsumer;
import org.apache.kafka.clients.consumer.OffsetAndMetadata;
import org.apache.kafka.clients.producer.KafkaProducer;
import org.apache.kafka.clients.producer.ProducerRecord;
import org.apache.kafka.common.TopicPartition;
import org.apache.kafka.common.config.ConfigResource;
import org.apache.kafka.common.serialization.ByteArrayDeserializer;
import org.junit.jupiter.api.DisplayName;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.condition.EnabledIfSystemProperty;
import org.junit.jupiter.api.io.TempDir;

/**
 * Three brokers of Kafka 3.9.2 on ZooKeeper are stopped amid a reassignment, three of Barnabas start on the same ensemble and directories, and
 * later Kafka again. Run by {@code system-tests/take-over}.
 */
@EnabledIfSystemProperty(named = "take.over.jars", matches = ".+")
class TakeOverClusterTest {
    private static final String KEPT = "kept";
    private static final String MOVING = "moving";
    private static final String LATER = "later";
    private static final int PARTITIONS = 6;
    /** Bytes a second at which a reassignment is under way when brokers stop, and would be for minutes after. */
    private static final int SLOW = 10_000;

    private static final int FAST = 100_000_000;

    @TempDir
    Path directory;

    private final Path jars = Path.of(System.getProperty("take.over.jars", ""));
    private final Map<Integer, Map<String, String>> settings = new TreeMap<>();
    private String bootstrap;

    @Test
    @Timeout(value = 15, unit = TimeUnit.MINUTES)
    @DisplayName("records, configurations, groups and a running reassignment go from Kafka 3.9.2 to Barnabas and back")
    void thereAndBack() throws Exception {
        try (Ensemble ensemble = Ensemble.start(directory.resolve("ensemble"), "127.0.0.1", 1)) {
            define(ensemble);
            long moved = kafkaFirst();
            assertStillMoving(ensemble, List.of(3, 2, 1), 3);
            barnabasThen(ensemble, moved);
            assertStillMoving(ensemble, List.of(1, 3, 2), 1);
            kafkaAgain(moved);
        }
    }

    /** Ends amid the reassignment; gives the number of records in the topic that moves. */
    private long kafkaFirst() throws Exception {
        Collection<ClusterNode> kafka = start(jars);
        try (Admin admin = Clients.admin(bootstrap)) {
            admin.createTopics(List.of(
                            new NewTopic(KEPT, PARTITIONS, (short) 3).configs(Map.of("segment.bytes", "65536")),
                            new NewTopic(MOVING, Map.of(0, List.of(1, 2)))))
                    .all()
                    .get(60, TimeUnit.SECONDS);
            produce(KEPT, 0, 1_200, 100);
            produce(MOVING, 0, 3_000, 1_000);
            consume("finished", 1_200);
            alter(admin, new ConfigResource(ConfigResource.Type.TOPIC, KEPT), "retention.ms", "86400000");
            alter(admin, new ConfigResource(ConfigResource.Type.BROKER, ""), "log.cleaner.threads", "2");
            // slow enough to be under way when the brokers stop
            throttle(admin, SLOW);
            ConfigResource topic = new ConfigResource(ConfigResource.Type.TOPIC, MOVING);
            alter(admin, topic, "leader.replication.throttled.replicas", "*");
            alter(admin, topic, "follower.replication.throttled.replicas", "*");
            admin.alterPartitionReassignments(Map.of(
                            new TopicPartition(MOVING, 0), Optional.of(new NewPartitionReassignment(List.of(3, 2)))))
                    .all()
                    .get(60, TimeUnit.SECONDS);
            assertThat(admin.listPartitionReassignments().reassignments().get(30, TimeUnit.SECONDS))
                    .as("under way")
                    .hasSize(1);
        } finally {
            stop(kafka);
        }
        return 3_000;
    }

    private void barnabasThen(Ensemble ensemble, long moved) throws Exception {
        Collection<ClusterNode> barnabas = start(null);
        try (Admin admin = Clients.admin(bootstrap);
                StateReader states = new StateReader(ensemble.connectString())) {
            assertHolds(KEPT, PARTITIONS, 1_200, 100);
            assertThat(sum(admin, "finished")).isEqualTo(1_200);
            assertThat(config(admin, KEPT, "retention.ms")).isEqualTo("86400000");
            assertThat(cleanerThreads(admin)).isEqualTo("2");
            TopicPartition moving = new TopicPartition(MOVING, 0);
            assertThat(admin.listPartitionReassignments().reassignments().get(30, TimeUnit.SECONDS))
                    .as("goes on, as slowly as Kafka was told to")
                    .containsKey(moving);
            throttle(admin, FAST);
            await("the reassignment ends here")
                    .atMost(Duration.ofSeconds(120))
                    .ignoreExceptions()
                    .untilAsserted(() -> {
                        assertThat(states.assignment(moving)).containsExactly(3, 2);
                        assertThat(states.partition(MOVING, 0).inSync()).containsExactlyInAnyOrder(2, 3);
                    });
            assertHolds(MOVING, 1, moved, 1_000);
            produce(KEPT, 1_200, 600, 100);
            consume("finished", 600);
            consume("new", 1_800);
            admin.createTopics(List.of(new NewTopic(LATER, 3, (short) 3).configs(Map.of("cleanup.policy", "compact"))))
                    .all()
                    .get(60, TimeUnit.SECONDS);
            produce(LATER, 0, 30, 10);
            throttle(admin, SLOW);
            admin.alterPartitionReassignments(Map.of(moving, Optional.of(new NewPartitionReassignment(List.of(1, 3)))))
                    .all()
                    .get(60, TimeUnit.SECONDS);
        } finally {
            stop(barnabas);
        }
    }

    private void kafkaAgain(long moved) throws Exception {
        Collection<ClusterNode> kafka = start(jars);
        try (Admin admin = Clients.admin(bootstrap)) {
            throttle(admin, FAST);
            await("Kafka has loaded all")
                    .atMost(Duration.ofSeconds(120))
                    .ignoreExceptions()
                    .untilAsserted(() -> {
                        assertThat(sum(admin, "finished")).isEqualTo(1_800);
                        assertThat(sum(admin, "new")).isEqualTo(1_800);
                        var topics = admin.describeTopics(Set.of(KEPT, MOVING, LATER))
                                .allTopicNames()
                                .get(30, TimeUnit.SECONDS);
                        topics.values()
                                .forEach(topic -> topic.partitions()
                                        .forEach(partition ->
                                                assertThat(partition.isr()).hasSameSizeAs(partition.replicas())));
                        assertThat(topics.get(MOVING).partitions().get(0).replicas().stream()
                                        .map(node -> node.id()))
                                .containsExactly(1, 3);
                    });
            assertThat(config(admin, KEPT, "retention.ms")).isEqualTo("86400000");
            assertThat(config(admin, LATER, "cleanup.policy")).isEqualTo("compact");
            assertThat(cleanerThreads(admin)).isEqualTo("2");
            assertHolds(KEPT, PARTITIONS, 1_800, 100);
            assertHolds(MOVING, 1, moved, 1_000);
            assertHolds(LATER, 3, 30, 10);
            produce(KEPT, 1_800, 300, 100);
            consume("finished", 300);
            consume("new", 300);
        } finally {
            stop(kafka);
        }
    }

    private void define(Ensemble ensemble) {
        List<String> addresses = new ArrayList<>();
        for (int id = 1; id <= 3; id++) {
            int port = Ports.free();
            addresses.add("127.0.0.1:" + port);
            settings.put(
                    id,
                    Map.ofEntries(
                            Map.entry("broker.id", "" + id),
                            Map.entry("listeners", "PLAINTEXT://127.0.0.1:" + port),
                            Map.entry("zookeeper.connect", ensemble.connectString()),
                            Map.entry(
                                    "log.dirs", directory.resolve("data-" + id).toString()),
                            Map.entry("min.insync.replicas", "2"),
                            // a throttle lets through one fetch at a time, however large
                            Map.entry("replica.fetch.max.bytes", "65536"),
                            Map.entry("offsets.topic.num.partitions", "8"),
                            Map.entry("offsets.topic.replication.factor", "3"),
                            Map.entry("transaction.state.log.replication.factor", "3"),
                            Map.entry("group.initial.rebalance.delay.ms", "0")));
        }
        bootstrap = String.join(",", addresses);
    }

    private Collection<ClusterNode> start(Path kafkaJars) throws Exception {
        List<ClusterNode> nodes = new ArrayList<>();
        try {
            for (var broker : settings.entrySet()) {
                String listener = broker.getValue().get("listeners");
                int port = Integer.parseInt(listener.substring(listener.lastIndexOf(':') + 1));
                Path home = directory.resolve((kafkaJars == null ? "barnabas-" : "kafka-") + broker.getKey());
                ClusterNode node =
                        new ClusterNode(broker.getKey(), home, "127.0.0.1", port, kafkaJars, broker.getValue());
                node.launch();
                nodes.add(node);
            }
            for (ClusterNode node : nodes) {
                node.awaitServing();
            }
            try (Admin admin = Clients.admin(bootstrap)) {
                await("three brokers")
                        .atMost(Duration.ofSeconds(90))
                        .ignoreExceptions()
                        .until(() -> admin.describeCluster()
                                        .nodes()
                                        .get(20, TimeUnit.SECONDS)
                                        .size()
                                == 3);
            }
            return nodes;
        } catch (Exception | AssertionError e) {
            for (ClusterNode node : nodes) {
                node.kill();
            }
            throw e;
        }
    }

    private static void stop(Collection<ClusterNode> nodes) throws Exception {
        for (ClusterNode node : nodes) {
            node.terminate();
        }
    }

    private void produce(String topic, int from, int count, int bytes) {
        int partitions = topic.equals(KEPT) ? PARTITIONS : topic.equals(LATER) ? 3 : 1;
        try (KafkaProducer<byte[], byte[]> producer = Clients.producer(bootstrap, Map.of())) {
            for (int i = from; i < from + count; i++) {
                producer.send(new ProducerRecord<>(
                        topic, i % partitions, ("k" + i).getBytes(StandardCharsets.UTF_8), new byte[bytes]));
            }
        }
    }

    /** A member reads so many records that its group has not read before, commits them and leaves. */
    private void consume(String group, int count) {
        Map<String, Object> all = new HashMap<>(Map.of(
                "bootstrap.servers",
                bootstrap,
                "group.id",
                group,
                "auto.offset.reset",
                "earliest",
                "enable.auto.commit",
                "false"));
        try (KafkaConsumer<byte[], byte[]> consumer =
                new KafkaConsumer<>(all, new ByteArrayDeserializer(), new ByteArrayDeserializer())) {
            consumer.subscribe(Set.of(KEPT));
            int[] read = {0};
            await(group + " reads " + count)
                    .atMost(Duration.ofSeconds(90))
                    .pollInSameThread()
                    .until(() -> {
                        for (ConsumerRecord<byte[], byte[]> record : consumer.poll(Duration.ofMillis(200))) {
                            assertThat(record.value()).isNotEmpty();
                            read[0]++;
                        }
                        return read[0] >= count;
                    });
            consumer.commitSync();
            assertThat(read[0]).isEqualTo(count);
        }
    }

    /** Every record, in order, each at its offset. */
    private void assertHolds(String topic, int partitions, long count, int bytes) {
        List<String> expected = new ArrayList<>();
        for (int partition = 0; partition < partitions; partition++) {
            long offset = 0;
            for (long i = partition; i < count; i += partitions) {
                expected.add(partition + "@" + offset++ + " k" + i + " " + bytes);
            }
        }
        assertThat(Clients.readAll(bootstrap, topic, partitions).stream()
                        .map(record -> record.partition() + "@" + record.offset() + " "
                                + new String(record.key(), StandardCharsets.UTF_8) + " " + record.value().length)
                        .toList())
                .as("records of " + topic)
                .isEqualTo(expected);
    }

    /** As those who have stopped have left it in ZooKeeper. */
    private static void assertStillMoving(Ensemble ensemble, List<Integer> replicas, int added) throws Exception {
        try (StateReader states = new StateReader(ensemble.connectString())) {
            assertThat(states.assignment(new TopicPartition(MOVING, 0))).isEqualTo(replicas);
            assertThat(states.partition(MOVING, 0).inSync()).isNotEmpty().doesNotContain(added);
        }
    }

    private static void throttle(Admin admin, int bytesPerSecond) throws Exception {
        for (int id = 1; id <= 3; id++) {
            ConfigResource broker = new ConfigResource(ConfigResource.Type.BROKER, "" + id);
            alter(admin, broker, "leader.replication.throttled.rate", "" + bytesPerSecond);
            alter(admin, broker, "follower.replication.throttled.rate", "" + bytesPerSecond);
        }
    }

    private static String cleanerThreads(Admin admin) throws Exception {
        ConfigResource everyBroker = new ConfigResource(ConfigResource.Type.BROKER, "");
        return admin.describeConfigs(Set.of(everyBroker))
                .all()
                .get(60, TimeUnit.SECONDS)
                .get(everyBroker)
                .get("log.cleaner.threads")
                .value();
    }

    private static long sum(Admin admin, String group) throws Exception {
        return admin
                .listConsumerGroupOffsets(group)
                .partitionsToOffsetAndMetadata()
                .get(60, TimeUnit.SECONDS)
                .values()
                .stream()
                .mapToLong(OffsetAndMetadata::offset)
                .sum();
    }

    private static void alter(Admin admin, ConfigResource resource, String key, String value) throws Exception {
        admin.incrementalAlterConfigs(Map.of(
                        resource, List.of(new AlterConfigOp(new ConfigEntry(key, value), AlterConfigOp.OpType.SET))))
                .all()
                .get(60, TimeUnit.SECONDS);
    }

    private static String config(Admin admin, String topic, String key) throws Exception {
        ConfigResource resource = new ConfigResource(ConfigResource.Type.TOPIC, topic);
        return admin.describeConfigs(Set.of(resource))
                .all()
                .get(60, TimeUnit.SECONDS)
                .get(resource)
                .get(key)
                .value();
    }
}
