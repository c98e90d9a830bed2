package io.barnabas.system.tests;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import java.io.IOException;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.concurrent.ExecutionException;
import org.apache.kafka.clients.admin.Admin;
import org.apache.kafka.clients.admin.NewTopic;
import org.apache.kafka.clients.consumer.KafkaConsumer;
import org.apache.kafka.clients.consumer.OffsetAndMetadata;
import org.apache.kafka.clients.producer.KafkaProducer;
import org.apache.kafka.clients.producer.ProducerRecord;
import org.apache.kafka.common.TopicPartition;
import org.apache.kafka.common.serialization.ByteArrayDeserializer;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.DisplayName;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.TestInstance;
import org.junit.jupiter.api.io.TempDir;

/** Real consumers that stop, stall, fall behind and go back, and what a broker's HTTP endpoints say of them. */
@TestInstance(TestInstance.Lifecycle.PER_CLASS)
class LagVerdictsTest {
    private static final Duration PATIENCE = Duration.ofSeconds(60);
    private static final int WINDOW = 3;
    private static final long RECORD_AGE_MS = 60_000;

    private final HttpClient http = HttpClient.newHttpClient();
    private LiveBroker broker;
    private KafkaProducer<byte[], byte[]> producer;

    @BeforeAll
    void start(@TempDir Path directory) throws Exception {
        broker = LiveBroker.start(
                directory,
                Map.of(
                        "http.listeners", "http://127.0.0.1:0",
                        "barnabas.lag.window.commits", String.valueOf(WINDOW),
                        "barnabas.lag.window.spacing.ms", "0",
                        "barnabas.lag.stop.least.ms", "1500",
                        "barnabas.lag.sample.interval.ms", "50",
                        "group.initial.rebalance.delay.ms", "0"));
        producer = Clients.producer(broker.bootstrap(), Map.of());
    }

    @AfterAll
    void stop() throws InterruptedException {
        if (producer != null) {
            producer.close();
        }
        if (broker != null) {
            broker.close();
        }
    }

    private TopicPartition topic(String name, int records) throws ExecutionException, InterruptedException {
        try (Admin admin = Clients.admin(broker.bootstrap())) {
            admin.createTopics(List.of(new NewTopic(name, 1, (short) 1))).all().get();
        }
        produce(name, records);
        return new TopicPartition(name, 0);
    }

    /** Records that are a minute old by their timestamps. */
    private void produce(String topic, int records) throws ExecutionException, InterruptedException {
        for (int i = 0; i < records; i++) {
            producer.send(new ProducerRecord<>(
                            topic, 0, System.currentTimeMillis() - RECORD_AGE_MS, null, new byte[100]))
                    .get();
        }
    }

    private KafkaConsumer<byte[], byte[]> consumer(String group) {
        return new KafkaConsumer<>(
                Map.of(
                        "bootstrap.servers",
                        broker.bootstrap(),
                        "group.id",
                        group,
                        "enable.auto.commit",
                        "false",
                        "auto.offset.reset",
                        "earliest"),
                new ByteArrayDeserializer(),
                new ByteArrayDeserializer());
    }

    private static void commit(KafkaConsumer<byte[], byte[]> consumer, TopicPartition partition, long offset) {
        consumer.commitSync(Map.of(partition, new OffsetAndMetadata(offset)));
    }

    private JsonNode get(String path) {
        try {
            HttpResponse<String> answer = http.send(
                    HttpRequest.newBuilder(URI.create("http://" + broker.http() + path))
                            .build(),
                    HttpResponse.BodyHandlers.ofString());
            return new ObjectMapper().readTree(answer.body());
        } catch (IOException failed) {
            throw new AssertionError(path, failed);
        } catch (InterruptedException interrupted) {
            Thread.currentThread().interrupt();
            throw new AssertionError(interrupted);
        }
    }

    private JsonNode partition(String group) {
        return get("/v1/groups/" + group).path("partitions").path(0);
    }

    private void assertBurrowSays(String group, String ofGroup, String ofPartition) {
        JsonNode status = get("/v3/kafka/local/consumer/" + group + "/lag").path("status");
        assertThat(status.path("status").asText()).isEqualTo(ofGroup);
        assertThat(status.path("partitions").path(0).path("status").asText()).isEqualTo(ofPartition);
    }

