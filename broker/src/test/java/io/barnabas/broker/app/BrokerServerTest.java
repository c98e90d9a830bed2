package io.barnabas.broker.app;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.awaitility.Awaitility.await;

import io.barnabas.broker.config.BrokerConfig;
import io.barnabas.log.storage.FileStorage;
import io.barnabas.runtime.time.Clock;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Properties;
import java.util.Random;
import java.util.Set;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.TimeUnit;
import org.apache.kafka.clients.admin.Admin;
import org.apache.kafka.clients.admin.AlterConfigOp;
import org.apache.kafka.clients.admin.Config;
import org.apache.kafka.clients.admin.ConfigEntry;
import org.apache.kafka.clients.admin.CreateTopicsOptions;
import org.apache.kafka.clients.admin.NewTopic;
import org.apache.kafka.clients.admin.TopicDescription;
import org.apache.kafka.clients.consumer.ConsumerConfig;
import org.apache.kafka.clients.consumer.ConsumerRecord;
import org.apache.kafka.clients.consumer.KafkaConsumer;
import org.apache.kafka.clients.producer.KafkaProducer;
import org.apache.kafka.clients.producer.ProducerConfig;
import org.apache.kafka.clients.producer.ProducerRecord;
import org.apache.kafka.clients.producer.RecordMetadata;
import org.apache.kafka.common.TopicPartition;
import org.apache.kafka.common.config.ConfigResource;
import org.apache.kafka.common.errors.InvalidConfigurationException;
import org.apache.kafka.common.errors.InvalidReplicationFactorException;
import org.apache.kafka.common.errors.RecordTooLargeException;
import org.apache.kafka.common.errors.TopicExistsException;
import org.apache.kafka.common.serialization.StringDeserializer;
import org.apache.kafka.common.serialization.StringSerializer;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.DisplayName;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

/** A whole broker with its embedded ZooKeeper, used by Kafka's own clients. */
@Timeout(120)
class BrokerServerTest {
    private static final Duration PATIENCE = Duration.ofSeconds(30);

    @TempDir
    private Path directory;

    private BrokerServer server;

    @AfterEach
    void stop() {
        if (server != null) {
            server.close();
        }
    }

    @Test
    @DisplayName(
            "a producer with default settings (idempotent, acks=all) writes, a consumer by assignment reads it back")
    void producesAndConsumes() throws Exception {
        start(Map.of());
        create("orders", 2);

        List<RecordMetadata> acknowledged = produce("orders", 1_000);

        assertThat(acknowledged).allMatch(RecordMetadata::hasOffset);
        assertThat(consume("orders", 1_000)).hasSize(1_000).contains("value-0", "value-999");
    }

    @Test
    @DisplayName("a topic that is produced to is created with the defaults (WIRE-27)")
    void createsByUse() throws Exception {
        start(Map.of("num.partitions", "3"));

        produce("by-use", 10);

        try (Admin admin = admin()) {
            assertThat(describe(admin, "by-use").partitions()).hasSize(3);
        }
    }

    @Test
    @DisplayName("what was acknowledged is there after a restart, under the same cluster, broker and topic ids")
    void survivesRestart() throws Exception {
        start(Map.of());
        create("orders", 1);
        produce("orders", 100);
        String clusterId = server.clusterId();
        String topicId;
        try (Admin admin = admin()) {
            topicId = describe(admin, "orders").topicId().toString();
        }
        int id = server.id().value();
        server.close();

        start(Map.of());

        assertThat(server.clusterId()).isEqualTo(clusterId);
        assertThat(server.id().value()).isEqualTo(id);
        try (Admin admin = admin()) {
            assertThat(describe(admin, "orders").topicId()).hasToString(topicId);
        }
        assertThat(consume("orders", 100)).hasSize(100);
        produce("orders", 100);
        assertThat(consume("orders", 200)).hasSize(200);
    }

