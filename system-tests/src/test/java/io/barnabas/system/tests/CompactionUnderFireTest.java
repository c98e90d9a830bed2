package io.barnabas.system.tests;

import static org.assertj.core.api.Assertions.assertThat;

import io.barnabas.runtime.loop.SeededRandom;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import java.util.concurrent.TimeUnit;
import org.apache.kafka.clients.admin.Admin;
import org.apache.kafka.clients.admin.NewTopic;
import org.apache.kafka.clients.consumer.ConsumerRecord;
import org.apache.kafka.clients.producer.KafkaProducer;
import org.apache.kafka.clients.producer.ProducerRecord;
import org.awaitility.Awaitility;
import org.junit.jupiter.api.DisplayName;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** A broker that compacts all the time, real clients, and kill -9. */
class CompactionUnderFireTest {
    private static final String TOPIC = "table";
    private static final int KEYS = 40;

    @TempDir
    Path directory;

    @Test
    @DisplayName(
            "a table kept in a compacted topic survives kill -9 in the middle of compactions (LOG-34, LOG-37; FAULT-32)")
    void tableSurvives() throws Exception {
        SeededRandom random = SeededRandom.fresh();
        Map<String, String> settings = Map.of("log.cleaner.backoff.ms", "1", "log.cleaner.threads", "2");
        Map<String, String> table = new TreeMap<>();
        int sent = 0;
        LiveBroker broker = LiveBroker.start(directory, settings);
        try {
            try (Admin admin = Clients.admin(broker.bootstrap())) {
                NewTopic topic = new NewTopic(TOPIC, 1, (short) 1)
                        .configs(Map.of(
                                "cleanup.policy", "compact",
                                "segment.bytes", "4000",
                                "min.cleanable.dirty.ratio", "0.01"));
                admin.createTopics(List.of(topic)).all().get(30, TimeUnit.SECONDS);
            }
            for (int round = 0; round < 4; round++) {
                try (KafkaProducer<byte[], byte[]> producer = Clients.producer(
                        broker.bootstrap(),
                        Map.of(
                                "linger.ms",
                                1,
                                "batch.size",
                                500,
                                "compression.type",
                                round % 2 == 0 ? "none" : "lz4"))) {
                    for (int i = 0; i < 1_500; i++, sent++) {
                        String key = "k" + random.nextInt(KEYS);
                        String value = random.nextInt(5) == 0 ? null : "value " + sent;
                        producer.send(new ProducerRecord<>(TOPIC, bytes(key), bytes(value)));
                        table.put(key, value == null ? "" : value);
                    }
                    producer.flush();
                }
                broker.kill();
                broker = LiveBroker.start(directory, settings);
                assertThat(read(broker)).as("%s, round %d", random, round).isEqualTo(valuesOf(table));
            }
            LiveBroker last = broker;
            Awaitility.await()
                    .atMost(60, TimeUnit.SECONDS)
                    .until(() ->
                            Clients.readPartition(last.bootstrap(), TOPIC, 0).size() < 500);
            assertThat(read(broker)).as("%s", random).isEqualTo(valuesOf(table));
        } finally {
            broker.close();
        }
    }

    private static Map<String, String> read(LiveBroker broker) {
        Map<String, String> read = new TreeMap<>();
        for (ConsumerRecord<byte[], byte[]> record : Clients.readPartition(broker.bootstrap(), TOPIC, 0)) {
            read.put(text(record.key()), record.value() == null ? "" : text(record.value()));
        }
        return valuesOf(read);
    }

    private static Map<String, String> valuesOf(Map<String, String> table) {
        Map<String, String> values = new TreeMap<>(table);
        values.values().removeIf(String::isEmpty);
        return values;
    }

    private static byte[] bytes(String text) {
        return text == null ? null : text.getBytes(StandardCharsets.UTF_8);
    }

    private static String text(byte[] bytes) {
        return new String(bytes, StandardCharsets.UTF_8);
    }
}