    @Test
    @DisplayName("a consumer that stops committing with records left is stopped, and OK again when it goes on")
    void stopped() throws Exception {
        TopicPartition orders = topic("stopped", 10);
        try (KafkaConsumer<byte[], byte[]> consumer = consumer("stopper")) {
            commit(consumer, orders, 4);

            await().atMost(PATIENCE)
                    .until(() ->
                            "STOP".equals(partition("stopper").path("status").asText()));
            JsonNode group = get("/v1/groups/stopper");
            assertThat(group.path("status").asText()).isEqualTo("ERR");
            assertThat(group.path("totalLag").asLong()).isEqualTo(6);
            assertThat(group.path("worst").path("committedOffset").asLong()).isEqualTo(4);
            assertThat(group.path("worst").path("logEndOffset").asLong()).isEqualTo(10);
            assertThat(group.path("worst").path("lagSeconds").asDouble()).isBetween(60.0, 600.0);
            assertBurrowSays("stopper", "ERR", "STOP");

            commit(consumer, orders, 10);

            assertThat(partition("stopper").path("status").asText()).isEqualTo("OK");
            assertThat(partition("stopper").path("lagSeconds").asDouble(-1)).isZero();
            assertBurrowSays("stopper", "OK", "OK");
        }
    }

    @Test
    @DisplayName("a consumer that commits the same offset over and over is stalled, and OK again when it gets on")
    void stalled() throws Exception {
        TopicPartition orders = topic("stalled", 10);
        try (KafkaConsumer<byte[], byte[]> consumer = consumer("staller")) {
            await().atMost(PATIENCE).until(() -> {
                commit(consumer, orders, 4);
                return "STALL".equals(partition("staller").path("status").asText());
            });
            await().atMost(PATIENCE).untilAsserted(() -> {
                commit(consumer, orders, 4);
                assertBurrowSays("staller", "ERR", "STALL");
            });

            commit(consumer, orders, 10);

            assertThat(partition("staller").path("status").asText()).isEqualTo("OK");
        }
    }

    @Test
    @DisplayName("a consumer whose offset went back is rewound, and OK again when it is back where it was")
    void rewound() throws Exception {
        TopicPartition orders = topic("rewound", 10);
        try (KafkaConsumer<byte[], byte[]> consumer = consumer("rewinder")) {
            await().atMost(PATIENCE).untilAsserted(() -> {
                commit(consumer, orders, 8);
                commit(consumer, orders, 3);
                assertThat(partition("rewinder").path("status").asText()).isEqualTo("REWIND");
                assertBurrowSays("rewinder", "ERR", "REWIND");
            });

            commit(consumer, orders, 10);

            assertThat(get("/v1/groups/rewinder").path("status").asText()).isEqualTo("OK");
        }
    }

    @Test
    @DisplayName("a consumer that gets on more slowly than its topic grows is warned of")
    void slow() throws Exception {
        TopicPartition orders = topic("slow", 10);
        try (KafkaConsumer<byte[], byte[]> consumer = consumer("slowcoach")) {
            long[] offset = {0};
            await().atMost(PATIENCE).untilAsserted(() -> {
                produce("slow", 3);
                commit(consumer, orders, ++offset[0]);
                assertThat(partition("slowcoach").path("status").asText()).isEqualTo("WARN");
                assertBurrowSays("slowcoach", "WARN", "WARN");
            });
        }
    }

    @Test
    @DisplayName("a group with members shows who reads what, and its rebalances")
    void members() throws Exception {
        topic("shared", 5);
        try (KafkaConsumer<byte[], byte[]> consumer = consumer("sharers")) {
            consumer.subscribe(List.of("shared"));
            await().atMost(PATIENCE).until(() -> {
                consumer.poll(Duration.ofMillis(100));
                return partition("sharers").path("member").isTextual();
            });
            consumer.commitSync();

            JsonNode group = get("/v1/groups/sharers");
            assertThat(group.path("state").asText()).isEqualTo("Stable");
            assertThat(group.path("type").asText()).isEqualTo("classic");
            assertThat(group.path("partitions").path(0).path("host").asText()).contains("127.0.0.1");
            assertThat(group.path("rebalances").path(0).path("members").asInt()).isEqualTo(1);
            assertThat(get("/v1/groups/sharers/rebalances").path("rebalances").size())
                    .isEqualTo(group.path("rebalances").size());
            assertThat(get("/v1/groups").findValuesAsText("group")).contains("sharers");
        }
    }

    @Test
    @DisplayName("the broker says that it lives and that it is ready")
    void health() {
        assertThat(get("/healthz").path("status").asText()).isEqualTo("ok");
        await().atMost(PATIENCE)
                .until(() -> "ready".equals(get("/readyz").path("status").asText()));
    }
}
