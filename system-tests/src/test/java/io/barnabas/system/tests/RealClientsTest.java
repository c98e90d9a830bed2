package io.barnabas.system.tests;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.awaitility.Awaitility.await;

import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.Future;
import java.util.concurrent.TimeUnit;
import java.util.stream.Stream;
import org.apache.kafka.clients.admin.Admin;
import org.apache.kafka.clients.admin.AlterConfigOp;
import org.apache.kafka.clients.admin.AlterConfigOp.OpType;
import org.apache.kafka.clients.admin.Config;
import org.apache.kafka.clients.admin.ConfigEntry;
import org.apache.kafka.clients.admin.NewTopic;
import org.apache.kafka.clients.admin.OffsetSpec;
import org.apache.kafka.clients.admin.RecordsToDelete;
import org.apache.kafka.clients.admin.TopicDescription;
import org.apache.kafka.clients.consumer.ConsumerRecord;
import org.apache.kafka.clients.consumer.KafkaConsumer;
import org.apache.kafka.clients.producer.KafkaProducer;
import org.apache.kafka.clients.producer.ProducerRecord;
import org.apache.kafka.clients.producer.RecordMetadata;
import org.apache.kafka.common.TopicCollection;
import org.apache.kafka.common.TopicPartition;
import org.apache.kafka.common.Uuid;
import org.apache.kafka.common.config.ConfigResource;
import org.apache.kafka.common.errors.RecordTooLargeException;
import org.apache.kafka.common.errors.TopicExistsException;
import org.apache.kafka.common.errors.UnknownTopicOrPartitionException;
import org.apache.kafka.common.header.internals.RecordHeader;
import org.apache.kafka.common.serialization.ByteArrayDeserializer;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.DisplayName;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** The Java producer, consumer (by assignment) and Admin client, with their default settings, against a live broker. */
class RealClientsTest {
    private static final long PATIENCE = 20;

    @TempDir
    static Path directory;

    private static BrokerUnderTest broker;
    private static Admin admin;

    @BeforeAll
    static void start() throws Exception {
        broker = BrokerUnderTest.start(directory, Map.of());
        admin = Clients.admin(broker.bootstrap());
    }

    @AfterAll
    static void stop() throws Exception {
        admin.close();
        broker.close();
    }

    @ParameterizedTest
    @ValueSource(strings = {"none", "gzip", "snappy", "lz4", "zstd"})
    @DisplayName(
            "idempotent producer, acks=all: every compression comes back as it went, with keys, headers, times (LOG-02)")
    void compressions(String compression) throws Exception {
        String topic = create("codec-" + compression, 1);
        List<Future<RecordMetadata>> sent = new ArrayList<>();
        try (KafkaProducer<byte[], byte[]> producer =
                Clients.producer(broker.bootstrap(), Map.of("compression.type", compression, "linger.ms", 5))) {
            for (int i = 0; i < 2_000; i++) {
                byte[] key = i % 3 == 0 ? null : bytes("key-" + i);
                byte[] value = i % 7 == 0 ? null : bytes("value ".repeat(20) + i);
                var headers = List.<org.apache.kafka.common.header.Header>of(
                        new RecordHeader("number", bytes("" + i)), new RecordHeader("nothing", (byte[]) null));
                sent.add(producer.send(new ProducerRecord<>(topic, 0, 1_000_000L + i, key, value, headers)));
            }
        }
        for (int i = 0; i < sent.size(); i++) {
            assertThat(sent.get(i).get(PATIENCE, TimeUnit.SECONDS).offset()).isEqualTo(i);
        }
        List<ConsumerRecord<byte[], byte[]>> records = Clients.readPartition(broker.bootstrap(), topic, 0);
        assertThat(records).hasSize(2_000);
        for (int i = 0; i < records.size(); i++) {
            ConsumerRecord<byte[], byte[]> record = records.get(i);
            assertThat(record.offset()).isEqualTo(i);
            assertThat(record.timestamp()).isEqualTo(1_000_000L + i);
            assertThat(record.key()).isEqualTo(i % 3 == 0 ? null : bytes("key-" + i));
            assertThat(record.value()).isEqualTo(i % 7 == 0 ? null : bytes("value ".repeat(20) + i));
            assertThat(record.headers().lastHeader("number").value()).isEqualTo(bytes("" + i));
            assertThat(record.headers().lastHeader("nothing").value()).isNull();
        }
    }

