package io.barnabas.consumer.coordinator.group;

import io.barnabas.consumer.coordinator.group.ClassicGroup.Phase;
import io.barnabas.consumer.coordinator.journal.GroupRecord;
import io.barnabas.consumer.coordinator.journal.GroupValue;
import io.barnabas.model.Refusal;
import io.barnabas.runtime.replicated.Reply;
import io.barnabas.runtime.replicated.TimerKey;
import io.barnabas.runtime.replicated.Turn;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.HashSet;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Objects;
import java.util.Set;
import java.util.UUID;
import java.util.random.RandomGenerator;

/** Who may join a classic group, as whom, and whether that takes a new generation (GROUP-11, GROUP-14, GROUP-18). */
final class Joining {
    /**
     * How long a new member is believed to be there while it waits for its first round. Its client may have gone and come back under another id,
     * and a member that waits has no other way to expire.
     */
    static final int NEW_MEMBER_WAITS_MS = 300_000;

    /** So many ids that have not come back are remembered, of all groups together; those that were handed out first give way. */
    static final int MOST_PENDING = 10_000;

    /** Names of groups may be long. */
    static final int MOST_PENDING_CHARACTERS = 4 << 20;

    /** In characters. With it each member is sure to fit into the group's record, or nobody's assignment could be stored. */
    private static final int LONGEST_INSTANCE_ID = 1_000;

    private final Groups groups;
    private final GroupConfig config;
    private final RandomGenerator random;
    private final Rounds rounds;

    /** The timers of all pending ids, the oldest first. */
    private final Set<TimerKey> pending = new LinkedHashSet<>();

    private long pendingCharacters;

    Joining(Groups groups, GroupConfig config, RandomGenerator random, Rounds rounds) {
        this.groups = groups;
        this.config = config;
        this.random = random;
        this.rounds = rounds;
    }

    void join(JoinGroup command, Reply<JoinGroup.Answer> reply, Turn<GroupRecord> turn) {
        Refusal.Reason reason = refuseAnyway(command);
        if (reason != null) {
            refuse(reason, command, reply, turn);
            return;
        }
        ClassicGroup group = (ClassicGroup) groups.find(command.groupId());
        if (group == null) {
            if (!command.memberId().isEmpty()) {
                refuse(Refusal.Reason.UNKNOWN_MEMBER_ID, command, reply, turn);
                return;
            }
            group = new ClassicGroup(command.groupId());
            groups.put(group);
        }
        if (!hasRoom(group, command)) {
            refuse(Refusal.Reason.GROUP_MAX_SIZE_REACHED, command, reply, turn);
            dropRefused(group, command, turn);
        } else if (!fits(group, command)) {
            refuse(Refusal.Reason.INCONSISTENT_GROUP_PROTOCOL, command, reply, turn);
        } else if (command.memberId().isEmpty()) {
            joinWithoutId(group, command, reply, turn);
        } else {
            joinWithId(group, command, reply, turn);
        }
    }

    private Refusal.Reason refuseAnyway(JoinGroup command) {
        if (command.groupId().isEmpty()) {
            return Refusal.Reason.INVALID_GROUP_ID;
        }
        if (command.sessionTimeoutMs() < config.minSessionTimeoutMs()
                || command.sessionTimeoutMs() > config.maxSessionTimeoutMs()) {
            return Refusal.Reason.INVALID_SESSION_TIMEOUT;
        }
        if (command.groupInstanceId() != null && command.groupInstanceId().length() > LONGEST_INSTANCE_ID) {
            return Refusal.Reason.INVALID_REQUEST;
        }
        if (command.protocolType().isEmpty() || command.protocols().isEmpty()) {
            return Refusal.Reason.INCONSISTENT_GROUP_PROTOCOL;
        }
        return null;
    }

    private boolean hasRoom(ClassicGroup group, JoinGroup command) {
        ClassicMember member = group.member(command.memberId());
        if (member == null) {
            member = group.ofInstance(command.groupInstanceId());
        }
        return switch (group.phase) {
            case EMPTY, DEAD -> true;
            case PREPARING -> (member != null && member.joining != null) || group.joiningCount() < config.maxSize();
            case COMPLETING, STABLE -> member != null || group.members().size() < config.maxSize();
        };
    }

    /** Who comes too late to a group that is being cut down to its size is no member any more. */
    private void dropRefused(ClassicGroup group, JoinGroup command, Turn<GroupRecord> turn) {
        if (group.refuseMember(command.memberId(), command.groupInstanceId()) == null) {
            rounds.drop(group, List.of(group.member(command.memberId())), "the group is too large", turn, retry -> {});
        } else if (takeBack(group, command.memberId(), turn)) {
            rounds.completeIfAllJoined(group, turn);
        }
    }

