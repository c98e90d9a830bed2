package io.barnabas.broker.replica;

import io.barnabas.model.BrokerId;
import io.barnabas.model.Refusal;

/**
 * What a partition was after one of its turns; readers work with it and wait for nobody. Offsets of one view belong
 * together (FETCH-01); {@code logStartOffset <= highWatermark <= logEndOffset}, ends exclusive.
 *
 * @param role             {@link ReplicaRole#FOLLOWER} also for a leader that is fenced and waits for the new state
 * @param leader           {@link BrokerId#NONE} if unknown
 * @param leaderEpoch      -1 before the first state has come
 * @param epochStartOffset log end when this leadership began; consumers may be ahead of a high watermark below it (KIP-207)
 * @param enoughInSync     whether the committed ISR satisfies {@code min.insync.replicas}
 */
public record PartitionView(
        ReplicaRole role,
        BrokerId leader,
        int leaderEpoch,
        long epochStartOffset,
        long highWatermark,
        long lastStableOffset,
        long logEndOffset,
        boolean enoughInSync) {

    public boolean isLeader() {
        return role == ReplicaRole.LEADER;
    }

    /** @return why this replica does not answer as the leader; null if it does */
    public Refusal.Reason leaderRefusal() {
        return switch (role) {
            case LEADER -> null;
            case OFFLINE -> Refusal.Reason.STORAGE_ERROR;
            case FOLLOWER, STOPPED -> Refusal.Reason.NOT_LEADER_OR_FOLLOWER;
        };
    }

    /** @return why this replica answers neither as leader nor as follower; null if it does */
    public Refusal.Reason replicaRefusal() {
        return switch (role) {
            case LEADER, FOLLOWER -> null;
            case OFFLINE -> Refusal.Reason.STORAGE_ERROR;
            case STOPPED -> Refusal.Reason.NOT_LEADER_OR_FOLLOWER;
        };
    }

    /**
     * Compares the leader epoch that a client believes in with ours (KIP-320).
     *
     * @param currentLeaderEpoch -1 if the client does not say
     * @return null if there is nothing against it
     */
    public Refusal.Reason epochRefusal(int currentLeaderEpoch) {
        if (currentLeaderEpoch < 0 || currentLeaderEpoch == leaderEpoch) {
            return null;
        }
        return currentLeaderEpoch < leaderEpoch
                ? Refusal.Reason.FENCED_LEADER_EPOCH
                : Refusal.Reason.UNKNOWN_LEADER_EPOCH;
    }
}