    @Test
    @DisplayName("a topic's configuration changes while it is used (CTRL-27)")
    void changesConfigurationLive() throws Exception {
        start(Map.of());
        create("orders", 1);
        ConfigResource orders = new ConfigResource(ConfigResource.Type.TOPIC, "orders");
        try (Admin admin = admin()) {
            admin.incrementalAlterConfigs(Map.of(
                            orders,
                            List.of(new AlterConfigOp(
                                    new ConfigEntry("max.message.bytes", "2000"), AlterConfigOp.OpType.SET))))
                    .all()
                    .get();
            await().atMost(PATIENCE)
                    .untilAsserted(() -> assertThat(config(admin, orders)
                                    .get("max.message.bytes")
                                    .value())
                            .isEqualTo("2000"));

            await().atMost(PATIENCE)
                    .untilAsserted(() -> assertThatThrownBy(() -> produceOne("orders", "x".repeat(3_000)))
                            .hasCauseInstanceOf(RecordTooLargeException.class));
            assertThatThrownBy(() -> admin.incrementalAlterConfigs(Map.of(
                                    orders,
                                    List.of(new AlterConfigOp(
                                            new ConfigEntry("retention.ms", "soon"), AlterConfigOp.OpType.SET))))
                            .all()
                            .get())
                    .hasCauseInstanceOf(InvalidConfigurationException.class);
            admin.incrementalAlterConfigs(Map.of(
                            orders,
                            List.of(new AlterConfigOp(
                                    new ConfigEntry("max.message.bytes", ""), AlterConfigOp.OpType.DELETE))))
                    .all()
                    .get();
            await().atMost(PATIENCE)
                    .untilAsserted(() -> assertThat(config(admin, orders)
                                    .get("max.message.bytes")
                                    .isDefault())
                            .isTrue());
        }
        produceOne("orders", "x".repeat(3_000));
    }

    @Test
    @DisplayName("the brokers' defaults change while they run, for every topic without its own value (CTRL-27)")
    void changesBrokerConfigurationLive() throws Exception {
        start(Map.of());
        create("orders", 1);
        ConfigResource all = new ConfigResource(ConfigResource.Type.BROKER, "");
        ConfigResource orders = new ConfigResource(ConfigResource.Type.TOPIC, "orders");
        try (Admin admin = admin()) {
            admin.incrementalAlterConfigs(Map.of(
                            all,
                            List.of(new AlterConfigOp(
                                    new ConfigEntry("log.retention.ms", "123456"), AlterConfigOp.OpType.SET))))
                    .all()
                    .get();

            await().atMost(PATIENCE).untilAsserted(() -> {
                ConfigEntry entry = config(admin, orders).get("retention.ms");
                assertThat(entry.value()).isEqualTo("123456");
                assertThat(entry.source()).isEqualTo(ConfigEntry.ConfigSource.DYNAMIC_DEFAULT_BROKER_CONFIG);
            });
        }
    }

    @Test
    @DisplayName("topics are created, validated, described and deleted by an administrator (CTRL-20, CTRL-22)")
    void administersTopics() throws Exception {
        start(Map.of());
        try (Admin admin = admin()) {
            NewTopic orders = new NewTopic("orders", 3, (short) 1).configs(Map.of("retention.ms", "1000000"));
            admin.createTopics(List.of(orders), new CreateTopicsOptions().validateOnly(true))
                    .all()
                    .get();
            assertThat(admin.listTopics().names().get()).doesNotContain("orders");

            var created = admin.createTopics(List.of(orders));
            created.all().get();
            assertThat(created.numPartitions("orders").get()).isEqualTo(3);
            assertThat(created.config("orders").get().get("retention.ms").value())
                    .isEqualTo("1000000");
            assertThatThrownBy(() -> admin.createTopics(List.of(orders)).all().get())
                    .hasCauseInstanceOf(TopicExistsException.class);
            assertThatThrownBy(() -> admin.createTopics(List.of(new NewTopic("wide", 1, (short) 2)))
                            .all()
                            .get())
                    .hasCauseInstanceOf(InvalidReplicationFactorException.class);

            await().atMost(PATIENCE)
                    .untilAsserted(() -> assertThat(describe(admin, "orders").partitions())
                            .hasSize(3)
                            .allSatisfy(
                                    partition -> assertThat(partition.leader().id())
                                            .isEqualTo(server.id().value())));
            admin.deleteTopics(List.of("orders")).all().get();
            await().atMost(PATIENCE)
                    .untilAsserted(
                            () -> assertThat(admin.listTopics().names().get()).doesNotContain("orders"));
            admin.createTopics(List.of(new NewTopic("orders", Optional.of(1), Optional.empty())))
                    .all()
                    .get();
        }
        produce("orders", 5);
        assertThat(consume("orders", 5)).hasSize(5);
    }

