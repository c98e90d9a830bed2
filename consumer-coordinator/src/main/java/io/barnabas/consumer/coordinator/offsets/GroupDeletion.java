package io.barnabas.consumer.coordinator.offsets;

import io.barnabas.model.Refusal;

/** Forgets a group without members: its records and all its offsets, in one batch (GROUP-25). */
public record GroupDeletion(String groupId) {
    /** @param error null if the group is gone */
    public record Answer(Refusal.Reason error) {
        public static final Answer DELETED = new Answer(null);
    }
}