    private static boolean fits(ClassicGroup group, JoinGroup command) {
        return group.phase == Phase.EMPTY
                || (command.protocolType().equals(group.protocolType)
                        && ProtocolVote.hasCommon(group.members(), command.protocols()));
    }

    private static void refuse(
            Refusal.Reason reason, JoinGroup command, Reply<JoinGroup.Answer> reply, Turn<GroupRecord> turn) {
        turn.answerAtOnce(reply, JoinGroup.Answer.refused(reason, command.memberId()));
    }

    // ---- without an id

    private void joinWithoutId(
            ClassicGroup group, JoinGroup command, Reply<JoinGroup.Answer> reply, Turn<GroupRecord> turn) {
        if (command.groupInstanceId() != null) {
            ClassicMember present = group.ofInstance(command.groupInstanceId());
            String memberId = newId(command.groupInstanceId());
            if (present == null) {
                add(group, memberId, command, reply, turn);
            } else {
                replace(group, present, new ClassicMember(memberId, command), command, reply, turn);
            }
            return;
        }
        String memberId = newId(command.clientId());
        if (command.needsKnownId()) {
            handOut(group, memberId, command.sessionTimeoutMs(), turn);
            turn.answerAtOnce(reply, JoinGroup.Answer.refused(Refusal.Reason.MEMBER_ID_REQUIRED, memberId));
        } else {
            add(group, memberId, command, reply, turn);
        }
    }

    /** The id has to come back within {@code millis}, and may have to sooner if there are very many others. */
    private void handOut(ClassicGroup group, String memberId, int millis, Turn<GroupRecord> turn) {
        group.pending.put(memberId, turn.monotonicMillis() + millis);
        turn.startTimer(pendingKey(group, memberId), millis);
        pending.add(pendingKey(group, memberId));
        pendingCharacters += sizeOf(pendingKey(group, memberId));
        while (pending.size() > MOST_PENDING || pendingCharacters > MOST_PENDING_CHARACTERS) {
            TimerKey oldest = pending.iterator().next();
            forget(oldest);
            if (groups.find(oldest.owner()) instanceof ClassicGroup itsGroup) {
                itsGroup.pending.replace(oldest.subject(), turn.monotonicMillis());
            }
            turn.startTimer(oldest, 0);
        }
    }

    /** The id is pending no longer. @return whether it was */
    boolean takeBack(ClassicGroup group, String memberId, Turn<GroupRecord> turn) {
        if (group.pending.remove(memberId) == null) {
            return false;
        }
        forget(pendingKey(group, memberId));
        turn.cancelTimer(pendingKey(group, memberId));
        return true;
    }

    /** The id is pending no longer, or its time is up. */
    void forget(TimerKey pendingId) {
        if (pending.remove(pendingId)) {
            pendingCharacters -= sizeOf(pendingId);
        }
    }

    private static int sizeOf(TimerKey pendingId) {
        return pendingId.owner().length() + pendingId.subject().length();
    }

    private String newId(String prefix) {
        long high = random.nextLong() & ~0xf000L | 0x4000L;
        long low = random.nextLong() >>> 2 | 1L << 63;
        return (prefix == null ? "" : prefix) + "-" + new UUID(high, low);
    }

    private void add(
            ClassicGroup group,
            String memberId,
            JoinGroup command,
            Reply<JoinGroup.Answer> reply,
            Turn<GroupRecord> turn) {
        if (group.members().isEmpty()) {
            group.protocolType = command.protocolType();
        }
        ClassicMember member = new ClassicMember(memberId, command);
        member.joining = reply;
        member.isNew = true;
        group.put(member);
        Sessions.extend(group.groupId(), member, NEW_MEMBER_WAITS_MS, turn);
        if (group.phase == Phase.PREPARING && group.round.waitsForOthers) {
            group.round.hasGrown = true;
        }
        rounds.onJoined(group, Round.reason("a member joins", command.reason()), member, turn);
    }

    // ---- static members that come back

    private void replace(
            ClassicGroup group,
            ClassicMember before,
            ClassicMember heir,
            JoinGroup command,
            Reply<JoinGroup.Answer> reply,
            Turn<GroupRecord> turn) {
        before.dismiss(Refusal.Reason.FENCED_INSTANCE_ID, turn);
        if (group.phase == Phase.STABLE && changesNothing(group, before, heir)) {
            takeOver(group, before, heir, command.canSkip(), reply, turn);
            return;
        }
        Sessions.stop(group.groupId(), before, turn);
        heir.joining = reply;
        group.replace(before, heir);
        Sessions.refresh(group.groupId(), heir, turn);
        rounds.onJoined(group, Round.reason("a static member comes back", command.reason()), heir, turn);
    }

