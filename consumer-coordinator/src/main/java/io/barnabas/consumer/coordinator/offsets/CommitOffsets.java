package io.barnabas.consumer.coordinator.offsets;

import io.barnabas.model.Refusal;
import io.barnabas.model.TopicPartition;
import io.barnabas.runtime.replicated.Journal;
import java.util.List;
import java.util.Map;
import java.util.UUID;

/**
 * A group has got so far. Topics that do not exist are refused before they come here.
 *
 * @param memberId           "" with {@code generationOrEpoch} -1 for a consumer that manages its partitions itself
 * @param groupInstanceId    null for a dynamic member
 * @param retentionMs        asked for by old clients (version 2 to 4); -1 for none
 * @param producerId         of the transaction this is part of, {@link Journal#NO_PRODUCER} for none
 */
public record CommitOffsets(
        String groupId,
        String memberId,
        String groupInstanceId,
        int generationOrEpoch,
        short apiVersion,
        long retentionMs,
        long producerId,
        short producerEpoch,
        List<Position> positions) {
    public CommitOffsets {
        positions = List.copyOf(positions);
    }

    /**
     * @param leaderEpoch -1 if unknown
     * @param metadata    never null
     */
    public record Position(TopicPartition partition, UUID topicId, long offset, int leaderEpoch, String metadata) {}

    /**
     * @param error   of all positions alike; null if each has its own fate
     * @param refused positions that were not committed, each with its reason; those that are missing were
     */
    public record Answer(Refusal.Reason error, Map<TopicPartition, Refusal.Reason> refused) {
        public static final Answer COMMITTED = new Answer(null, Map.of());

        public Answer {
            refused = Map.copyOf(refused);
        }
    }
}
