package io.barnabas.consumer.coordinator.group;

import io.barnabas.model.Refusal;
import java.util.Map;

/**
 * A member asks for its part of the generation; the leader brings everybody's.
 *
 * @param protocolType null before version 5
 * @param protocolName null before version 5
 * @param assignments  by member id; empty from all but the leader
 */
public record SyncGroup(
        String groupId,
        int generationId,
        String memberId,
        String groupInstanceId,
        String protocolType,
        String protocolName,
        Map<String, byte[]> assignments) {

    /** @param error null if {@code assignment} is the member's */
    public record Answer(Refusal.Reason error, String protocolType, String protocolName, byte[] assignment) {
        private static final byte[] NOTHING = {};

        public static Answer refused(Refusal.Reason error) {
            return new Answer(error, null, null, NOTHING);
        }
    }
}
