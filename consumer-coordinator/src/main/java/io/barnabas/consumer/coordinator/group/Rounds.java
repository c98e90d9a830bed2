package io.barnabas.consumer.coordinator.group;

import io.barnabas.consumer.coordinator.group.ClassicGroup.Phase;
import io.barnabas.consumer.coordinator.journal.GroupRecord;
import io.barnabas.consumer.coordinator.journal.GroupValue;
import io.barnabas.model.Invariant;
import io.barnabas.model.Refusal;
import io.barnabas.runtime.replicated.TimerKey;
import io.barnabas.runtime.replicated.Turn;
import java.util.ArrayList;
import java.util.List;
import java.util.function.Consumer;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * How classic groups get from one generation to the next: all join again, a generation is formed, the leader's assignment is stored. What a turn
 * stores, the end of a round or an empty group, changes the group on replay and not here, so that a turn the log refuses changes nothing.
 */
final class Rounds {
    private static final Logger LOG = LoggerFactory.getLogger(Rounds.class);

    /** After how long a step is tried again that the log has refused. */
    private static final int RETRY_MS = 1_000;

    private final GroupConfig config;

    Rounds(GroupConfig config) {
        this.config = config;
    }

    // ---- joining

    /** Somebody joined, or joined again with something new to say: a round begins, or perhaps ends. */
    void onJoined(ClassicGroup group, String reason, ClassicMember member, Turn<GroupRecord> turn) {
        if (group.phase == Phase.PREPARING) {
            completeIfAllJoined(group, turn);
        } else {
            prepare(group, reason, member.memberId, turn);
        }
    }

    /** From now on all members have to join again; the first of an empty group waits for others (GROUP-12). */
    void prepare(ClassicGroup group, String reason, String memberId, Turn<GroupRecord> turn) {
        boolean first = group.phase == Phase.EMPTY;
        for (ClassicMember member : group.members()) {
            if (member.syncing != null) {
                Sessions.refresh(group.groupId(), member, turn);
                member.answerSync(SyncGroup.Answer.refused(Refusal.Reason.REBALANCE_IN_PROGRESS), turn);
            }
            member.owesSync = false;
        }
        if (group.round == null || group.round.isOver()) {
            group.round = new Round(reason, memberId, turn);
        }
        group.phase = Phase.PREPARING;
        log(group, reason, "group prepares a rebalance");
        if (first && config.initialRebalanceDelayMs() > 0) {
            group.round.waitsForOthers = true;
            setDue(group, Math.min(config.initialRebalanceDelayMs(), group.rebalanceTimeoutMs()), turn);
        } else if (first) {
            complete(group, turn);
        } else {
            setDue(group, group.rebalanceTimeoutMs(), turn);
            completeIfAllJoined(group, turn);
        }
    }

    void completeIfAllJoined(ClassicGroup group, Turn<GroupRecord> turn) {
        if (group.phase == Phase.PREPARING
                && !group.round.waitsForOthers
                && group.pending.isEmpty()
                && group.joiningCount() == group.members().size()) {
            complete(group, turn);
        }
    }

    /** The time for joining or for syncing may be up. */
    void onDue(ClassicGroup group, Turn<GroupRecord> turn) {
        if (group.dueMillis == ClassicMember.NEVER) {
            return;
        }
        long left = group.dueMillis - turn.monotonicMillis();
        if (left > 0) {
            turn.startTimer(key(group), left);
        } else if (group.phase == Phase.PREPARING) {
            if (!waitOnForOthers(group, turn)) {
                complete(group, turn);
            }
        } else if (group.phase == Phase.COMPLETING || group.phase == Phase.STABLE) {
            dropThoseWhoOweSync(group, turn);
        }
    }

    /** The delay of a first round runs anew as long as members arrive, up to the time that they gave it. */
    private boolean waitOnForOthers(ClassicGroup group, Turn<GroupRecord> turn) {
        Round round = group.round;
        if (!round.waitsForOthers || !round.hasGrown) {
            return false;
        }
        long left = round.startedMillis + group.rebalanceTimeoutMs() - turn.monotonicMillis();
        if (left <= 0) {
            return false;
        }
        round.hasGrown = false;
        setDue(group, Math.min(config.initialRebalanceDelayMs(), left), turn);
        return true;
    }

