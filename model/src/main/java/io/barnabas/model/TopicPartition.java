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

    private static final int SPREAD = 0x9E3779B1;

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

    /** Spreads topics of similar names far apart: as the components alone would have it, their partitions share hashes. */
    @Override
    public int hashCode() {
        return topic.hashCode() * SPREAD + partition;
    }

    /** {@code topic-partition}, as the partition's directory is named. */
    @Override
    public String toString() {
        return topic + "-" + partition;
    }
}
