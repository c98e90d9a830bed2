package io.barnabas.consumer.coordinator.group;

import io.barnabas.consumer.coordinator.journal.TopicPartitions;
import io.barnabas.model.Refusal;
import java.util.List;

/**
 * The one request of the consumer protocol (KIP-848): joins, tells what is owned, learns what to own, leaves. Fields that a member does not
 * repeat are null or -1.
 *
 * @param apiVersion            decides whether the member brings its own id (1 on)
 * @param memberEpoch           {@link #JOINING}, -1 to leave, -2 to leave for a while as a static member
 * @param instanceId            null for a dynamic member, or unchanged
 * @param rebalanceTimeoutMs    -1 if unchanged
 * @param subscribedTopicNames  null if unchanged
 * @param subscribedTopicRegex  null if unchanged, "" for none
 * @param serverAssignor        null if unchanged or none wished for
 * @param owned                 null if unchanged
 */
public record ConsumerHeartbeat(
        short apiVersion,
        String groupId,
        String memberId,
        int memberEpoch,
        String instanceId,
        String rackId,
        int rebalanceTimeoutMs,
        List<String> subscribedTopicNames,
        String subscribedTopicRegex,
        String serverAssignor,
        List<TopicPartitions> owned,
        String clientId,
        String clientHost) {
    /** Member epoch of one that is no member yet, or no longer. */
    public static final int JOINING = 0;

    /**
     * @param error               null if the member may go on
     * @param message             for a person; null where the error says it all
     * @param memberId            null with an error
     * @param heartbeatIntervalMs when to come again
     * @param assignment          null if it has not changed as far as the member needs to know
     */
    public record Answer(
            Refusal.Reason error,
            String message,
            String memberId,
            int memberEpoch,
            int heartbeatIntervalMs,
            List<TopicPartitions> assignment) {
        public static Answer refused(Refusal.Reason error, String message) {
            return new Answer(error, message, null, 0, 0, null);
        }
    }
}
