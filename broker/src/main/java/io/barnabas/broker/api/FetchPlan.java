package io.barnabas.broker.api;

import io.barnabas.broker.replica.PartitionView;
import io.barnabas.model.BrokerId;
import io.barnabas.protocol.message.FetchRequestData;

/**
 * One fetch, understood: who reads, how much, and how long it may take. The positions are in its conversation.
 *
 * @param follower      the replica that asks; {@link BrokerId#NONE} for consumers
 * @param brokerEpoch   of its registration, -1 if it told none
 * @param debug         replica id -2: a tool that reads any replica up to its end
 * @param readCommitted whether a consumer wants no records of open transactions
 * @param rack          of the consumer; empty if it told none
 * @param followersAreRead whether consumers are sent to followers: {@code replica.selector.class} names a selector
 * @param maxBytes      of all partitions together; the first batch comes however large it is
 */
record FetchPlan(
        FetchConversation conversation,
        short version,
        String listener,
        BrokerId follower,
        long brokerEpoch,
        boolean debug,
        boolean readCommitted,
        String rack,
        boolean followersAreRead,
        int minBytes,
        int maxBytes,
        int maxWaitMs) {

    private static final int DEBUG_REPLICA = -2;
    private static final int FIRST_VERSION_WITH_REPLICA_STATE = 15;
    private static final short FIRST_VERSION_WITH_RACK = 11;
    private static final byte READ_COMMITTED = 1;

    /**
     * @param fetchMaxBytes   {@code fetch.max.bytes}: no answer is made larger on demand
     * @param followersAreRead whether consumers are sent to followers
     */
    static FetchPlan of(
            FetchConversation conversation,
            FetchRequestData request,
            RequestContext context,
            int fetchMaxBytes,
            boolean followersAreRead) {
        int maxBytes = Math.max(0, Math.min(request.maxBytes, fetchMaxBytes));
        int replica = replicaId(request, context.apiVersion());
        return new FetchPlan(
                conversation,
                context.apiVersion(),
                context.listener(),
                replica >= 0 ? new BrokerId(replica) : BrokerId.NONE,
                context.apiVersion() >= FIRST_VERSION_WITH_REPLICA_STATE ? request.replicaState.replicaEpoch : -1,
                replica == DEBUG_REPLICA,
                replica < 0 && replica != DEBUG_REPLICA && request.isolationLevel == READ_COMMITTED,
                context.apiVersion() >= FIRST_VERSION_WITH_RACK ? request.rackId : "",
                followersAreRead,
                Math.min(request.minBytes, maxBytes),
                maxBytes,
                request.maxWaitMs);
    }

    static int replicaId(FetchRequestData request, short version) {
        return version >= FIRST_VERSION_WITH_REPLICA_STATE ? request.replicaState.replicaId : request.replicaId;
    }

    boolean isByFollower() {
        return !follower.isNone();
    }

    /**
     * Consumers that tell their rack may read from followers, too (KIP-392): it is the leader's selector that sends them there, whether this
     * broker has one or not.
     */
    boolean mayReadFollowers() {
        return !isByFollower() && !rack.isEmpty();
    }

    /** Whether it is told of a high watermark as soon as it moves: a follower from which consumers read. */
    boolean watermarksHurry() {
        return followersAreRead && isByFollower();
    }

    /** Whether what a partition has become is worth another reading for one who has seen it as it was. */
    boolean concerns(PartitionView before, PartitionView now) {
        return now != before
                && (bound(now) > bound(before)
                        || (watermarksHurry() && now.highWatermark() > before.highWatermark())
                        || now.role() != before.role()
                        || now.leaderEpoch() != before.leaderEpoch());
    }

    /** How far this reader may read, exclusive. */
    long bound(PartitionView view) {
        if (isByFollower() || debug) {
            return view.logEndOffset();
        }
        return readCommitted ? view.lastStableOffset() : view.highWatermark();
    }
}
