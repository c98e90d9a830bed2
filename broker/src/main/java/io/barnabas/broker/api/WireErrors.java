package io.barnabas.broker.api;

import io.barnabas.model.Refusal;
import io.barnabas.protocol.ErrorCode;

/** The one place where refusals become error codes of the wire. */
public final class WireErrors {
    private WireErrors() {}

    /** Without a default: a new reason does not compile until it is mapped. */
    public static ErrorCode of(Refusal.Reason reason) {
        return switch (reason) {
            case CORRUPT_MESSAGE -> ErrorCode.CORRUPT_MESSAGE;
            case INVALID_RECORD -> ErrorCode.INVALID_RECORD;
            case INVALID_TIMESTAMP -> ErrorCode.INVALID_TIMESTAMP;
            case MESSAGE_TOO_LARGE -> ErrorCode.MESSAGE_TOO_LARGE;
            case RECORD_LIST_TOO_LARGE -> ErrorCode.RECORD_LIST_TOO_LARGE;
            case UNSUPPORTED_COMPRESSION_TYPE -> ErrorCode.UNSUPPORTED_COMPRESSION_TYPE;
            case OUT_OF_ORDER_SEQUENCE_NUMBER -> ErrorCode.OUT_OF_ORDER_SEQUENCE_NUMBER;
            case INVALID_PRODUCER_EPOCH -> ErrorCode.INVALID_PRODUCER_EPOCH;
            case INVALID_TXN_STATE -> ErrorCode.INVALID_TXN_STATE;
            case TRANSACTION_COORDINATOR_FENCED -> ErrorCode.TRANSACTION_COORDINATOR_FENCED;
            case INVALID_REQUIRED_ACKS -> ErrorCode.INVALID_REQUIRED_ACKS;
            case NOT_ENOUGH_REPLICAS -> ErrorCode.NOT_ENOUGH_REPLICAS;
            case NOT_ENOUGH_REPLICAS_AFTER_APPEND -> ErrorCode.NOT_ENOUGH_REPLICAS_AFTER_APPEND;
            case REQUEST_TIMED_OUT -> ErrorCode.REQUEST_TIMED_OUT;
            case STORAGE_ERROR -> ErrorCode.KAFKA_STORAGE_ERROR;
            case NOT_LEADER_OR_FOLLOWER -> ErrorCode.NOT_LEADER_OR_FOLLOWER;
            case LEADER_NOT_AVAILABLE -> ErrorCode.LEADER_NOT_AVAILABLE;
            case FENCED_LEADER_EPOCH -> ErrorCode.FENCED_LEADER_EPOCH;
            case UNKNOWN_LEADER_EPOCH -> ErrorCode.UNKNOWN_LEADER_EPOCH;
            case OFFSET_OUT_OF_RANGE -> ErrorCode.OFFSET_OUT_OF_RANGE;
            case OFFSET_NOT_AVAILABLE -> ErrorCode.OFFSET_NOT_AVAILABLE;
            case UNKNOWN_TOPIC_OR_PARTITION -> ErrorCode.UNKNOWN_TOPIC_OR_PARTITION;
            case UNKNOWN_TOPIC_ID -> ErrorCode.UNKNOWN_TOPIC_ID;
            case INCONSISTENT_TOPIC_ID -> ErrorCode.INCONSISTENT_TOPIC_ID;
            case NOT_CONTROLLER -> ErrorCode.NOT_CONTROLLER;
            case INVALID_TOPIC -> ErrorCode.INVALID_TOPIC_EXCEPTION;
            case TOPIC_ALREADY_EXISTS -> ErrorCode.TOPIC_ALREADY_EXISTS;
            case INVALID_PARTITIONS -> ErrorCode.INVALID_PARTITIONS;
            case INVALID_REPLICATION_FACTOR -> ErrorCode.INVALID_REPLICATION_FACTOR;
            case INVALID_REPLICA_ASSIGNMENT -> ErrorCode.INVALID_REPLICA_ASSIGNMENT;
            case INVALID_CONFIG -> ErrorCode.INVALID_CONFIG;
            case INVALID_REQUEST -> ErrorCode.INVALID_REQUEST;
            case POLICY_VIOLATION -> ErrorCode.POLICY_VIOLATION;
            case TOPIC_DELETION_DISABLED -> ErrorCode.TOPIC_DELETION_DISABLED;
            case REASSIGNMENT_IN_PROGRESS -> ErrorCode.REASSIGNMENT_IN_PROGRESS;
            case NO_REASSIGNMENT_IN_PROGRESS -> ErrorCode.NO_REASSIGNMENT_IN_PROGRESS;
            case ELECTION_NOT_NEEDED -> ErrorCode.ELECTION_NOT_NEEDED;
            case PREFERRED_LEADER_NOT_AVAILABLE -> ErrorCode.PREFERRED_LEADER_NOT_AVAILABLE;
            case ELIGIBLE_LEADERS_NOT_AVAILABLE -> ErrorCode.ELIGIBLE_LEADERS_NOT_AVAILABLE;
            case STALE_CONTROLLER_EPOCH -> ErrorCode.STALE_CONTROLLER_EPOCH;
            case STALE_BROKER_EPOCH -> ErrorCode.STALE_BROKER_EPOCH;
            case COORDINATOR_LOAD_IN_PROGRESS -> ErrorCode.COORDINATOR_LOAD_IN_PROGRESS;
            case UNSUPPORTED_VERSION -> ErrorCode.UNSUPPORTED_VERSION;
            case INVALID_UPDATE_VERSION -> ErrorCode.INVALID_UPDATE_VERSION;
            case INELIGIBLE_REPLICA -> ErrorCode.INELIGIBLE_REPLICA;
            case FEATURE_UPDATE_FAILED -> ErrorCode.FEATURE_UPDATE_FAILED;
            case COORDINATOR_NOT_AVAILABLE -> ErrorCode.COORDINATOR_NOT_AVAILABLE;
            case NOT_COORDINATOR -> ErrorCode.NOT_COORDINATOR;
            case INVALID_GROUP_ID -> ErrorCode.INVALID_GROUP_ID;
            case GROUP_ID_NOT_FOUND -> ErrorCode.GROUP_ID_NOT_FOUND;
            case NON_EMPTY_GROUP -> ErrorCode.NON_EMPTY_GROUP;
            case GROUP_MAX_SIZE_REACHED -> ErrorCode.GROUP_MAX_SIZE_REACHED;
            case GROUP_SUBSCRIBED_TO_TOPIC -> ErrorCode.GROUP_SUBSCRIBED_TO_TOPIC;
            case UNKNOWN_MEMBER_ID -> ErrorCode.UNKNOWN_MEMBER_ID;
            case MEMBER_ID_REQUIRED -> ErrorCode.MEMBER_ID_REQUIRED;
            case ILLEGAL_GENERATION -> ErrorCode.ILLEGAL_GENERATION;
            case INCONSISTENT_GROUP_PROTOCOL -> ErrorCode.INCONSISTENT_GROUP_PROTOCOL;
            case INVALID_SESSION_TIMEOUT -> ErrorCode.INVALID_SESSION_TIMEOUT;
            case REBALANCE_IN_PROGRESS -> ErrorCode.REBALANCE_IN_PROGRESS;
            case FENCED_INSTANCE_ID -> ErrorCode.FENCED_INSTANCE_ID;
            case UNRELEASED_INSTANCE_ID -> ErrorCode.UNRELEASED_INSTANCE_ID;
            case FENCED_MEMBER_EPOCH -> ErrorCode.FENCED_MEMBER_EPOCH;
            case STALE_MEMBER_EPOCH -> ErrorCode.STALE_MEMBER_EPOCH;
            case UNSUPPORTED_ASSIGNOR -> ErrorCode.UNSUPPORTED_ASSIGNOR;
            case INVALID_REGULAR_EXPRESSION -> ErrorCode.INVALID_REGULAR_EXPRESSION;
            case INVALID_COMMIT_OFFSET_SIZE -> ErrorCode.INVALID_COMMIT_OFFSET_SIZE;
            case OFFSET_METADATA_TOO_LARGE -> ErrorCode.OFFSET_METADATA_TOO_LARGE;
            case UNSTABLE_OFFSET_COMMIT -> ErrorCode.UNSTABLE_OFFSET_COMMIT;
            case UNKNOWN_SERVER_ERROR -> ErrorCode.UNKNOWN_SERVER_ERROR;
        };
    }

    /** @param reason null for none */
    static short codeOf(Refusal.Reason reason) {
        return (reason == null ? ErrorCode.NONE : of(reason)).code();
    }

    static short codeOf(Refusal refusal) {
        return of(refusal.reason()).code();
    }
}