    @Test
    @DisplayName("a record of 900 KB passes; one above the topic's limit is refused, the producer goes on (PROD-09)")
    void largeRecords() throws Exception {
        String topic = create("large", 1);
        try (KafkaProducer<byte[], byte[]> producer =
                Clients.producer(broker.bootstrap(), Map.of("max.request.size", 10_000_000))) {
            assertThat(send(producer, topic, new byte[900_000]).offset()).isZero();
            assertThatThrownBy(() -> send(producer, topic, new byte[2_000_000]))
                    .isInstanceOf(ExecutionException.class)
                    .hasCauseInstanceOf(RecordTooLargeException.class);
            assertThat(send(producer, topic, bytes("small")).offset()).isEqualTo(1);
        }
        assertThat(Clients.readPartition(broker.bootstrap(), topic, 0)).hasSize(2);
    }

    @Test
    @DisplayName("a topic that is not there is created by asking for it (WIRE-27)")
    void autoCreation() throws Exception {
        String topic = BrokerUnderTest.fresh("auto");
        try (KafkaProducer<byte[], byte[]> producer = Clients.producer(broker.bootstrap(), Map.of())) {
            assertThat(send(producer, topic, bytes("v")).offset()).isZero();
        }
        assertThat(Clients.readPartition(broker.bootstrap(), topic, 0)).hasSize(1);
    }

    @Test
    @DisplayName("seek by timestamp, to the end and to the beginning; end offsets; read_committed (FETCH-07, FETCH-20)")
    void seeking() throws Exception {
        String topic = create("seek", 1);
        try (KafkaProducer<byte[], byte[]> producer = Clients.producer(broker.bootstrap(), Map.of())) {
            for (int i = 0; i < 100; i++) {
                producer.send(new ProducerRecord<>(topic, 0, 10_000L + 10 * i, null, bytes("" + i)));
            }
        }
        var partition = new TopicPartition(topic, 0);
        try (var consumer = new KafkaConsumer<>(
                Map.of("bootstrap.servers", broker.bootstrap(), "isolation.level", "read_committed"),
                new ByteArrayDeserializer(),
                new ByteArrayDeserializer())) {
            consumer.assign(List.of(partition));
            var found = consumer.offsetsForTimes(Map.of(partition, 10_501L)).get(partition);
            assertThat(found.offset()).isEqualTo(51);
            assertThat(found.timestamp()).isEqualTo(10_510);
            assertThat(consumer.offsetsForTimes(Map.of(partition, 99_999L)).get(partition))
                    .isNull();
            assertThat(consumer.endOffsets(List.of(partition))).containsEntry(partition, 100L);
            assertThat(consumer.beginningOffsets(List.of(partition))).containsEntry(partition, 0L);

            consumer.seek(partition, found.offset());
            assertThat(first(consumer).offset()).isEqualTo(51);
            consumer.seekToEnd(List.of(partition));
            assertThat(consumer.position(partition)).isEqualTo(100);
            consumer.seekToBeginning(List.of(partition));
            assertThat(first(consumer).offset()).isZero();
            assertThat(consumer.partitionsFor(topic)).hasSize(1);
            assertThat(consumer.listTopics()).containsKey(topic);
        }
    }

