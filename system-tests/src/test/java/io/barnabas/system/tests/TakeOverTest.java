package io.barnabas.system.tests;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import java.net.InetAddress;
import java.net.ServerSocket;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.time.Duration;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeMap;
import java.util.concurrent.TimeUnit;
import org.apache.kafka.clients.admin.Admin;
import org.apache.kafka.clients.admin.FeatureUpdate;
import org.apache.kafka.clients.admin.GroupListing;
import org.apache.kafka.clients.admin.NewTopic;
import org.apache.kafka.clients.admin.UpdateFeaturesOptions;
import org.apache.kafka.clients.consumer.ConsumerRecord;
import org.apache.kafka.clients.consumer.KafkaConsumer;
import org.apache.kafka.clients.consumer.OffsetAndMetadata;
import org.apache.kafka.clients.producer.KafkaProducer;
import org.apache.kafka.clients.producer.ProducerRecord;
import org.apache.kafka.common.TopicPartition;
import org.apache.kafka.common.serialization.ByteArrayDeserializer;
import org.junit.jupiter.api.DisplayName;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.condition.EnabledIfSystemProperty;
import org.junit.jupiter.api.io.TempDir;

/**
 * A broker of Kafka 3.9.2 on ZooKeeper is stopped, Barnabas starts on its ensemble and its directories, and later Kafka again. Run by
 * {@code system-tests/take-over}, which fetches Kafka's jars and names their directory.
 */
@EnabledIfSystemProperty(named = "take.over.jars", matches = ".+")
class TakeOverTest {
    private static final String TOPIC = "kept";
    private static final int PARTITIONS = 4;

    @TempDir
    Path directory;

    private final Path jars = Path.of(System.getProperty("take.over.jars", ""));

    @Test
    @DisplayName("records, groups and offsets of Kafka 3.9.2 are taken over, and handed back with what came meanwhile")
    void thereAndBack() throws Exception {
        int zooKeeperPort = freePort();
        int port = freePort();
        String bootstrap = "127.0.0.1:" + port;
        Map<String, String> settings = new HashMap<>(Map.of(
                "broker.id", "1",
                "zookeeper.connect", "127.0.0.1:" + zooKeeperPort,
                "listeners", "PLAINTEXT://127.0.0.1:" + port,
                "log.dirs", directory.resolve("data").toString(),
                "offsets.topic.replication.factor", "1",
                "offsets.topic.num.partitions", "8",
                "transaction.state.log.replication.factor", "1",
                "transaction.state.log.min.isr", "1"));
        try (KafkaProcess zooKeeper = KafkaProcess.zooKeeper(jars, directory.resolve("zoo"), zooKeeperPort)) {
            try (KafkaProcess kafka = KafkaProcess.broker(jars, directory.resolve("kafka"), settings, port)) {
                createTopic(bootstrap);
                produce(bootstrap, 0, 400);
                consume(bootstrap, "finished", "classic", 400);
                commit(bootstrap, "simple", 2, 17, "a note");
                assertThat(zooKeeper.output()).isNotNull();
                kafka.terminate();
            }

            try (LiveBroker barnabas = LiveBroker.start(directory.resolve("barnabas"), settings)) {
                assertThat(sum(offsets(bootstrap, "finished"))).isEqualTo(400);
                assertThat(offsets(bootstrap, "simple"))
                        .containsEntry(new TopicPartition(TOPIC, 2), new OffsetAndMetadata(17, "a note"));
                assertThat(groups(bootstrap)).containsKeys("finished", "simple");

                produce(bootstrap, 400, 100);
                consume(bootstrap, "finished", "classic", 100);
                consume(bootstrap, "new", "classic", 500);
                commit(bootstrap, "simple", 3, 18, "");
                switchOn(bootstrap, (short) 1, FeatureUpdate.UpgradeType.UPGRADE);
                consume(bootstrap, "modern", "consumer", 500);
                assertThat(groups(bootstrap)).containsEntry("modern", "Consumer");
                switchOn(bootstrap, (short) 0, FeatureUpdate.UpgradeType.UNSAFE_DOWNGRADE);
                assertThat(barnabas.terminate()).isIn(0, 143);
            }

            try (KafkaProcess kafka = KafkaProcess.broker(jars, directory.resolve("kafka"), settings, port)) {
                await("coordinators are loaded")
                        .atMost(60, TimeUnit.SECONDS)
                        .ignoreExceptions()
                        .until(() -> sum(offsets(bootstrap, "finished")) == 500);
                assertThat(sum(offsets(bootstrap, "new"))).isEqualTo(500);
                assertThat(sum(offsets(bootstrap, "modern"))).isEqualTo(500);
                assertThat(offsets(bootstrap, "simple"))
                        .containsEntry(new TopicPartition(TOPIC, 2), new OffsetAndMetadata(17, "a note"))
                        .containsEntry(new TopicPartition(TOPIC, 3), new OffsetAndMetadata(18));
                assertThat(Clients.readAll(bootstrap, TOPIC, PARTITIONS)).hasSize(500);
                produce(bootstrap, 500, 100);
                for (String group : List.of("finished", "new", "modern")) {
                    consume(bootstrap, group, "classic", 100);
                }
                assertThat(kafka.output()).doesNotContain("ERROR");
                kafka.terminate();
            }
        }
    }

