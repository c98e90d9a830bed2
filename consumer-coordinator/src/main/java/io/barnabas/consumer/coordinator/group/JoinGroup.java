package io.barnabas.consumer.coordinator.group;

import io.barnabas.model.Refusal;
import java.util.List;

/**
 * A member of the classic protocol wants into the next generation.
 *
 * @param memberId         "" if it has none yet
 * @param groupInstanceId  null for a dynamic member
 * @param needsKnownId     whether a new dynamic member is first given an id to come back with (version 4 on)
 * @param canSkip          whether a leader may be told that no assignment is asked of it (version 9 on)
 * @param protocols        in the member's order of preference
 * @param reason           for people; null if not given
 */
public record JoinGroup(
        String groupId,
        String memberId,
        String groupInstanceId,
        String clientId,
        String clientHost,
        boolean needsKnownId,
        boolean canSkip,
        int sessionTimeoutMs,
        int rebalanceTimeoutMs,
        String protocolType,
        List<Protocol> protocols,
        String reason) {
    public JoinGroup {
        protocols = List.copyOf(protocols);
    }

    /** @param metadata the member's subscription, opaque but for the type "consumer"; not to be changed */
    public record Protocol(String name, byte[] metadata) {}

    /**
     * @param error        null if it has joined
     * @param protocolName null if there is none
     * @param leader       "" if there is none
     * @param members      of the generation, for its leader alone
     */
    public record Answer(
            Refusal.Reason error,
            String memberId,
            int generationId,
            String protocolType,
            String protocolName,
            String leader,
            boolean skipAssignment,
            List<Member> members) {
        public Answer {
            members = List.copyOf(members);
        }

        public static Answer refused(Refusal.Reason error, String memberId) {
            return new Answer(error, memberId, -1, null, null, "", false, List.of());
        }
    }

    /** @param groupInstanceId null for a dynamic member */
    public record Member(String memberId, String groupInstanceId, byte[] metadata) {}
}
