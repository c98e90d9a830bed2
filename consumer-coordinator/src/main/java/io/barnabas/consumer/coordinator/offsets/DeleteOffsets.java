package io.barnabas.consumer.coordinator.offsets;

import io.barnabas.model.Refusal;
import io.barnabas.model.TopicPartition;
import java.util.List;
import java.util.Map;

/** Forgets what a group has committed for some partitions (KIP-496). */
public record DeleteOffsets(String groupId, List<TopicPartition> partitions) {
    public DeleteOffsets {
        partitions = List.copyOf(partitions);
    }

    /**
     * @param error   of the group as a whole; null if each partition has its own fate
     * @param refused partitions whose offset stays, each with its reason
     */
    public record Answer(Refusal.Reason error, Map<TopicPartition, Refusal.Reason> refused) {}
}
