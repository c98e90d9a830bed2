package io.barnabas.consumer.coordinator.group;

import io.barnabas.consumer.coordinator.journal.GroupRecord;
import io.barnabas.model.Refusal;
import io.barnabas.runtime.replicated.Reply;
import io.barnabas.runtime.replicated.StoredRecord;
import io.barnabas.runtime.replicated.TimerKey;
import io.barnabas.runtime.replicated.Turn;
import java.util.random.RandomGenerator;

/** Signatures of the classic rebalance protocol. */
public final class ClassicProtocol {
    /** What may fall due. */
    public enum Due {
        /** A member that joined has been silent for its session timeout. Subject: the member. */
        SESSION,
        /** A member id that was handed out has not come back. Subject: the id. */
        PENDING_MEMBER,
        /** The time is up for joining or syncing. */
        ROUND,
        /** A group that was of the consumer protocol is taken over. */
        ADOPTION
    }

    public ClassicProtocol(Groups groups, GroupConfig config, RandomGenerator random) {}

    /** Has every finished rebalance reported. */
    public void reportTo(RebalanceListener listener) {
        throw new UnsupportedOperationException();
    }

    public void join(JoinGroup command, Reply<JoinGroup.Answer> reply, Turn<GroupRecord> turn) {
        throw new UnsupportedOperationException();
    }

    public void sync(SyncGroup command, Reply<SyncGroup.Answer> reply, Turn<GroupRecord> turn) {
        throw new UnsupportedOperationException();
    }

    public void heartbeat(GroupHeartbeat command, Reply<GroupHeartbeat.Answer> reply, Turn<GroupRecord> turn) {
        throw new UnsupportedOperationException();
    }

    public void leave(LeaveGroup command, Reply<LeaveGroup.Answer> reply, Turn<GroupRecord> turn) {
        throw new UnsupportedOperationException();
    }

    public void onTimer(TimerKey key, Turn<GroupRecord> turn) {
        throw new UnsupportedOperationException();
    }

    /** Takes records with a key of the kind {@code GroupKey.ClassicGroup}, and no others. */
    public void replay(StoredRecord<GroupRecord> stored) {
        throw new UnsupportedOperationException();
    }

    public void onLoaded(Turn<GroupRecord> turn) {
        throw new UnsupportedOperationException();
    }

    public void onResigned(Refusal refusal) {
        throw new UnsupportedOperationException();
    }

    /** Error GROUP_ID_NOT_FOUND and state Dead if there is no classic group of this id. */
    public GroupDescription.Classic describe(String groupId) {
        throw new UnsupportedOperationException();
    }

    /**
     * Answers everyone who waits in a group that is about to become one of the consumer protocol: they are to join again. To be called in the turn
     * that writes the group's tombstone.
     */
    public void dismissWaiting(String groupId, Turn<GroupRecord> turn) {
        throw new UnsupportedOperationException();
    }

    /**
     * What has to be started, with no delay, in the turn that writes the record of a classic group that was a consumer group before: then its
     * members get their sessions, and a rebalance begins.
     */
    public static TimerKey adoption(String groupId) {
        return new TimerKey(groupId, Due.ADOPTION, "");
    }
}
