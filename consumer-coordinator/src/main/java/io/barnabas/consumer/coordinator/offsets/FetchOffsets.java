package io.barnabas.consumer.coordinator.offsets;

import io.barnabas.model.Refusal;
import io.barnabas.model.TopicPartition;
import java.util.List;
import java.util.Map;

/**
 * Where has a group got to?
 *
 * @param memberId      null if the request does not say (before version 9)
 * @param memberEpoch   -1 if the request does not say
 * @param partitions    null for all that have an offset
 * @param requireStable whether a pending transaction's offset is to be waited for (GROUP-22)
 */
public record FetchOffsets(
        String groupId, String memberId, int memberEpoch, List<TopicPartition> partitions, boolean requireStable) {

    /**
     * @param error     of the group as a whole; null if the positions are told
     * @param positions of every partition that was asked for
     */
    public record Answer(Refusal.Reason error, Map<TopicPartition, Position> positions) {}

    /**
     * @param error    UNSTABLE_OFFSET_COMMIT, or null
     * @param offset   -1 if nothing is committed (GROUP-23)
     * @param metadata never null
     */
    public record Position(Refusal.Reason error, long offset, int leaderEpoch, String metadata) {
        public static final Position NOTHING = new Position(null, -1, -1, "");
        public static final Position UNSTABLE = new Position(Refusal.Reason.UNSTABLE_OFFSET_COMMIT, -1, -1, "");
    }
}