    @Test
    @DisplayName("topics: created, described, listed, deleted by name and by id (CTRL-20, CTRL-26)")
    void topics() throws Exception {
        String byName = create("by-name", 3);
        String byId = create("by-id", 2);
        TopicDescription described = admin.describeTopics(List.of(byName))
                .allTopicNames()
                .get(PATIENCE, TimeUnit.SECONDS)
                .get(byName);
        assertThat(described.partitions()).hasSize(3).allSatisfy(partition -> {
            assertThat(partition.leader()).isNotNull();
            assertThat(partition.replicas()).hasSize(1);
            assertThat(partition.isr()).hasSize(1);
        });
        assertThat(admin.listTopics().names().get(PATIENCE, TimeUnit.SECONDS)).contains(byName, byId);
        assertThatThrownBy(() -> create(byName, 1, "")).hasCauseInstanceOf(TopicExistsException.class);

        Uuid id = admin.describeTopics(List.of(byId))
                .allTopicNames()
                .get(PATIENCE, TimeUnit.SECONDS)
                .get(byId)
                .topicId();
        assertThat(admin.describeTopics(TopicCollection.ofTopicIds(List.of(id)))
                        .allTopicIds()
                        .get(PATIENCE, TimeUnit.SECONDS)
                        .get(id)
                        .name())
                .isEqualTo(byId);
        admin.deleteTopics(TopicCollection.ofTopicIds(List.of(id))).all().get(PATIENCE, TimeUnit.SECONDS);
        admin.deleteTopics(Set.of(byName)).all().get(PATIENCE, TimeUnit.SECONDS);
        assertThat(admin.listTopics().names().get(PATIENCE, TimeUnit.SECONDS)).doesNotContain(byName, byId);
        assertThatThrownBy(() ->
                        admin.describeTopics(List.of(byName)).allTopicNames().get(PATIENCE, TimeUnit.SECONDS))
                .hasCauseInstanceOf(UnknownTopicOrPartitionException.class);
    }

    @Test
    @DisplayName(
            "configs of topics and brokers are described; a change of a topic's takes effect without restart (CTRL-27)")
    void configs() throws Exception {
        String topic = create("configured", 1);
        var resource = new ConfigResource(ConfigResource.Type.TOPIC, topic);
        Config before = describe(resource);
        assertThat(before.get("retention.ms").value()).isEqualTo("604800000");
        assertThat(before.get("retention.ms").isDefault()).isTrue();

        alter(resource, new ConfigEntry("max.message.bytes", "300"), OpType.SET);
        alter(resource, new ConfigEntry("cleanup.policy", "compact"), OpType.APPEND);
        assertThat(describe(resource).get("max.message.bytes").value()).isEqualTo("300");
        assertThat(describe(resource).get("max.message.bytes").source())
                .isEqualTo(ConfigEntry.ConfigSource.DYNAMIC_TOPIC_CONFIG);
        assertThat(describe(resource).get("cleanup.policy").value().split(",")).contains("compact");
        try (KafkaProducer<byte[], byte[]> producer = Clients.producer(broker.bootstrap(), Map.of())) {
            await().atMost(Duration.ofSeconds(PATIENCE))
                    .untilAsserted(() -> assertThatThrownBy(
                                    () -> producer.send(new ProducerRecord<>(topic, bytes("k"), new byte[1_000]))
                                            .get(PATIENCE, TimeUnit.SECONDS))
                            .hasCauseInstanceOf(RecordTooLargeException.class));
        }
        alter(resource, new ConfigEntry("max.message.bytes", ""), OpType.DELETE);
        alter(resource, new ConfigEntry("cleanup.policy", "compact"), OpType.SUBTRACT);
        assertThat(describe(resource).get("max.message.bytes").value()).isEqualTo("1048588");

        String id = admin.describeCluster()
                .nodes()
                .get(PATIENCE, TimeUnit.SECONDS)
                .iterator()
                .next()
                .idString();
        assertThat(describe(new ConfigResource(ConfigResource.Type.BROKER, id))
                        .get("num.partitions")
                        .value())
                .isEqualTo("1");
    }

    @Test
    @DisplayName("segment.bytes lowered on a live topic: it rolls by the new size (LOG-12)")
    void segmentBytesLowered() throws Exception {
        String topic = create("rolled", 1);
        alter(
                new ConfigResource(ConfigResource.Type.TOPIC, topic),
                new ConfigEntry("segment.bytes", "1048576"),
                OpType.SET);
        try (KafkaProducer<byte[], byte[]> producer = Clients.producer(broker.bootstrap(), Map.of())) {
            for (int i = 0; i < 30; i++) {
                send(producer, topic, new byte[100_000]);
            }
        }
        try (Stream<Path> files = Files.list(directory.resolve("data").resolve(topic + "-0"))) {
            assertThat(files.filter(file -> file.toString().endsWith(".log")).count())
                    .isGreaterThanOrEqualTo(3);
        }
        assertThat(Clients.readPartition(broker.bootstrap(), topic, 0)).hasSize(30);
    }