    private static void createTopic(String bootstrap) throws Exception {
        try (Admin admin = Clients.admin(bootstrap)) {
            admin.createTopics(List.of(new NewTopic(TOPIC, PARTITIONS, (short) 1)))
                    .all()
                    .get(60, TimeUnit.SECONDS);
        }
    }

    private static void produce(String bootstrap, int from, int count) {
        try (KafkaProducer<byte[], byte[]> producer = Clients.producer(bootstrap, Map.of())) {
            for (int i = from; i < from + count; i++) {
                producer.send(
                        new ProducerRecord<>(TOPIC, i % PARTITIONS, null, ("v" + i).getBytes(StandardCharsets.UTF_8)));
            }
        }
    }

    /** A member reads so many records that its group has not read before, commits them and leaves. */
    private static void consume(String bootstrap, String group, String protocol, int count) {
        Map<String, Object> settings = Map.of(
                "bootstrap.servers", bootstrap,
                "group.id", group,
                "group.protocol", protocol,
                "auto.offset.reset", "earliest",
                "enable.auto.commit", "false");
        try (KafkaConsumer<byte[], byte[]> consumer =
                new KafkaConsumer<>(settings, new ByteArrayDeserializer(), new ByteArrayDeserializer())) {
            consumer.subscribe(Set.of(TOPIC));
            int[] read = {0};
            await(group + " reads " + count)
                    .atMost(60, TimeUnit.SECONDS)
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

    private static void commit(String bootstrap, String group, int partition, long offset, String note)
            throws Exception {
        try (Admin admin = Clients.admin(bootstrap)) {
            admin.alterConsumerGroupOffsets(
                            group, Map.of(new TopicPartition(TOPIC, partition), new OffsetAndMetadata(offset, note)))
                    .all()
                    .get(60, TimeUnit.SECONDS);
        }
    }

    private static Map<TopicPartition, OffsetAndMetadata> offsets(String bootstrap, String group) throws Exception {
        try (Admin admin = Clients.admin(bootstrap)) {
            Map<TopicPartition, OffsetAndMetadata> known = new HashMap<>();
            // the leader epoch is no part of what is compared
            admin.listConsumerGroupOffsets(group)
                    .partitionsToOffsetAndMetadata()
                    .get(60, TimeUnit.SECONDS)
                    .forEach((partition, offset) ->
                            known.put(partition, new OffsetAndMetadata(offset.offset(), offset.metadata())));
            return known;
        }
    }

    private static long sum(Map<TopicPartition, OffsetAndMetadata> offsets) {
        return offsets.values().stream().mapToLong(OffsetAndMetadata::offset).sum();
    }

    /** Ids and types. */
    private static Map<String, String> groups(String bootstrap) throws Exception {
        try (Admin admin = Clients.admin(bootstrap)) {
            Map<String, String> types = new TreeMap<>();
            for (GroupListing group : admin.listGroups().all().get(60, TimeUnit.SECONDS)) {
                types.put(group.groupId(), group.type().map(Object::toString).orElse("?"));
            }
            return types;
        }
    }

    private static void switchOn(String bootstrap, short level, FeatureUpdate.UpgradeType type) throws Exception {
        try (Admin admin = Clients.admin(bootstrap)) {
            admin.updateFeatures(Map.of("group.version", new FeatureUpdate(level, type)), new UpdateFeaturesOptions())
                    .all()
                    .get(60, TimeUnit.SECONDS);
        }
    }

    private static int freePort() throws Exception {
        try (ServerSocket socket = new ServerSocket(0, 1, InetAddress.getLoopbackAddress())) {
            return socket.getLocalPort();
        }
    }
}
