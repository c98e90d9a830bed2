package io.barnabas.coordination.control;

import java.util.List;
import java.util.Objects;
import java.util.UUID;

/** A topic and its partitions; in a change, only those that changed. */
public record TopicInfo(String name, UUID topicId, List<PartitionInfo> partitions) {
    public TopicInfo {
        Objects.requireNonNull(name, "name");
        Objects.requireNonNull(topicId, "topicId");
        partitions = List.copyOf(partitions);
    }
}