    /** Whether the generation may stay as it is: the same protocol would be chosen, and the member asks for the same. */
    private static boolean changesNothing(ClassicGroup group, ClassicMember before, ClassicMember heir) {
        List<ClassicMember> members = new ArrayList<>(group.members());
        members.replaceAll(member -> member == before ? heir : member);
        if (!Objects.equals(group.protocolName, ProtocolVote.choose(members))) {
            return false;
        }
        byte[] then = before.metadata(group.protocolName);
        byte[] now = heir.metadata(group.protocolName);
        if (Arrays.equals(then, now)) {
            return true;
        }
        if (!ConsumerProtocolCodec.PROTOCOL_TYPE.equals(group.protocolType)) {
            return false;
        }
        // a consumer that starts anew owns nothing yet and has no notes of its assignor's: that is no change of what it
        // wants
        ConsumerSubscription wanted = ConsumerProtocolCodec.subscription(then);
        ConsumerSubscription wants = ConsumerProtocolCodec.subscription(now);
        return wanted != null
                && wants != null
                && new HashSet<>(wanted.topics()).equals(new HashSet<>(wants.topics()))
                && Objects.equals(wanted.rackId(), wants.rackId());
    }

    /** The member's place in the generation goes over to its successor, once that is stored. */
    private static void takeOver(
            ClassicGroup group,
            ClassicMember before,
            ClassicMember heir,
            boolean canSkip,
            Reply<JoinGroup.Answer> reply,
            Turn<GroupRecord> turn) {
        GroupValue.ClassicGroup stored = group.stored();
        List<GroupValue.ClassicMember> members = new ArrayList<>();
        List<JoinGroup.Member> forLeader = new ArrayList<>();
        for (ClassicMember member : group.members()) {
            ClassicMember stays = member == before ? heir : member;
            members.add(stays.toStore(group.protocolName, member.assignment()));
            forLeader.add(stays.forLeader(group.protocolName));
        }
        boolean leads = group.isLeader(before);
        group.successor = heir;
        turn.write(new GroupRecord(
                group.key(),
                new GroupValue.ClassicGroup(
                        stored.protocolType(),
                        stored.generationId(),
                        stored.protocol(),
                        leads ? heir.memberId : stored.leader(),
                        stored.currentStateTimestampMs(),
                        members)));
        Sessions.stop(group.groupId(), before, turn);
        Sessions.refresh(group.groupId(), heir, turn);
        // a leader that cannot be told to skip the assignment is told that another one leads
        boolean toldToLead = leads && canSkip;
        turn.answer(
                reply,
                new JoinGroup.Answer(
                        null,
                        heir.memberId,
                        group.generationId,
                        group.protocolType,
                        group.protocolName,
                        toldToLead ? heir.memberId : Objects.requireNonNullElse(group.leader, ""),
                        toldToLead,
                        toldToLead ? forLeader : List.of()));
        turn.ifRefused((refusal, next) -> {
            group.successor = null;
            if (group.member(before.memberId) == before) {
                Sessions.start(group.groupId(), before, before.sessionTimeoutMs(), next);
            }
        });
    }

    // ---- with an id

    private void joinWithId(
            ClassicGroup group, JoinGroup command, Reply<JoinGroup.Answer> reply, Turn<GroupRecord> turn) {
        String memberId = command.memberId();
        if (command.groupInstanceId() == null && takeBack(group, memberId, turn)) {
            add(group, memberId, command, reply, turn);
            return;
        }
        Refusal.Reason reason = group.refuseMember(memberId, command.groupInstanceId());
        if (reason != null) {
            refuse(reason, command, reply, turn);
            return;
        }
        ClassicMember member = group.member(memberId);
        boolean unchanged = member.offersTheSame(command.protocols());
        boolean mayStay = switch (group.phase) {
            case COMPLETING -> unchanged;
            case STABLE -> unchanged && !group.isLeader(member);
            case PREPARING, EMPTY, DEAD -> false;
        };
        if (mayStay) {
            // its answer was lost: the generation has not changed since
            boolean assigns = group.phase == Phase.COMPLETING && group.isLeader(member);
            Sessions.refresh(group.groupId(), member, turn);
            turn.answer(reply, Rounds.joinAnswer(group, member, assigns ? Rounds.forLeader(group) : List.of()));
            return;
        }
        String what = group.isLeader(member) ? "the leader joins again" : "a member joins again with new metadata";
        // whoever asked first for this member is not there any more, or will ask again
        member.dismiss(Refusal.Reason.REBALANCE_IN_PROGRESS, turn);
        member.offer(command);
        member.joining = reply;
        group.offersChanged();
        Sessions.extend(group.groupId(), member, member.isNew ? NEW_MEMBER_WAITS_MS : member.sessionTimeoutMs(), turn);
        rounds.onJoined(group, Round.reason(what, command.reason()), member, turn);
    }

    private static TimerKey pendingKey(ClassicGroup group, String memberId) {
        return new TimerKey(group.groupId(), ClassicProtocol.Due.PENDING_MEMBER, memberId);
    }
}
