package io.barnabas.consumer.coordinator.group;

import io.barnabas.consumer.coordinator.group.ClassicGroup.Phase;
import io.barnabas.consumer.coordinator.journal.GroupRecord;
import io.barnabas.consumer.coordinator.journal.GroupValue;
import io.barnabas.model.Refusal;
import io.barnabas.runtime.replicated.Reply;
import io.barnabas.runtime.replicated.StoredRecord;
import io.barnabas.runtime.replicated.TimerKey;
import io.barnabas.runtime.replicated.Turn;
import java.util.ArrayList;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Set;
import java.util.random.RandomGenerator;

/**
 * The rebalance protocol in which members agree among themselves: all join, one of them is the leader and divides the partitions, all sync to
 * learn their part (GROUP-10 to GROUP-19). To be asked only about groups that do not exist or are classic ones.
 *
 * <p>A rebalance itself leaves no trace in the log. Stored are its outcome, a group that has become empty, and a static member that takes the
 * place of another; whoever loads the group finds it as it was then.
 */
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

    private static final int RETRY_MS = 1_000;

    private final Groups groups;
    private final GroupConfig config;
    private final Rounds rounds;
    private final Joining joining;
    private RebalanceListener listener = RebalanceListener.NONE;

    /** @param random for member ids */
    public ClassicProtocol(Groups groups, GroupConfig config, RandomGenerator random) {
        this.groups = groups;
        this.config = config;
        this.rounds = new Rounds(config);
        this.joining = new Joining(groups, config, random, rounds);
    }

    /** Has every finished rebalance reported. */
    public void reportTo(RebalanceListener to) {
        listener = to;
    }

    // ---- requests

    /** Answered when the round ends, or at once if there is nothing to wait for. */
    public void join(JoinGroup command, Reply<JoinGroup.Answer> reply, Turn<GroupRecord> turn) {
        joining.join(command, reply, turn);
    }

    /** Answered when the leader's assignment is stored. */
    public void sync(SyncGroup command, Reply<SyncGroup.Answer> reply, Turn<GroupRecord> turn) {
        ClassicGroup group = find(command.groupId());
        Refusal.Reason reason = group == null ? Refusal.Reason.UNKNOWN_MEMBER_ID : refuseSync(group, command);
        if (reason != null) {
            turn.answerAtOnce(reply, SyncGroup.Answer.refused(reason));
            return;
        }
        ClassicMember member = group.member(command.memberId());
        member.owesSync = false;
        Sessions.refresh(group.groupId(), member, turn);
        if (group.phase == Phase.STABLE) {
            turn.answer(reply, new SyncGroup.Answer(null, group.protocolType, group.protocolName, member.assignment()));
            return;
        }
        // the same request again: whoever sent the first one will not read its answer, or ask once more
        member.answerSync(SyncGroup.Answer.refused(Refusal.Reason.REBALANCE_IN_PROGRESS), turn);
        member.syncing = reply;
        if (group.isLeader(member)) {
            rounds.settle(group, command, turn);
        }
    }

    private static Refusal.Reason refuseSync(ClassicGroup group, SyncGroup command) {
        Refusal.Reason reason = group.refuseMember(command.memberId(), command.groupInstanceId());
        if (reason != null) {
            return reason;
        }
        if (command.generationId() != group.generationId) {
            return Refusal.Reason.ILLEGAL_GENERATION;
        }
        if (isOther(command.protocolType(), group.protocolType)
                || isOther(command.protocolName(), group.protocolName)) {
            return Refusal.Reason.INCONSISTENT_GROUP_PROTOCOL;
        }
        return switch (group.phase) {
            case COMPLETING, STABLE -> null;
            case PREPARING -> Refusal.Reason.REBALANCE_IN_PROGRESS;
            case EMPTY, DEAD -> Refusal.Reason.UNKNOWN_MEMBER_ID;
        };
    }

    private static boolean isOther(String said, String is) {
        return said != null && is != null && !said.equals(is);
    }

    /** Answered at once. */
    public void heartbeat(GroupHeartbeat command, Reply<GroupHeartbeat.Answer> reply, Turn<GroupRecord> turn) {
        ClassicGroup group = find(command.groupId());
        Refusal.Reason reason = group == null
                ? Refusal.Reason.UNKNOWN_MEMBER_ID
                : group.refuseMember(command.memberId(), command.groupInstanceId());
        if (reason == null && command.generationId() != group.generationId) {
            reason = Refusal.Reason.ILLEGAL_GENERATION;
        }
        if (reason == null) {
            Sessions.refresh(group.groupId(), group.member(command.memberId()), turn);
            if (group.phase == Phase.PREPARING) {
                reason = Refusal.Reason.REBALANCE_IN_PROGRESS;
            }
        }
        turn.answerAtOnce(reply, reason == null ? GroupHeartbeat.Answer.OK : new GroupHeartbeat.Answer(reason));
    }

    /** All go in one step, so that there is one rebalance (GROUP-19). */
    public void leave(LeaveGroup command, Reply<LeaveGroup.Answer> reply, Turn<GroupRecord> turn) {
        ClassicGroup group = find(command.groupId());
        if (group == null) {
            turn.answerAtOnce(reply, LeaveGroup.Answer.nobody(command.leavers()));
            return;
        }
        List<LeaveGroup.Left> outcomes = new ArrayList<>();
        Set<ClassicMember> gone = new LinkedHashSet<>();
        String reason = null;
        for (LeaveGroup.Leaver leaver : command.leavers()) {
            Refusal.Reason refused = null;
            if (leaver.groupInstanceId() != null || !joining.takeBack(group, leaver.memberId(), turn)) {
                refused = refuseLeave(group, leaver);
                ClassicMember member = leaver.memberId().isEmpty()
                        ? group.ofInstance(leaver.groupInstanceId())
                        : group.member(leaver.memberId());
                if (refused == null && !gone.add(member)) {
                    refused = Refusal.Reason.UNKNOWN_MEMBER_ID;
                }
                reason = refused == null && reason == null ? leaver.reason() : reason;
            }
            outcomes.add(new LeaveGroup.Left(leaver.memberId(), leaver.groupInstanceId(), refused));
        }
        if (!gone.isEmpty()) {
            String what = gone.size() == 1 ? "a member leaves" : gone.size() + " members leave";
            rounds.drop(group, List.copyOf(gone), Round.reason(what, reason), turn, retry -> {});
        }
        rounds.completeIfAllJoined(group, turn);
        turn.answer(reply, new LeaveGroup.Answer(null, outcomes));
        forgetUnused(group);
    }

    private static Refusal.Reason refuseLeave(ClassicGroup group, LeaveGroup.Leaver leaver) {
        if (leaver.memberId().isEmpty()) {
            return group.ofInstance(leaver.groupInstanceId()) == null ? Refusal.Reason.UNKNOWN_MEMBER_ID : null;
        }
        return group.refuseMember(leaver.memberId(), leaver.groupInstanceId());
    }

    // ---- time

    /** @param key with a kind of {@link Due} */
    public void onTimer(TimerKey key, Turn<GroupRecord> turn) {
        ClassicGroup group = find(key.owner());
        if (group == null) {
            joining.forget(key);
            return;
        }
        switch ((Due) key.kind()) {
            case SESSION -> onSession(group, key.subject(), turn);
            case PENDING_MEMBER -> onPending(group, key, turn);
            case ROUND -> rounds.onDue(group, turn);
            case ADOPTION -> begin(group, "the group is of the classic protocol again", turn);
        }
    }

    private void onSession(ClassicGroup group, String memberId, Turn<GroupRecord> turn) {
        ClassicMember member = group.member(memberId);
        if (member != null && Sessions.isOver(group.groupId(), member, turn)) {
            rounds.drop(
                    group,
                    List.of(member),
                    "a member was silent for " + member.sessionTimeoutMs() + " ms",
                    turn,
                    retry -> Sessions.start(group.groupId(), member, RETRY_MS, retry));
        }
    }

    private void onPending(ClassicGroup group, TimerKey key, Turn<GroupRecord> turn) {
        Long deadline = group.pending.get(key.subject());
        if (deadline == null) {
            joining.forget(key);
            return;
        }
        long left = deadline - turn.monotonicMillis();
        if (left > 0) {
            turn.startTimer(key, left);
            return;
        }
        joining.takeBack(group, key.subject(), turn);
        rounds.completeIfAllJoined(group, turn);
        forgetUnused(group);
    }

    /** A group in which nobody ever was a member leaves nothing behind. */
    private void forgetUnused(ClassicGroup group) {
        if (group.stored() == null && group.members().isEmpty() && group.pending.isEmpty()) {
            groups.remove(group.groupId());
        }
    }

    /** Members that were found in the log have their whole session timeout from now on, and a new round begins. */
    private void begin(ClassicGroup group, String reason, Turn<GroupRecord> turn) {
        if (group.phase == Phase.STABLE) {
            giveSessions(group, turn);
            rounds.prepare(group, reason, null, turn);
        }
    }

    private static void giveSessions(ClassicGroup group, Turn<GroupRecord> turn) {
        for (ClassicMember member : group.members()) {
            member.deadlineMillis = turn.monotonicMillis() + member.sessionTimeoutMs();
            Sessions.start(group.groupId(), member, member.sessionTimeoutMs(), turn);
        }
    }

    // ---- the log

    /** Takes records with a key of the kind {@code GroupKey.ClassicGroup}, and no others. */
    public void replay(StoredRecord<GroupRecord> stored) {
        String groupId = stored.record().key().groupId();
        ClassicGroup group = find(groupId);
        if (stored.record().isTombstone()) {
            if (group != null) {
                group.die();
                groups.remove(groupId);
            }
            return;
        }
        if (group == null) {
            group = new ClassicGroup(groupId);
            groups.put(group);
        }
        group.replay((GroupValue.ClassicGroup) stored.record().value());
        Rounds.onStored(group, listener);
    }

    public void onLoaded(Turn<GroupRecord> turn) {
        for (Group each : groups.all()) {
            if (each instanceof ClassicGroup group) {
                giveSessions(group, turn);
                if (group.members().size() > config.maxSize()) {
                    rounds.prepare(group, "the group is too large", null, turn);
                } else if (group.phase == Phase.STABLE && group.leader == null) {
                    rounds.prepare(group, "the group is of the classic protocol again", null, turn);
                }
            }
        }
    }

    public void onResigned(Refusal refusal) {
        for (Group each : groups.all()) {
            if (each instanceof ClassicGroup group) {
                group.members().forEach(member -> member.refuse(refusal));
            }
        }
    }

    // ---- questions, and the way from one protocol to the other

    /** Error GROUP_ID_NOT_FOUND and state Dead if there is no classic group of this id. */
    public GroupDescription.Classic describe(String groupId) {
        ClassicGroup group = find(groupId);
        if (group == null) {
            return new GroupDescription.Classic(
                    Refusal.Reason.GROUP_ID_NOT_FOUND,
                    "Group " + groupId + " not found.",
                    groupId,
                    "Dead",
                    "",
                    "",
                    List.of());
        }
        return group.describe();
    }

    /**
     * Answers everyone who waits in a group that is about to become one of the consumer protocol: they are to join again. To be called in the turn
     * that writes the group's tombstone.
     */
    public void dismissWaiting(String groupId, Turn<GroupRecord> turn) {
        ClassicGroup group = find(groupId);
        if (group != null) {
            group.members().forEach(member -> member.dismiss(Refusal.Reason.REBALANCE_IN_PROGRESS, turn));
        }
    }

    /**
     * What has to be started, with no delay, in the turn that writes the record of a classic group that was a consumer group before: then its
     * members get their sessions, and a rebalance begins.
     */
    public static TimerKey adoption(String groupId) {
        return new TimerKey(groupId, Due.ADOPTION, "");
    }

    private ClassicGroup find(String groupId) {
        return groups.find(groupId) instanceof ClassicGroup group ? group : null;
    }
}