    @Test
    @DisplayName("the cluster is described: one broker, which is the controller")
    void describesCluster() throws Exception {
        start(Map.of("broker.id", "7", "broker.rack", "r1"));
        try (Admin admin = admin()) {
            var cluster = admin.describeCluster();
            assertThat(cluster.clusterId().get()).isEqualTo(server.clusterId());
            assertThat(cluster.controller().get().id()).isEqualTo(7);
            assertThat(cluster.nodes().get()).singleElement().satisfies(node -> {
                assertThat(node.rack()).isEqualTo("r1");
                assertThat(node.port()).isEqualTo(server.port("PLAINTEXT"));
            });
            Config broker = config(admin, new ConfigResource(ConfigResource.Type.BROKER, "7"));
            assertThat(broker.get("broker.rack").value()).isEqualTo("r1");
        }
    }

    @Test
    @DisplayName(
            "a directory in use, of another broker, or of another cluster is refused with a sentence (LOG-09, LOG-11, D13)")
    void refusesForeignDirectories() throws Exception {
        start(Map.of());
        assertThatThrownBy(() -> BrokerServer.start(config(Map.of()), Clock.system(), new Random(), sentence -> {}))
                .hasMessageContaining("in use");
        int id = server.id().value();
        server.close();

        assertThatThrownBy(() -> start(Map.of("broker.id", id == 3 ? "4" : "3")))
                .hasMessageContaining("belongs to broker");
        Path meta = directory.resolve("log/meta.properties");
        Files.writeString(meta, Files.readString(meta).replaceAll("cluster.id=.*", "cluster.id=someoneelses"));
        assertThatThrownBy(() -> start(Map.of())).hasMessageContaining("cluster someoneelses");
    }

    @Test
    @DisplayName("a start that fails with its logs leaves no way to ZooKeeper open behind it")
    void failedStartLeavesNothing() throws Exception {
        start(Map.of());
        server.close();
        Set<Thread> before = Thread.getAllStackTraces().keySet();

        try (var held = new FileStorage().tryLock(directory.resolve("log").resolve(".lock"))) {
            assertThat(held).isNotNull();
            assertThatThrownBy(() -> start(Map.of())).hasMessageContaining("in use");
        }

        for (Thread thread : Thread.getAllStackTraces().keySet()) {
            if (!before.contains(thread)
                    && thread.getName().matches(".*(Curator|EventThread|SendThread|SyncThread).*")) {
                thread.join(PATIENCE.toMillis());
                assertThat(thread.isAlive()).as(thread.getName()).isFalse();
            }
        }
    }

    @Test
    @DisplayName("a port that is taken is refused with a sentence")
    void refusesTakenPort() throws Exception {
        start(Map.of());
        String taken = "PLAINTEXT://127.0.0.1:" + server.port("PLAINTEXT");

        assertThatThrownBy(() -> BrokerServer.start(
                        config(Map.of(
                                "listeners",
                                taken,
                                "log.dirs",
                                directory.resolve("other").toString())),
                        Clock.system(),
                        new Random(),
                        sentence -> {}))
                .hasMessageContaining("cannot listen on " + taken);
    }

