package io.barnabas.consumer.coordinator.group;

import io.barnabas.consumer.coordinator.journal.GroupRecord;
import io.barnabas.model.Refusal;
import io.barnabas.runtime.replicated.Turn;

/** What every group can say of itself, whichever protocol it speaks. */
public interface Group {
    String groupId();

    /** "classic" or "consumer". */
    String type();

    /** As clients' tools print it: Empty, PreparingRebalance, CompletingRebalance, Stable, Assigning, Reconciling, Dead. */
    String state();

    /** "consumer", "connect", …; "" for a group that only commits. */
    String protocolType();

    /** Whether it has no members, neither joined nor joining. */
    boolean isEmpty();

    /** Whether a member that is alive reads {@code topic}, as far as can be told (GROUP-24, GROUP-25). */
    boolean isSubscribedTo(String topic);

    /**
     * Whether offsets may be committed by whoever says so (GROUP-20, GROUP-36). A member's commit also refreshes its session.
     *
     * @param memberId          "" with {@code generationOrEpoch} -1 for a consumer that manages its partitions itself
     * @param generationOrEpoch generation id, or member epoch of the consumer protocol
     * @param transactional     part of a transaction (TXN-18)
     * @return null if they may
     */
    Refusal.Reason refuseCommit(
            String memberId,
            String groupInstanceId,
            int generationOrEpoch,
            boolean transactional,
            short apiVersion,
            Turn<GroupRecord> turn);

    /**
     * Whether one partition of an admitted commit may be written, asked only where {@link #refuseCommit} left it open: a member of an earlier
     * epoch may still commit what it was assigned at that epoch (GROUP-36).
     */
    Refusal.Reason refuseCommitOf(String memberId, int generationOrEpoch, String topic, int partition);

    /**
     * Whether a member of the consumer protocol may fetch offsets as such.
     *
     * @param memberId    null if the request does not say
     * @param memberEpoch -1 if the request does not say
     */
    Refusal.Reason refuseOffsetFetch(String memberId, int memberEpoch);

    /** Whether it may be deleted: null, or NON_EMPTY_GROUP. */
    Refusal.Reason refuseDelete();

    /** Writes a tombstone for each record that is stored of it, offsets excepted. */
    void writeTombstones(Turn<GroupRecord> turn);

    /**
     * From when on the offsets of a group without members grow old (GROUP-24).
     *
     * @return milliseconds since 1970 when it became empty; -1 where each offset counts from its own commit
     */
    long emptySinceMs();
}
