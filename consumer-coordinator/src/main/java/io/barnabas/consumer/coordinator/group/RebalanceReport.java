package io.barnabas.consumer.coordinator.group;

import java.util.Objects;

/**
 * One rebalance that is over: what set it off and how long the group was without a settled assignment.
 *
 * @param atMs              when it was over, in milliseconds since 1970
 * @param generationOrEpoch the generation of the classic protocol, or the group epoch of the consumer protocol, that it led to
 * @param reason            for a person to read; what the client gave as its reason may be part of it
 * @param memberId          of the member that set it off; null if it was none
 * @param durationMs        from what set it off to the end, on the monotonic clock
 * @param members           of the group afterwards
 */
public record RebalanceReport(
        String groupId,
        long atMs,
        int generationOrEpoch,
        String reason,
        String memberId,
        long durationMs,
        int members) {
    public RebalanceReport {
        Objects.requireNonNull(groupId, "groupId");
        Objects.requireNonNull(reason, "reason");
    }
}
