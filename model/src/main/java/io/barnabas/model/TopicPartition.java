package io.barnabas.model;

import java.util.Comparator;
import java.util.Objects;

/**
 * One ordered log of a topic.
 *
 * @param topic     name of the topic
 * @param partition number of the partition within the topic, from 0
 */
public record TopicPartition(String topic, int partition) implements Comparable<TopicPartition> {
    private static final Comparator<TopicPartition> ORDER =
            Comparator.comparing(TopicPartition::topic).thenComparingInt(TopicPartition::partition);

    public TopicPartition {
        Objects.requireNonNull(topic, "topic");
        if (partition < 0) {
            throw new IllegalArgumentException("negative partition " + partition + " of topic " + topic);
        }
    }

    @Override
    public int compareTo(TopicPartition other) {
        return ORDER.compare(this, other);
    }

    /** {@code topic-partition}, as the partition's directory is named. */
    @Override
    public String toString() {
        return topic + "-" + partition;
    }
}
