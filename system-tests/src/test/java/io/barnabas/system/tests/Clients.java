package io.barnabas.system.tests;

import java.time.Duration;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.stream.IntStream;
import org.apache.kafka.clients.admin.Admin;
import org.apache.kafka.clients.consumer.ConsumerRecord;
import org.apache.kafka.clients.consumer.KafkaConsumer;
import org.apache.kafka.clients.producer.KafkaProducer;
import org.apache.kafka.common.TopicPartition;
import org.apache.kafka.common.serialization.ByteArrayDeserializer;
import org.apache.kafka.common.serialization.ByteArraySerializer;

/** Real Kafka clients with their default settings, except for what a test says. */
public final class Clients {
    private Clients() {}

    public static Admin admin(String bootstrap) {
        return Admin.create(Map.of("bootstrap.servers", bootstrap));
    }

    /** Whose calls fail when they have lasted so long. */
    public static Admin admin(String bootstrap, Duration patience) {
        String millis = String.valueOf(patience.toMillis());
        return Admin.create(
                Map.of("bootstrap.servers", bootstrap, "default.api.timeout.ms", millis, "request.timeout.ms", millis));
    }

    public static KafkaProducer<byte[], byte[]> producer(String bootstrap, Map<String, Object> settings) {
        Map<String, Object> all = new HashMap<>(settings);
        all.put("bootstrap.servers", bootstrap);
        return new KafkaProducer<>(all, new ByteArraySerializer(), new ByteArraySerializer());
    }

    public static KafkaConsumer<byte[], byte[]> consumer(String bootstrap) {
        return new KafkaConsumer<>(
                Map.of("bootstrap.servers", bootstrap), new ByteArrayDeserializer(), new ByteArrayDeserializer());
    }

    /** Every record of one partition from its earliest to its present end, in order. */
    public static List<ConsumerRecord<byte[], byte[]>> readPartition(String bootstrap, String topic, int partition) {
        return read(bootstrap, List.of(new TopicPartition(topic, partition)));
    }

    /** Every record of the topic from its earliest to its present end, partition by partition, in order. */
    public static List<ConsumerRecord<byte[], byte[]>> readAll(String bootstrap, String topic, int partitions) {
        return read(
                bootstrap,
                IntStream.range(0, partitions)
                        .mapToObj(partition -> new TopicPartition(topic, partition))
                        .toList());
    }

    private static List<ConsumerRecord<byte[], byte[]>> read(String bootstrap, List<TopicPartition> partitions) {
        Map<TopicPartition, List<ConsumerRecord<byte[], byte[]>>> records = new HashMap<>();
        try (KafkaConsumer<byte[], byte[]> consumer = consumer(bootstrap)) {
            Map<TopicPartition, Long> ends = consumer.endOffsets(partitions);
            consumer.assign(partitions);
            consumer.seekToBeginning(partitions);
            while (partitions.stream().anyMatch(partition -> consumer.position(partition) < ends.get(partition))) {
                for (ConsumerRecord<byte[], byte[]> record : consumer.poll(Duration.ofSeconds(1))) {
                    var partition = new TopicPartition(record.topic(), record.partition());
                    records.computeIfAbsent(partition, first -> new ArrayList<>())
                            .add(record);
                }
            }
        }
        return partitions.stream()
                .flatMap(partition -> records.getOrDefault(partition, List.of()).stream())
                .toList();
    }
}
