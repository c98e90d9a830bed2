package io.barnabas.broker.app;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import io.barnabas.broker.config.BrokerConfig;
import io.barnabas.broker.metadata.ClusterView;
import io.barnabas.coordination.zookeeper.EmbeddedZooKeeper;
import io.barnabas.runtime.logging.LoggedLines;
import io.barnabas.runtime.time.Clock;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Collection;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Random;
import java.util.TreeMap;
import java.util.concurrent.Future;
import java.util.stream.Collectors;
import org.apache.kafka.clients.admin.Admin;
import org.apache.kafka.clients.admin.AdminClientConfig;
import org.apache.kafka.clients.admin.AlterConfigOp;
import org.apache.kafka.clients.admin.ConfigEntry;
import org.apache.kafka.clients.admin.NewPartitionReassignment;
import org.apache.kafka.clients.admin.NewTopic;
import org.apache.kafka.clients.consumer.ConsumerConfig;
import org.apache.kafka.clients.consumer.ConsumerRecord;
import org.apache.kafka.clients.consumer.KafkaConsumer;
import org.apache.kafka.clients.producer.KafkaProducer;
import org.apache.kafka.clients.producer.ProducerConfig;
import org.apache.kafka.clients.producer.ProducerRecord;
import org.apache.kafka.clients.producer.RecordMetadata;
import org.apache.kafka.common.TopicPartition;
import org.apache.kafka.common.TopicPartitionInfo;
import org.apache.kafka.common.config.ConfigResource;
import org.apache.kafka.common.serialization.StringDeserializer;
import org.apache.kafka.common.serialization.StringSerializer;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.DisplayName;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

/** Several brokers on one ZooKeeper are one cluster, seen by Kafka's own clients. */
@Timeout(180)
class ClusterOfBrokersTest {
    private static final Duration PATIENCE = Duration.ofSeconds(60);

    @TempDir
    private Path directory;

    private EmbeddedZooKeeper zooKeeper;
    private final Map<Integer, BrokerServer> brokers = new TreeMap<>();

    @BeforeEach
    void startZooKeeper() {
        zooKeeper = EmbeddedZooKeeper.start(directory.resolve("zookeeper"), 0);
    }

    @AfterEach
    void stop() {
        List.copyOf(brokers.keySet()).forEach(this::stop);
        zooKeeper.close();
    }

    @Test
    @DisplayName(
            "two brokers: what is written with acks=all is on both, and whoever is asked brings requests to the controller (WIRE-30)")
    void twoBrokers() throws Exception {
        start(1);
        start(2);
        try (Admin admin = admin(2)) {
            admin.createTopics(List.of(new NewTopic("orders", 4, (short) 2)))
                    .all()
                    .get();
            assertThat(leaders(admin, "orders")).containsOnly(1, 2);
            ConfigResource orders = new ConfigResource(ConfigResource.Type.TOPIC, "orders");
            admin.incrementalAlterConfigs(Map.of(
                            orders,
                            List.of(new AlterConfigOp(
                                    new ConfigEntry("min.insync.replicas", "2"), AlterConfigOp.OpType.SET))))
                    .all()
                    .get();
        }

        List<RecordMetadata> acknowledged = produce("orders", 1_000, 1, 2);

        assertThat(acknowledged).hasSize(1_000);
        assertThat(consume("orders", 1_000, 1)).hasSize(1_000).contains("value-0", "value-999");
        assertThat(cluster(1).controller()).isEqualTo(cluster(2).controller());
    }

