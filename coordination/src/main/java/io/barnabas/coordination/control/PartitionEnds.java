package io.barnabas.coordination.control;

import io.barnabas.model.TopicPartition;
import java.util.Objects;

/**
 * How far the log of a partition reaches at its leader.
 *
 * @param startOffset the first that may be read
 * @param endOffset   the high watermark; exclusive
 */
public record PartitionEnds(TopicPartition partition, long startOffset, long endOffset) {
    public PartitionEnds {
        Objects.requireNonNull(partition, "partition");
    }
}
