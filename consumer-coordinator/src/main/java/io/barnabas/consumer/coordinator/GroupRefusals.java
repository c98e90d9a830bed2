package io.barnabas.consumer.coordinator;

import io.barnabas.model.Refusal;

/** What clients are told where the log has refused or not decided a coordinator's records (GROUP-06). */
final class GroupRefusals {
    private GroupRefusals() {}

    static Refusal ofCommit(Refusal refusal) {
        return of(refusal, Refusal.Reason.INVALID_COMMIT_OFFSET_SIZE);
    }

    static Refusal ofGroup(Refusal refusal) {
        return of(refusal, Refusal.Reason.UNKNOWN_SERVER_ERROR);
    }

    /** Where a fetch has to wait, since what is committed is not known yet, consumers before Kafka 3.9 only know to look for another coordinator. */
    static Refusal ofFetch(Refusal refusal) {
        Refusal meant = ofGroup(refusal);
        return meant.reason() == Refusal.Reason.COORDINATOR_NOT_AVAILABLE
                ? new Refusal(Refusal.Reason.NOT_COORDINATOR, meant.message())
                : meant;
    }

    private static Refusal of(Refusal refusal, Refusal.Reason tooLarge) {
        return switch (refusal.reason()) {
            case NOT_ENOUGH_REPLICAS, NOT_ENOUGH_REPLICAS_AFTER_APPEND, UNKNOWN_TOPIC_OR_PARTITION, REQUEST_TIMED_OUT ->
                new Refusal(Refusal.Reason.COORDINATOR_NOT_AVAILABLE, refusal.message());
            case NOT_LEADER_OR_FOLLOWER, LEADER_NOT_AVAILABLE, FENCED_LEADER_EPOCH, STORAGE_ERROR ->
                new Refusal(Refusal.Reason.NOT_COORDINATOR, refusal.message());
            case MESSAGE_TOO_LARGE, RECORD_LIST_TOO_LARGE, INVALID_RECORD, CORRUPT_MESSAGE ->
                new Refusal(tooLarge, refusal.message());
            default -> refusal;
        };
    }
}