    @Test
    @DisplayName(
            "three brokers: after a controlled shutdown of the controller another succeeds it and nothing acknowledged is lost (CTRL-28)")
    void successionOfTheController() throws Exception {
        start(1);
        start(2);
        start(3);
        try (Admin admin = admin(1, 2, 3)) {
            admin.createTopics(
                            List.of(new NewTopic("orders", 6, (short) 3).configs(Map.of("min.insync.replicas", "2"))))
                    .all()
                    .get();
            assertThat(leaders(admin, "orders")).containsOnly(1, 2, 3);
            produce("orders", 500, 1, 2, 3);
            int controller = admin.describeCluster().controller().get().id();

            stop(controller);

            List<Integer> rest = new ArrayList<>(brokers.keySet());
            await().atMost(PATIENCE)
                    .untilAsserted(() -> rest.forEach(id -> {
                        ClusterView view = cluster(id);
                        assertThat(view.controller().value()).isIn(rest);
                        assertThat(view.topic("orders").partitions())
                                .allMatch(partition ->
                                        rest.contains(partition.leader().value()));
                    }));
            produce("orders", 500, rest.get(0), rest.get(1));
            assertThat(consume("orders", 1_000, rest.get(0), rest.get(1))).hasSize(1_000);

            start(controller);
            await().atMost(PATIENCE)
                    .untilAsserted(() -> assertThat(
                                    cluster(rest.get(0)).topic("orders").partitions())
                            .allMatch(partition -> partition.inSyncReplicas().size() == 3));
        }
    }

    @Test
    @DisplayName(
            "a consumer that tells its rack reads from the replica there, hears of records at once, and goes on from the leader when that replica is gone (FETCH-10)")
    void readingNearby() throws Exception {
        for (int id = 1; id <= 3; id++) {
            start(
                    id,
                    Map.of(
                            "broker.rack",
                            "rack-" + id,
                            "replica.selector.class",
                            "org.apache.kafka.common.replica.RackAwareReplicaSelector"));
        }
        TopicPartition orders = new TopicPartition("orders", 0);
        try (Admin admin = admin(1)) {
            admin.createTopics(List.of(new NewTopic("orders", Map.of(0, List.of(1, 2, 3)))))
                    .all()
                    .get();
        }
        produce("orders", 500, 1);
        Map<String, Object> config = new HashMap<>();
        config.put(ConsumerConfig.BOOTSTRAP_SERVERS_CONFIG, bootstrap(1, 3));
        config.put(ConsumerConfig.CLIENT_RACK_CONFIG, "rack-2");
        config.put(ConsumerConfig.AUTO_OFFSET_RESET_CONFIG, "earliest");
        config.put(ConsumerConfig.FETCH_MAX_WAIT_MS_CONFIG, 20_000);
        List<String> values = new ArrayList<>();
        try (KafkaConsumer<String, String> consumer =
                new KafkaConsumer<>(config, new StringDeserializer(), new StringDeserializer())) {
            consumer.assign(List.of(orders));
            read(consumer, values, 500);
            assertThat(readFrom(consumer)).isEqualTo(2);

            for (int i = 1; i <= 5; i++) {
                produce("orders", 1, 1);
                read(consumer, values, 500 + i);
            }
            assertThat(readFrom(consumer)).isEqualTo(2);

            stop(2);
            produce("orders", 500, 1);
            read(consumer, values, 1_005);
            assertThat(readFrom(consumer)).isNotEqualTo(2);
        }
        assertThat(values).hasSize(1_005);
    }