    @Test
    @DisplayName("the cluster is described: one broker, itself the controller, the same id each time (WIRE-24)")
    void cluster() throws Exception {
        var described = admin.describeCluster();
        assertThat(described.nodes().get(PATIENCE, TimeUnit.SECONDS))
                .singleElement()
                .satisfies(node -> {
                    assertThat(node.port()).isEqualTo(broker.port());
                    assertThat(described
                                    .controller()
                                    .get(PATIENCE, TimeUnit.SECONDS)
                                    .id())
                            .isEqualTo(node.id());
                });
        assertThat(described.clusterId().get(PATIENCE, TimeUnit.SECONDS))
                .isEqualTo(admin.describeCluster().clusterId().get(PATIENCE, TimeUnit.SECONDS))
                .hasSize(22);
    }

    @Test
    @DisplayName("offsets are listed by kind and time; records are deleted up to one (LOG-26, FETCH-20)")
    void offsets() throws Exception {
        String topic = create("offsets", 1);
        var partition = new TopicPartition(topic, 0);
        try (KafkaProducer<byte[], byte[]> producer = Clients.producer(broker.bootstrap(), Map.of())) {
            for (int i = 0; i < 10; i++) {
                producer.send(new ProducerRecord<>(topic, 0, 1_000L * (i == 5 ? 50 : i), null, bytes("" + i)));
            }
        }
        assertThat(listed(partition, OffsetSpec.earliest())).isZero();
        assertThat(listed(partition, OffsetSpec.latest())).isEqualTo(10);
        assertThat(listed(partition, OffsetSpec.maxTimestamp())).isEqualTo(5);
        assertThat(listed(partition, OffsetSpec.forTimestamp(3_500))).isEqualTo(4);

        assertThat(admin.deleteRecords(Map.of(partition, RecordsToDelete.beforeOffset(4)))
                        .lowWatermarks()
                        .get(partition)
                        .get(PATIENCE, TimeUnit.SECONDS)
                        .lowWatermark())
                .isEqualTo(4);
        assertThat(listed(partition, OffsetSpec.earliest())).isEqualTo(4);
        assertThat(Clients.readPartition(broker.bootstrap(), topic, 0)).hasSize(6);
    }

    private static String create(String prefix, int partitions) throws Exception {
        return create(prefix, partitions, BrokerUnderTest.fresh(""));
    }

    private static String create(String prefix, int partitions, String suffix) throws Exception {
        String name = prefix + suffix;
        admin.createTopics(List.of(new NewTopic(name, partitions, (short) 1)))
                .all()
                .get(PATIENCE, TimeUnit.SECONDS);
        return name;
    }

    private static Config describe(ConfigResource resource) throws Exception {
        return admin.describeConfigs(List.of(resource))
                .all()
                .get(PATIENCE, TimeUnit.SECONDS)
                .get(resource);
    }

    private static void alter(ConfigResource resource, ConfigEntry entry, OpType type) throws Exception {
        admin.incrementalAlterConfigs(Map.of(resource, List.of(new AlterConfigOp(entry, type))))
                .all()
                .get(PATIENCE, TimeUnit.SECONDS);
    }

    private static long listed(TopicPartition partition, OffsetSpec spec) throws Exception {
        return admin.listOffsets(Map.of(partition, spec))
                .partitionResult(partition)
                .get(PATIENCE, TimeUnit.SECONDS)
                .offset();
    }

    private static RecordMetadata send(KafkaProducer<byte[], byte[]> producer, String topic, byte[] value)
            throws Exception {
        return producer.send(new ProducerRecord<>(topic, value)).get(PATIENCE, TimeUnit.SECONDS);
    }

    private static ConsumerRecord<byte[], byte[]> first(KafkaConsumer<byte[], byte[]> consumer) {
        for (int i = 0; i < 20; i++) {
            var polled = consumer.poll(Duration.ofSeconds(1));
            if (!polled.isEmpty()) {
                return polled.iterator().next();
            }
        }
        throw new AssertionError("nothing to read");
    }

    private static byte[] bytes(String text) {
        return text.getBytes(StandardCharsets.UTF_8);
    }
}
