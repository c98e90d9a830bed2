package io.barnabas.coordination.control;

import java.util.List;
import java.util.Objects;
import java.util.UUID;

/**
 * A topic and its partitions: all of them, or in a {@link ClusterChange} those that changed.
 *
 * @param topicId never {@link io.barnabas.model.TopicIds#ZERO}
 */
public record TopicInfo(String name, UUID topicId, List<PartitionInfo> partitions) {
    public TopicInfo {
        Objects.requireNonNull(name, "name");
        Objects.requireNonNull(topicId, "topicId");
        partitions = List.copyOf(partitions);
    }
}