    /** Joining is over: who has not joined is out, unless it is static; the others learn of the new generation. */
    private void complete(ClassicGroup group, Turn<GroupRecord> turn) {
        List<ClassicMember> absent = new ArrayList<>();
        List<ClassicMember> joined = new ArrayList<>();
        for (ClassicMember member : group.members()) {
            if (member.joining != null) {
                joined.add(member);
            } else if (!member.isStatic()) {
                absent.add(member);
            }
        }
        if (absent.size() == group.members().size()) {
            becomeEmpty(group, "nobody joined again", null, turn, retry -> setDue(group, RETRY_MS, retry));
            return;
        }
        absent.forEach(member -> forget(group, member, turn));
        if (joined.isEmpty()) {
            setDue(group, group.rebalanceTimeoutMs(), turn);
            return;
        }
        ClassicMember leader = group.leader == null ? null : group.member(group.leader);
        if (leader == null || leader.joining == null) {
            group.leader = joined.get(0).memberId;
        }
        group.generationId++;
        group.protocolName = ProtocolVote.choose(group.members());
        Invariant.holds(group.protocolName != null, "members of group %s have no protocol in common", group.groupId());
        group.phase = Phase.COMPLETING;
        group.round.waitsForOthers = false;
        setDue(group, group.rebalanceTimeoutMs(), turn);
        log(group, group.round.reason, "group has a new generation");
        List<JoinGroup.Member> forLeader = forLeader(group);
        for (ClassicMember member : joined) {
            member.isNew = false;
            member.owesSync = true;
            Sessions.refresh(group.groupId(), member, turn);
            member.answerJoin(joinAnswer(group, member, group.isLeader(member) ? forLeader : List.of()), turn);
        }
    }

    /** What a member of the present generation is told of it. */
    static JoinGroup.Answer joinAnswer(ClassicGroup group, ClassicMember member, List<JoinGroup.Member> members) {
        return new JoinGroup.Answer(
                null,
                member.memberId,
                group.generationId,
                group.protocolType,
                group.protocolName,
                group.leader == null ? "" : group.leader,
                false,
                members);
    }

    static List<JoinGroup.Member> forLeader(ClassicGroup group) {
        List<JoinGroup.Member> members = new ArrayList<>();
        group.members().forEach(member -> members.add(member.forLeader(group.protocolName)));
        return members;
    }

    // ---- syncing

    /** The leader has brought the assignment: it is stored, and then given to all who wait for it (GROUP-15). */
    void settle(ClassicGroup group, SyncGroup command, Turn<GroupRecord> turn) {
        List<GroupValue.ClassicMember> members = new ArrayList<>();
        for (ClassicMember member : group.members()) {
            byte[] assignment = command.assignments().getOrDefault(member.memberId, ClassicMember.NO_ASSIGNMENT);
            members.add(member.toStore(group.protocolName, assignment));
            if (member.syncing != null) {
                Sessions.refresh(group.groupId(), member, turn);
                member.answerSync(new SyncGroup.Answer(null, group.protocolType, group.protocolName, assignment), turn);
            }
        }
        int generationId = group.generationId;
        group.round.end(turn);
        turn.write(new GroupRecord(
                group.key(),
                new GroupValue.ClassicGroup(
                        group.protocolType,
                        generationId,
                        group.protocolName,
                        group.leader,
                        turn.epochMillis(),
                        members)));
        turn.ifRefused((refusal, next) -> {
            if (group.phase == Phase.COMPLETING && group.generationId == generationId) {
                group.round.goOn();
                prepare(group, "the assignment could not be stored: " + refusal.reason(), null, next);
            }
        });
    }

