package io.barnabas.system.tests;

import static org.assertj.core.api.Assertions.assertThat;

import io.barnabas.runtime.loop.SeededRandom;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.TimeUnit;
import org.apache.kafka.clients.consumer.ConsumerRecord;
import org.apache.kafka.clients.producer.KafkaProducer;
import org.apache.kafka.clients.producer.ProducerRecord;
import org.junit.jupiter.api.DisplayName;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** What was acknowledged is there, once and in order, however the process ends (I1, I2, I3; LOG-11, LOG-19, PROD-23, PROD-31). */
class KillAndRestartTest {
    private static final int PARTITIONS = 3;

    @TempDir
    Path directory;

    @Test
    @DisplayName(
            "kill -9 while an idempotent producer writes: nothing acknowledged is lost, nothing doubled, order kept")
    void killedWhileWriting() throws Exception {
        var random = SeededRandom.fresh();
        Map<String, Long> acknowledged = new ConcurrentHashMap<>();
        int sent = 0;
        int port;
        try (LiveBroker first = LiveBroker.start(directory, Map.of("num.partitions", "" + PARTITIONS))) {
            port = first.port();
        }
        // the same port again, so that the producer that lives through the crashes finds the broker
        Map<String, String> settings =
                Map.of("num.partitions", "" + PARTITIONS, "listeners", "PLAINTEXT://127.0.0.1:" + port);
        String bootstrap = "127.0.0.1:" + port;
        LiveBroker broker = LiveBroker.start(directory, settings);
        try (KafkaProducer<byte[], byte[]> producer =
                Clients.producer(bootstrap, Map.of("linger.ms", 1, "retry.backoff.ms", 20, "batch.size", 4096))) {
            for (int round = 0; round < 4; round++) {
                int until = sent + 3_000 + random.nextInt(2_000);
                for (; sent < until; sent++) {
                    String value = "record-" + sent;
                    producer.send(
                            new ProducerRecord<>("crash", sent % PARTITIONS, null, bytes(value)),
                            (metadata, failure) -> {
                                if (failure == null) {
                                    acknowledged.put(value, metadata.offset());
                                }
                            });
                }
                broker.kill();
                broker = LiveBroker.start(directory, settings);
            }
            producer.flush();
        }
        List<ConsumerRecord<byte[], byte[]>> stored = Clients.readAll(bootstrap, "crash", PARTITIONS);
        broker.close();

        Map<String, Long> offsets = new HashMap<>();
        Map<Integer, Integer> lastInPartition = new HashMap<>();
        for (ConsumerRecord<byte[], byte[]> record : stored) {
            String value = new String(record.value(), StandardCharsets.UTF_8);
            assertThat(offsets.put(value, record.offset()))
                    .as("%s stored twice, %s", value, random)
                    .isNull();
            int number = Integer.parseInt(value.substring("record-".length()));
            assertThat(number)
                    .as("order within a partition, %s", random)
                    .isGreaterThan(lastInPartition.getOrDefault(record.partition(), -1));
            lastInPartition.put(record.partition(), number);
        }
        assertThat(acknowledged).as("%s", random).isNotEmpty();
        acknowledged.forEach((value, offset) ->
                assertThat(offsets.get(value)).as("%s, %s", value, random).isEqualTo(offset));
    }

    @Test
    @DisplayName("SIGTERM ends with exit code 143 or 0, and everything is there after the next start")
    void terminated() throws Exception {
        LiveBroker broker = LiveBroker.start(directory, Map.of());
        try (KafkaProducer<byte[], byte[]> producer = Clients.producer(broker.bootstrap(), Map.of())) {
            for (int i = 0; i < 1_000; i++) {
                producer.send(new ProducerRecord<>("orderly", bytes("k" + i), bytes("v" + i)));
            }
            producer.flush();
        }
        assertThat(broker.terminate()).isIn(0, 143);
        assertThat(directory.resolve("data/.kafka_cleanshutdown")).exists();

        try (LiveBroker again = LiveBroker.start(directory, Map.of())) {
            assertThat(directory.resolve("data/.kafka_cleanshutdown")).doesNotExist();
            assertThat(Clients.readAll(again.bootstrap(), "orderly", 1)).hasSize(1_000);
            try (KafkaProducer<byte[], byte[]> producer = Clients.producer(again.bootstrap(), Map.of())) {
                var next = producer.send(new ProducerRecord<>("orderly", bytes("next")))
                        .get(30, TimeUnit.SECONDS);
                assertThat(next.offset()).isEqualTo(1_000);
            }
        }
    }

    private static byte[] bytes(String text) {
        return text.getBytes(StandardCharsets.UTF_8);
    }
}
