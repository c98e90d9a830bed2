package io.barnabas.model;

import java.util.List;
import java.util.Objects;

/**
 * An expected no that the asker can act on. Refusals are return values; they become error codes of the wire in one place.
 *
 * @param reason       what kind of no
 * @param message      for a person; null where the reason says it all
 * @param recordErrors records of a batch that are to blame, in order; empty unless the reason is about single records
 */
public record Refusal(Reason reason, String message, List<RecordError> recordErrors) {
    public Refusal {
        Objects.requireNonNull(reason, "reason");
        recordErrors = List.copyOf(recordErrors);
    }

    public Refusal(Reason reason, String message) {
        this(reason, message, List.of());
    }

    public static Refusal of(Reason reason) {
        return new Refusal(reason, null, List.of());
    }

    /** One bad record of a batch: its index in the batch, and what is wrong with it. */
    public record RecordError(int batchIndex, String message) {}

    /** Each has one error code of the wire ({@code WireErrors} in the broker). */
    public enum Reason {
        // produce and the log
        CORRUPT_MESSAGE,
        INVALID_RECORD,
        INVALID_TIMESTAMP,
        MESSAGE_TOO_LARGE,
        RECORD_LIST_TOO_LARGE,
        UNSUPPORTED_COMPRESSION_TYPE,
        OUT_OF_ORDER_SEQUENCE_NUMBER,
        INVALID_PRODUCER_EPOCH,
        INVALID_TXN_STATE,
        TRANSACTION_COORDINATOR_FENCED,
        INVALID_REQUIRED_ACKS,
        NOT_ENOUGH_REPLICAS,
        NOT_ENOUGH_REPLICAS_AFTER_APPEND,
        REQUEST_TIMED_OUT,
        STORAGE_ERROR,
        // leadership and reading
        NOT_LEADER_OR_FOLLOWER,
        LEADER_NOT_AVAILABLE,
        FENCED_LEADER_EPOCH,
        UNKNOWN_LEADER_EPOCH,
        OFFSET_OUT_OF_RANGE,
        OFFSET_NOT_AVAILABLE,
        UNKNOWN_TOPIC_OR_PARTITION,
        UNKNOWN_TOPIC_ID,
        INCONSISTENT_TOPIC_ID,
        // administration and the controller
        NOT_CONTROLLER,
        INVALID_TOPIC,
        TOPIC_ALREADY_EXISTS,
        INVALID_PARTITIONS,
        INVALID_REPLICATION_FACTOR,
        INVALID_REPLICA_ASSIGNMENT,
        INVALID_CONFIG,
        INVALID_REQUEST,
        POLICY_VIOLATION,
        TOPIC_DELETION_DISABLED,
        REASSIGNMENT_IN_PROGRESS,
        NO_REASSIGNMENT_IN_PROGRESS,
        ELECTION_NOT_NEEDED,
        PREFERRED_LEADER_NOT_AVAILABLE,
        ELIGIBLE_LEADERS_NOT_AVAILABLE,
        STALE_CONTROLLER_EPOCH,
        STALE_BROKER_EPOCH,
        UNSUPPORTED_VERSION,
        FEATURE_UPDATE_FAILED,
        INVALID_UPDATE_VERSION,
        INELIGIBLE_REPLICA,
        // coordinators and groups
        COORDINATOR_LOAD_IN_PROGRESS,
        COORDINATOR_NOT_AVAILABLE,
        NOT_COORDINATOR,
        INVALID_GROUP_ID,
        GROUP_ID_NOT_FOUND,
        NON_EMPTY_GROUP,
        GROUP_MAX_SIZE_REACHED,
        GROUP_SUBSCRIBED_TO_TOPIC,
        UNKNOWN_MEMBER_ID,
        MEMBER_ID_REQUIRED,
        ILLEGAL_GENERATION,
        INCONSISTENT_GROUP_PROTOCOL,
        INVALID_SESSION_TIMEOUT,
        REBALANCE_IN_PROGRESS,
        FENCED_INSTANCE_ID,
        UNRELEASED_INSTANCE_ID,
        FENCED_MEMBER_EPOCH,
        STALE_MEMBER_EPOCH,
        UNSUPPORTED_ASSIGNOR,
        INVALID_REGULAR_EXPRESSION,
        INVALID_COMMIT_OFFSET_SIZE,
        OFFSET_METADATA_TOO_LARGE,
        UNSTABLE_OFFSET_COMMIT,
        UNKNOWN_SERVER_ERROR
    }
}