    @Test
    @DisplayName(
            "a new replica under a throttle is copied slowly while replicas in sync keep their pace, and fast once the throttle is lifted (REPL-31)")
    void throttledMove() throws Exception {
        for (int id = 1; id <= 3; id++) {
            start(id, Map.of("replica.fetch.max.bytes", "5000"));
        }
        TopicPartition moving = new TopicPartition("moving", 0);
        try (Admin admin = admin(1, 2, 3)) {
            admin.createTopics(List.of(
                            new NewTopic("moving", Map.of(0, List.of(1))),
                            new NewTopic("still", Map.of(0, List.of(1, 3)))
                                    .configs(Map.of("min.insync.replicas", "2"))))
                    .all()
                    .get();
            produce("moving", 20_000, 1);
            long bytesPerSecond = 500;
            throttle(admin, "moving", AlterConfigOp.OpType.SET, bytesPerSecond);
            throttle(admin, "still", AlterConfigOp.OpType.SET, bytesPerSecond);

            admin.alterPartitionReassignments(Map.of(moving, Optional.of(new NewPartitionReassignment(List.of(1, 3)))))
                    .all()
                    .get();
            for (int round = 0; round < 5; round++) {
                assertThat(produce("still", 1_000, 1)).hasSize(1_000);
            }
            assertThat(consume("still", 5_000, 1)).hasSize(5_000);
            assertThat(admin.listPartitionReassignments().reassignments().get()).containsOnlyKeys(moving);
            assertThat(cluster(1).topic("moving").partitions().get(0).inSyncReplicas())
                    .hasSize(1);

            throttle(admin, "moving", AlterConfigOp.OpType.DELETE, bytesPerSecond);
            await().atMost(PATIENCE)
                    .untilAsserted(() -> assertThat(cluster(1)
                                    .topic("moving")
                                    .partitions()
                                    .get(0)
                                    .inSyncReplicas())
                            .hasSize(2));
        }
        stop(1);
        assertThat(consume("moving", 20_000, 3)).hasSize(20_000);
    }

    @Test
    @DisplayName("the controller logs who asked another broker for a change, as that broker saw the client (WIRE-30)")
    void whoAskedAnother() throws Exception {
        Map<String, String> listeners = Map.of(
                "listeners", "CLIENTS://127.0.0.1:0,BROKERS://127.0.0.1:0",
                "listener.security.protocol.map", "CLIENTS:PLAINTEXT,BROKERS:PLAINTEXT",
                "inter.broker.listener.name", "BROKERS");
        start(1, listeners);
        start(2, listeners);
        await().atMost(PATIENCE)
                .until(() ->
                        cluster(1).brokers().size() == 2 && cluster(2).brokers().size() == 2);
        int other = 3 - cluster(1).controller().value();
        try (LoggedLines lines = LoggedLines.of("io.barnabas.coordination.AskedController");
                Admin admin = Admin.create(Map.of(
                        AdminClientConfig.BOOTSTRAP_SERVERS_CONFIG,
                        "127.0.0.1:" + brokers.get(other).port("CLIENTS")))) {
            // what concerns one broker is asked of that broker
            ConfigResource itself = new ConfigResource(ConfigResource.Type.BROKER, String.valueOf(other));
            admin.incrementalAlterConfigs(Map.of(
                            itself,
                            List.of(new AlterConfigOp(
                                    new ConfigEntry("leader.replication.throttled.rate", "1000000"),
                                    AlterConfigOp.OpType.SET))))
                    .all()
                    .get();

            assertThat(lines.list()).singleElement().satisfies(line -> {
                assertThat(line.getFormattedMessage()).isEqualTo("asked to alter configurations");
                assertThat(line.getKeyValuePairs())
                        .extracting(pair -> pair.key + "=" + pair.value)
                        .contains("principal=User:ANONYMOUS", "client=127.0.0.1", "listener=CLIENTS", "count=1");
            });
        }
    }

    private static void throttle(Admin admin, String topic, AlterConfigOp.OpType how, long bytesPerSecond)
            throws Exception {
        Map<ConfigResource, Collection<AlterConfigOp>> changes = new HashMap<>();
        changes.put(
                new ConfigResource(ConfigResource.Type.TOPIC, topic),
                List.of(
                        new AlterConfigOp(new ConfigEntry("leader.replication.throttled.replicas", "*"), how),
                        new AlterConfigOp(new ConfigEntry("follower.replication.throttled.replicas", "*"), how)));
        String rate = String.valueOf(bytesPerSecond);
        for (int id = 1; id <= 3; id++) {
            changes.put(
                    new ConfigResource(ConfigResource.Type.BROKER, String.valueOf(id)),
                    List.of(
                            new AlterConfigOp(new ConfigEntry("leader.replication.throttled.rate", rate), how),
                            new AlterConfigOp(new ConfigEntry("follower.replication.throttled.rate", rate), how)));
        }
        admin.incrementalAlterConfigs(changes).all().get();
    }