    private void start(Map<String, String> properties) {
        server = BrokerServer.start(config(properties), Clock.system(), new Random(), sentence -> {
            throw new AssertionError(sentence);
        });
    }

    private BrokerConfig config(Map<String, String> properties) {
        Map<String, String> all = new HashMap<>(Map.of(
                "listeners",
                "PLAINTEXT://127.0.0.1:0",
                "log.dirs",
                directory.resolve("log").toString()));
        all.putAll(properties);
        return BrokerConfig.from(all);
    }

    private Admin admin() {
        return Admin.create(Map.of("bootstrap.servers", bootstrap()));
    }

    private String bootstrap() {
        return "127.0.0.1:" + server.port("PLAINTEXT");
    }

    private void create(String topic, int partitions) throws Exception {
        try (Admin admin = admin()) {
            admin.createTopics(List.of(new NewTopic(topic, partitions, (short) 1)))
                    .all()
                    .get();
        }
    }

    private static TopicDescription describe(Admin admin, String topic) throws Exception {
        return admin.describeTopics(List.of(topic)).allTopicNames().get().get(topic);
    }

    private static Config config(Admin admin, ConfigResource resource) throws Exception {
        return admin.describeConfigs(Set.of(resource)).all().get().get(resource);
    }

    private Properties producerSettings() {
        Properties settings = new Properties();
        settings.put(ProducerConfig.BOOTSTRAP_SERVERS_CONFIG, bootstrap());
        settings.put(ProducerConfig.KEY_SERIALIZER_CLASS_CONFIG, StringSerializer.class.getName());
        settings.put(ProducerConfig.VALUE_SERIALIZER_CLASS_CONFIG, StringSerializer.class.getName());
        return settings;
    }

    private List<RecordMetadata> produce(String topic, int count) throws Exception {
        List<RecordMetadata> acknowledged = new ArrayList<>();
        try (KafkaProducer<String, String> producer = new KafkaProducer<>(producerSettings())) {
            List<java.util.concurrent.Future<RecordMetadata>> sent = new ArrayList<>();
            for (int i = 0; i < count; i++) {
                sent.add(producer.send(new ProducerRecord<>(topic, "key-" + i, "value-" + i)));
            }
            for (var future : sent) {
                acknowledged.add(future.get(30, TimeUnit.SECONDS));
            }
        }
        return acknowledged;
    }

    private void produceOne(String topic, String value) throws InterruptedException, ExecutionException {
        try (KafkaProducer<String, String> producer = new KafkaProducer<>(producerSettings())) {
            producer.send(new ProducerRecord<>(topic, value)).get();
        }
    }

    private List<String> consume(String topic, int count) {
        Properties settings = new Properties();
        settings.put(ConsumerConfig.BOOTSTRAP_SERVERS_CONFIG, bootstrap());
        settings.put(ConsumerConfig.KEY_DESERIALIZER_CLASS_CONFIG, StringDeserializer.class.getName());
        settings.put(ConsumerConfig.VALUE_DESERIALIZER_CLASS_CONFIG, StringDeserializer.class.getName());
        List<String> values = new ArrayList<>();
        try (KafkaConsumer<String, String> consumer = new KafkaConsumer<>(settings)) {
            List<TopicPartition> partitions = consumer.partitionsFor(topic).stream()
                    .map(partition -> new TopicPartition(topic, partition.partition()))
                    .toList();
            consumer.assign(partitions);
            consumer.seekToBeginning(partitions);
            await().atMost(PATIENCE).until(() -> {
                for (ConsumerRecord<String, String> record : consumer.poll(Duration.ofMillis(200))) {
                    values.add(record.value());
                }
                return values.size() >= count;
            });
        }
        return values;
    }
}
