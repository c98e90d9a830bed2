package io.barnabas.system.tests.faults;

import java.time.Duration;
import java.util.HashMap;
import java.util.Map;
import java.util.stream.IntStream;
import org.apache.kafka.clients.consumer.ConsumerRecord;
import org.apache.kafka.clients.consumer.KafkaConsumer;
import org.apache.kafka.common.TopicPartition;
import org.apache.kafka.common.serialization.ByteArrayDeserializer;

/** Reads all partitions by assignment from the beginning; every record comes once and in order, and its position never moves by itself. */
final class LoadReader implements AutoCloseable {
    private final RecordHistory history;
    private final KafkaConsumer<byte[], byte[]> consumer;
    private final Thread thread;

    private volatile boolean ending;
    private volatile Throwable failure;

    LoadReader(String bootstrap, String topic, int partitions, RecordHistory history) {
        this.history = history;
        consumer = new KafkaConsumer<>(
                Map.of("bootstrap.servers", bootstrap, "auto.offset.reset", "none"),
                new ByteArrayDeserializer(),
                new ByteArrayDeserializer());
        var all = IntStream.range(0, partitions)
                .mapToObj(partition -> new TopicPartition(topic, partition))
                .toList();
        consumer.assign(all);
        all.forEach(partition -> consumer.seek(partition, 0));
        thread = new Thread(this::work, "load-reader");
        thread.start();
    }

    private void work() {
        Map<Integer, Long> next = new HashMap<>();
        try {
            while (!ending) {
                for (ConsumerRecord<byte[], byte[]> record : consumer.poll(Duration.ofMillis(100))) {
                    history.read(record);
                    Long expected = next.put(record.partition(), record.offset() + 1);
                    if (record.offset() != (expected == null ? 0 : expected)) {
                        history.breach(
                                "partition %d: the reader got %d after %d",
                                record.partition(), record.offset(), expected);
                    }
                }
            }
        } catch (RuntimeException e) {
            failure = e;
        } finally {
            consumer.close(org.apache.kafka.clients.consumer.CloseOptions.timeout(Duration.ZERO));
        }
    }

    Throwable failure() {
        return failure;
    }

    @Override
    public void close() throws InterruptedException {
        ending = true;
        thread.join();
    }
}
