package io.barnabas.consumer.coordinator.group;

import io.barnabas.consumer.coordinator.assignor.Assignors;
import io.barnabas.consumer.coordinator.journal.GroupRecord;
import io.barnabas.model.Refusal;
import io.barnabas.runtime.replicated.Reply;
import io.barnabas.runtime.replicated.StoredRecord;
import io.barnabas.runtime.replicated.TimerKey;
import io.barnabas.runtime.replicated.Turn;
import java.util.function.Supplier;
import java.util.random.RandomGenerator;

/** Signatures of the consumer protocol (KIP-848). */
public final class ConsumerProtocol {
    /** What may fall due. */
    public enum Due {
        /** A member has been silent for its session timeout. Subject: the member. */
        SESSION,
        /** A member has taken too long to give partitions up, or to come back. Subject: the member. */
        REBALANCE,
        /** The group's topics have changed. */
        METADATA,
        /** A target assignment that was put off. */
        ASSIGNMENT,
        /** Regular expressions are to be matched anew. */
        REGEX,
        /** A rebalance is over. */
        SETTLED,
        /** An empty group has become none, for those who want to join a classic one. */
        HANDOVER
    }

    public ConsumerProtocol(
            Groups groups,
            ClassicProtocol classic,
            GroupConfig config,
            GroupSettings settings,
            Supplier<TopicImage> topics,
            Assignors assignors,
            RandomGenerator random) {}

    /** Has every finished rebalance reported. */
    public void reportTo(RebalanceListener listener) {
        throw new UnsupportedOperationException();
    }

    /** Comes for every group: one of the classic protocol may be converted, one that does not exist created. */
    public void heartbeat(ConsumerHeartbeat command, Reply<ConsumerHeartbeat.Answer> reply, Turn<GroupRecord> turn) {
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

    /** The supplier of topics gives the new image already. */
    public void onTopicsChanged(Turn<GroupRecord> turn) {
        throw new UnsupportedOperationException();
    }

    public void onTimer(TimerKey key, Turn<GroupRecord> turn) {
        throw new UnsupportedOperationException();
    }

    /** Takes records of every kind of key but {@code GroupKey.Offset} and {@code GroupKey.ClassicGroup}. */
    public void replay(StoredRecord<GroupRecord> stored) {
        throw new UnsupportedOperationException();
    }

    public void onLoaded(Turn<GroupRecord> turn) {
        throw new UnsupportedOperationException();
    }

    public void onResigned(Refusal refusal) {
        throw new UnsupportedOperationException();
    }

    /** Error GROUP_ID_NOT_FOUND if there is no consumer group of this id (GROUP-38). */
    public GroupDescription.Consumer describe(String groupId) {
        throw new UnsupportedOperationException();
    }

    /** Makes every empty consumer group an empty classic one, or refuses if there is one with members. */
    public Refusal downgradeAll(Turn<GroupRecord> turn) {
        throw new UnsupportedOperationException();
    }
}
