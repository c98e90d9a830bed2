package io.barnabas.consumer.coordinator.journal;

import java.util.List;
import java.util.UUID;

/** Some partitions of one topic. */
public record TopicPartitions(UUID topicId, List<Integer> partitions) {
    public TopicPartitions {
        partitions = List.copyOf(partitions);
    }
}
