package io.barnabas.coordination.control;

import io.barnabas.model.Refusal;
import io.barnabas.model.TopicPartition;

/** @param refusal null if it was done */
public record PartitionResult(TopicPartition partition, Refusal refusal) {
    public boolean isDone() {
        return refusal == null;
    }
}
