package io.barnabas.consumer.coordinator.group;

import io.barnabas.model.Refusal;

/** A member of the classic protocol is alive. */
public record GroupHeartbeat(String groupId, int generationId, String memberId, String groupInstanceId) {
    /** @param error null if all is well */
    public record Answer(Refusal.Reason error) {
        public static final Answer OK = new Answer(null);
    }
}