    private static void read(KafkaConsumer<String, String> consumer, List<String> values, int count) {
        await().atMost(PATIENCE).until(() -> {
            for (ConsumerRecord<String, String> one : consumer.poll(Duration.ofMillis(200))) {
                values.add(one.value());
            }
            return values.size() >= count;
        });
    }

    /** The replica that the consumer was sent to; -1 for the leader. */
    private static int readFrom(KafkaConsumer<String, String> consumer) {
        return consumer.metrics().values().stream()
                .filter(metric -> metric.metricName().name().equals("preferred-read-replica"))
                .map(metric -> ((Number) metric.metricValue()).intValue())
                .findFirst()
                .orElseThrow();
    }

    private void start(int id) {
        start(id, Map.of());
    }

    private void start(int id, Map<String, String> more) {
        Map<String, String> properties = new HashMap<>();
        properties.put("broker.id", String.valueOf(id));
        properties.put("listeners", "PLAINTEXT://127.0.0.1:0");
        properties.put("log.dirs", directory.resolve("broker-" + id).toString());
        properties.put("zookeeper.connect", zooKeeper.connectString());
        properties.put("controlled.shutdown.retry.backoff.ms", "100");
        properties.putAll(more);
        brokers.put(
                id,
                BrokerServer.start(
                        BrokerConfig.from(Map.copyOf(properties)), Clock.system(), new Random(id), sentence -> {
                            throw new AssertionError(sentence);
                        }));
    }

    private void stop(int id) {
        brokers.remove(id).close();
    }

    private ClusterView cluster(int id) {
        return brokers.get(id).cluster();
    }

    private String bootstrap(int... ids) {
        return java.util.Arrays.stream(ids)
                .mapToObj(id -> "127.0.0.1:" + brokers.get(id).port("PLAINTEXT"))
                .collect(Collectors.joining(","));
    }

    private Admin admin(int... ids) {
        return Admin.create(Map.of(AdminClientConfig.BOOTSTRAP_SERVERS_CONFIG, bootstrap(ids)));
    }

    private static List<Integer> leaders(Admin admin, String topic) throws Exception {
        return admin.describeTopics(List.of(topic)).allTopicNames().get().get(topic).partitions().stream()
                .map(TopicPartitionInfo::leader)
                .map(node -> node.id())
                .toList();
    }

    private List<RecordMetadata> produce(String topic, int count, int... ids) throws Exception {
        Map<String, Object> config = new HashMap<>();
        config.put(ProducerConfig.BOOTSTRAP_SERVERS_CONFIG, bootstrap(ids));
        List<RecordMetadata> acknowledged = new ArrayList<>();
        try (KafkaProducer<String, String> producer =
                new KafkaProducer<>(config, new StringSerializer(), new StringSerializer())) {
            List<Future<RecordMetadata>> sent = new ArrayList<>();
            for (int i = 0; i < count; i++) {
                sent.add(producer.send(new ProducerRecord<>(topic, "key-" + i, "value-" + i)));
            }
            for (Future<RecordMetadata> one : sent) {
                acknowledged.add(one.get());
            }
        }
        return acknowledged;
    }

    private List<String> consume(String topic, int count, int... ids) {
        Map<String, Object> config = new HashMap<>();
        config.put(ConsumerConfig.BOOTSTRAP_SERVERS_CONFIG, bootstrap(ids));
        config.put(ConsumerConfig.AUTO_OFFSET_RESET_CONFIG, "earliest");
        List<String> values = new ArrayList<>();
        try (KafkaConsumer<String, String> consumer =
                new KafkaConsumer<>(config, new StringDeserializer(), new StringDeserializer())) {
            consumer.assign(consumer.partitionsFor(topic).stream()
                    .map(info -> new TopicPartition(topic, info.partition()))
                    .toList());
            consumer.seekToBeginning(consumer.assignment());
            read(consumer, values, count);
        }
        return values;
    }
}
