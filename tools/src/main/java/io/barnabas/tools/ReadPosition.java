package io.barnabas.tools;

import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import org.apache.kafka.clients.consumer.Consumer;
import org.apache.kafka.common.PartitionInfo;
import org.apache.kafka.common.TopicPartition;

/**
 * Which partitions are read without a group, and from where.
 *
 * @param topic     a topic, or null if {@code include} says which
 * @param include   a regular expression, or null
 * @param partition the only one, or null for all
 * @param offset    a number, {@link #EARLIEST} or {@link #LATEST}
 */
record ReadPosition(String topic, String include, Integer partition, long offset) {
    static final long EARLIEST = -2;
    static final long LATEST = -1;

    /** @throws ToolFailure if there is no such topic or partition */
    void assign(Consumer<byte[], byte[]> consumer) {
        List<TopicPartition> partitions = partitions(consumer);
        consumer.assign(partitions);
        if (offset == EARLIEST) {
            consumer.seekToBeginning(partitions);
        } else if (offset == LATEST) {
            consumer.seekToEnd(partitions);
            // looked up now, so that records which come from here on are seen
            partitions.forEach(consumer::position);
        } else {
            consumer.seek(partitions.get(0), offset);
        }
    }

    private List<TopicPartition> partitions(Consumer<byte[], byte[]> consumer) {
        Map<String, List<PartitionInfo>> topics = new TreeMap<>();
        if (include != null) {
            TopicNames names = TopicNames.matching(include);
            consumer.listTopics().forEach((name, partitions) -> {
                if (names.include(name) && !name.startsWith("__")) {
                    topics.put(name, partitions);
                }
            });
        } else {
            List<PartitionInfo> known = consumer.partitionsFor(topic);
            if (known != null && !known.isEmpty()) {
                topics.put(topic, known);
            }
        }
        if (topics.isEmpty()) {
            throw new ToolFailure("there is no topic '" + (topic == null ? include : topic) + "'");
        }
        List<TopicPartition> partitions = topics.values().stream()
                .flatMap(List::stream)
                .filter(info -> partition == null || info.partition() == partition)
                .map(info -> new TopicPartition(info.topic(), info.partition()))
                .toList();
        if (partitions.isEmpty()) {
            throw new ToolFailure("topic '" + topic + "' has no partition " + partition);
        }
        return partitions;
    }
}