    /** Who has not asked for its assignment in all that time is not there any more (GROUP-16). */
    private void dropThoseWhoOweSync(ClassicGroup group, Turn<GroupRecord> turn) {
        group.dueMillis = ClassicMember.NEVER;
        List<ClassicMember> silent = new ArrayList<>();
        for (ClassicMember member : group.members()) {
            if (member.owesSync) {
                silent.add(member);
            }
        }
        if (!silent.isEmpty()) {
            drop(group, silent, "members did not sync in time", turn, retry -> setDue(group, RETRY_MS, retry));
        }
    }

    // ---- leaving

    /**
     * Members are out: they left, or were silent for too long. Those of them who wait for something are told that they are unknown.
     *
     * @param onRefused what to do if the group would be empty, and the log refuses to take note; then they are still members
     */
    void drop(
            ClassicGroup group,
            List<ClassicMember> gone,
            String reason,
            Turn<GroupRecord> turn,
            Consumer<Turn<GroupRecord>> onRefused) {
        gone.forEach(member -> member.dismiss(Refusal.Reason.UNKNOWN_MEMBER_ID, turn));
        String culprit = gone.size() == 1 ? gone.get(0).memberId : null;
        if (gone.size() == group.members().size()) {
            becomeEmpty(group, reason, culprit, turn, onRefused);
            return;
        }
        gone.forEach(member -> forget(group, member, turn));
        if (group.phase == Phase.PREPARING) {
            completeIfAllJoined(group, turn);
        } else {
            prepare(group, reason, culprit, turn);
        }
    }

    private static void forget(ClassicGroup group, ClassicMember member, Turn<GroupRecord> turn) {
        Invariant.holds(!member.isWaiting(), "member %s of group %s goes unanswered", member.memberId, group.groupId());
        Sessions.stop(group.groupId(), member, turn);
        group.remove(member);
    }

    /** Nobody is left. That, too, is a generation, and it is stored at once. */
    private void becomeEmpty(
            ClassicGroup group,
            String reason,
            String memberId,
            Turn<GroupRecord> turn,
            Consumer<Turn<GroupRecord>> onRefused) {
        boolean atRest = group.round == null || group.round.isOver();
        if (atRest) {
            group.round = new Round(reason, memberId, turn);
        }
        group.round.end(turn);
        turn.write(new GroupRecord(
                group.key(),
                new GroupValue.ClassicGroup(
                        group.protocolType, group.generationId + 1, null, null, turn.epochMillis(), List.of())));
        group.members()
                .forEach(member ->
                        turn.cancelTimer(new TimerKey(group.groupId(), ClassicProtocol.Due.SESSION, member.memberId)));
        turn.cancelTimer(key(group));
        turn.ifRefused((refusal, next) -> {
            if (group.round != null && group.round.isOver()) {
                if (atRest) {
                    group.round = null;
                } else {
                    group.round.goOn();
                }
                onRefused.accept(next);
            }
        });
    }

    /** What the group's turn has stored is in the log. */
    static void onStored(ClassicGroup group, RebalanceListener listener) {
        Round round = group.round;
        if (round == null || !round.isOver()) {
            return;
        }
        group.round = null;
        int members = group.members().size();
        if (group.phase == Phase.EMPTY) {
            group.dueMillis = ClassicMember.NEVER;
        }
        log(group, round.reason, group.phase == Phase.EMPTY ? "group is empty" : "group is stable");
        listener.onRebalance(round.report(group.groupId(), group.generationId, members));
    }

    // ----

    private static void setDue(ClassicGroup group, long millis, Turn<GroupRecord> turn) {
        group.dueMillis = turn.monotonicMillis() + millis;
        turn.startTimer(key(group), millis);
    }

    private static TimerKey key(ClassicGroup group) {
        return new TimerKey(group.groupId(), ClassicProtocol.Due.ROUND, "");
    }

    private static void log(ClassicGroup group, String reason, String what) {
        LOG.atInfo()
                .addKeyValue("group", group.groupId())
                .addKeyValue("generation", group.generationId)
                .addKeyValue("members", group.members().size())
                .addKeyValue("reason", reason)
                .log(what);
    }
}
