package io.barnabas.consumer.coordinator.group;

import io.barnabas.consumer.coordinator.journal.GroupRecord;
import io.barnabas.consumer.coordinator.journal.GroupValue;
import io.barnabas.model.Refusal;
import io.barnabas.model.TopicIds;
import io.barnabas.runtime.replicated.Reply;
import io.barnabas.runtime.replicated.Turn;
import java.util.ArrayList;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Set;
import java.util.random.RandomGenerator;

/**
 * Members of consumer groups that speak the classic protocol (GROUP-37). To them, member epochs are generations and every step of their reconciliation is a rebalance:
 * they are called to it by a heartbeat, say by a join what they own, and learn by a sync what they are to own.
 */
final class ClassicMembers {
    private final GroupConfig config;
    private final Transitions transitions;
    private final RandomGenerator random;

    ClassicMembers(GroupConfig config, Transitions transitions, RandomGenerator random) {
        this.config = config;
        this.transitions = transitions;
        this.random = random;
    }

    // ---- join

    /** @param group with members */
    void join(ConsumerGroup group, JoinGroup join, Reply<JoinGroup.Answer> reply, Turn<GroupRecord> turn) {
        if (!transitions.knowsTopics()) {
            reply.refuse(Refusal.of(Refusal.Reason.COORDINATOR_LOAD_IN_PROGRESS));
            return;
        }
        GroupDraft draft = new GroupDraft(group);
        ConsumerSubscription subscription = Migration.subscription(join.protocols());
        ConsumerMember before = join.groupInstanceId() != null
                ? draft.staticMember(join.groupInstanceId())
                : draft.member(join.memberId());
        Refusal.Reason refused = refuse(draft, join, subscription, before);
        if (refused != null) {
            turn.answer(reply, JoinGroup.Answer.refused(refused, join.memberId()));
            return;
        }
        if (before == null && join.memberId().isEmpty() && join.groupInstanceId() == null && join.needsKnownId()) {
            turn.answerAtOnce(
                    reply, JoinGroup.Answer.refused(Refusal.Reason.MEMBER_ID_REQUIRED, newId(join.clientId())));
            return;
        }

        String memberId = !join.memberId().isEmpty()
                ? join.memberId()
                : newId(join.groupInstanceId() == null ? join.clientId() : join.groupInstanceId());
        GroupValue.Member info = Migration.info(
                join.groupInstanceId(),
                join.clientId(),
                join.clientHost(),
                join.rebalanceTimeoutMs(),
                join.sessionTimeoutMs(),
                join.protocols(),
                subscription);
        if (before == null) {
            draft.put(ConsumerMember.joining(memberId, info));
        } else if (!before.memberId().equals(memberId)) {
            draft.replace(before, before.as(memberId, info));
        } else {
            draft.put(before.with(info));
        }
        if (before == null || !ConsumerMember.hasSameSubscription(before.info(), info)) {
            transitions.changed(draft, reason(join, before), memberId, turn);
        }
        PartitionSet owned = Migration.byId(subscription.ownedPartitions(), transitions.topics());
        Long deadline = transitions.vitals(group.groupId()).rebalanceDeadline(memberId);
        transitions.calm(group.groupId(), memberId, turn);
        int toldEpoch = draft.member(memberId).epoch();
        ConsumerMember after = transitions.reconcile(draft, memberId, owned, toldEpoch, turn);
        transitions.watch(group.groupId(), after, turn);
        if (transitions.write(draft, turn)) {
            // it is a classic group from here on, that will have everyone join
            turn.answer(reply, JoinGroup.Answer.refused(Refusal.Reason.REBALANCE_IN_PROGRESS, join.memberId()));
            return;
        }
        transitions.vitals(group.groupId()).awaitSync(memberId);
        boolean wasAsked = before != null
                && before.state() == ConsumerMember.State.UNREVOKED
                && before.revoking().equals(after.revoking());
        transitions.hurryOn(group.groupId(), after, wasAsked ? deadline : null, turn);
        turn.answer(
                reply,
                new JoinGroup.Answer(
                        null,
                        memberId,
                        after.epoch(),
                        ConsumerProtocolCodec.PROTOCOL_TYPE,
                        join.protocols().get(0).name(),
                        "",
                        false,
                        List.of()));
    }

    private static String reason(JoinGroup join, ConsumerMember before) {
        String what = before == null ? "a member joins" : "a member subscribes to something else";
        return Round.reason(what, join.reason());
    }

    private Refusal.Reason refuse(
            GroupDraft draft, JoinGroup join, ConsumerSubscription subscription, ConsumerMember before) {
        if (join.sessionTimeoutMs() < config.minSessionTimeoutMs()
                || join.sessionTimeoutMs() > config.maxSessionTimeoutMs()) {
            return Refusal.Reason.INVALID_SESSION_TIMEOUT;
        }
        if (!ConsumerProtocolCodec.PROTOCOL_TYPE.equals(join.protocolType()) || subscription == null) {
            return Refusal.Reason.INCONSISTENT_GROUP_PROTOCOL;
        }
        Set<String> common = new LinkedHashSet<>();
        join.protocols().forEach(offer -> common.add(offer.name()));
        List<ConsumerMember> others = new ArrayList<>(draft.members());
        others.remove(before);
        Set<String> offered = Migration.commonProtocols(others);
        if (others.stream().anyMatch(ConsumerMember::speaksClassic)) {
            common.retainAll(offered);
        }
        if (common.isEmpty()) {
            return Refusal.Reason.INCONSISTENT_GROUP_PROTOCOL;
        }
        if (before == null) {
            if (join.groupInstanceId() != null && !join.memberId().isEmpty()) {
                return Refusal.Reason.UNKNOWN_MEMBER_ID;
            }
            return draft.size() >= config.consumer().maxSize() ? Refusal.Reason.GROUP_MAX_SIZE_REACHED : null;
        }
        if (join.groupInstanceId() != null) {
            if (!join.memberId().isEmpty() && !join.memberId().equals(before.memberId())) {
                return Refusal.Reason.FENCED_INSTANCE_ID;
            }
            boolean isSomeoneElses = !before.speaksClassic() && !before.isAway();
            return isSomeoneElses ? Refusal.Reason.UNRELEASED_INSTANCE_ID : null;
        }
        return before.speaksClassic() ? null : Refusal.Reason.UNKNOWN_MEMBER_ID;
    }

    private String newId(String prefix) {
        return (prefix == null ? "" : prefix) + "-" + TopicIds.random(random);
    }

    // ---- sync

    void sync(ConsumerGroup group, SyncGroup sync, Reply<SyncGroup.Answer> reply, Turn<GroupRecord> turn) {
        ConsumerMember member = group.member(sync.memberId());
        Refusal.Reason refused = refuse(group, member, sync.groupInstanceId(), sync.generationId());
        if (refused == null) {
            String spoken = member.info().classic().protocols().get(0).name();
            if (sync.protocolType() != null && !ConsumerProtocolCodec.PROTOCOL_TYPE.equals(sync.protocolType())
                    || sync.protocolName() != null && !sync.protocolName().equals(spoken)) {
                refused = Refusal.Reason.INCONSISTENT_GROUP_PROTOCOL;
            } else if (group.epoch() > member.epoch() && member.state() != ConsumerMember.State.UNREVOKED) {
                callToJoin(group, member, turn);
                refused = Refusal.Reason.REBALANCE_IN_PROGRESS;
            }
        }
        if (refused != null) {
            turn.answer(reply, SyncGroup.Answer.refused(refused));
            return;
        }
        transitions.onAlive(group, member, turn);
        Long deadline = transitions.vitals(group.groupId()).rebalanceDeadline(member.memberId());
        transitions.calm(group.groupId(), member.memberId(), turn);
        if (member.state() == ConsumerMember.State.UNREVOKED) {
            transitions.hurryOn(group.groupId(), member, deadline, turn);
        }
        turn.answer(
                reply,
                new SyncGroup.Answer(
                        null,
                        ConsumerProtocolCodec.PROTOCOL_TYPE,
                        member.info().classic().protocols().get(0).name(),
                        Migration.assignment(member, transitions.topics())));
    }

    private static Refusal.Reason refuse(
            ConsumerGroup group, ConsumerMember member, String instanceId, int generationId) {
        if (instanceId != null) {
            ConsumerMember current = group.staticMember(instanceId);
            if (current == null) {
                return Refusal.Reason.UNKNOWN_MEMBER_ID;
            }
            if (current != member) {
                return Refusal.Reason.FENCED_INSTANCE_ID;
            }
        }
        if (member == null || !member.speaksClassic()) {
            return Refusal.Reason.UNKNOWN_MEMBER_ID;
        }
        return generationId == member.epoch() ? null : Refusal.Reason.ILLEGAL_GENERATION;
    }

    // ---- heartbeat

    void heartbeat(
            ConsumerGroup group, GroupHeartbeat beat, Reply<GroupHeartbeat.Answer> reply, Turn<GroupRecord> turn) {
        ConsumerMember member = group.member(beat.memberId());
        Refusal.Reason refused = refuse(group, member, beat.groupInstanceId(), beat.generationId());
        if (refused == null) {
            transitions.onAlive(group, member, turn);
            if (hasToJoin(group, member)) {
                callToJoin(group, member, turn);
                refused = Refusal.Reason.REBALANCE_IN_PROGRESS;
            }
        }
        turn.answerAtOnce(reply, new GroupHeartbeat.Answer(refused));
    }

    /** Whether joining again would bring it further. */
    static boolean hasToJoin(ConsumerGroup group, ConsumerMember member) {
        if (member.epoch() < group.epoch() || member.state() == ConsumerMember.State.UNREVOKED) {
            return true;
        }
        if (member.state() != ConsumerMember.State.UNRELEASED) {
            return false;
        }
        PartitionSet stillHeld = group.target(member.memberId())
                .minus(member.assigned())
                .filter((topic, partition) -> group.owner(topic, partition) != null);
        return stillHeld.isEmpty();
    }

    private void callToJoin(ConsumerGroup group, ConsumerMember member, Turn<GroupRecord> turn) {
        GroupVitals vitals = transitions.vitals(group.groupId());
        if (vitals.rebalanceDeadline(member.memberId()) == null) {
            transitions.hurry(group.groupId(), member, turn);
        }
    }

    // ---- leave

    /** By administrators' wish members of the consumer protocol go, too. */
    void leave(ConsumerGroup group, LeaveGroup leave, Reply<LeaveGroup.Answer> reply, Turn<GroupRecord> turn) {
        GroupDraft draft = new GroupDraft(group);
        List<LeaveGroup.Left> answers = new ArrayList<>();
        String reason = null;
        String lastLeaver = null;
        for (LeaveGroup.Leaver leaver : leave.leavers()) {
            ConsumerMember member = leaver.memberId().isEmpty() && leaver.groupInstanceId() != null
                    ? draft.staticMember(leaver.groupInstanceId())
                    : draft.member(leaver.memberId());
            Refusal.Reason refused = null;
            if (leaver.groupInstanceId() != null) {
                ConsumerMember current = draft.staticMember(leaver.groupInstanceId());
                refused = current == null
                        ? Refusal.Reason.UNKNOWN_MEMBER_ID
                        : current == member ? null : Refusal.Reason.FENCED_INSTANCE_ID;
            } else if (member == null) {
                refused = Refusal.Reason.UNKNOWN_MEMBER_ID;
            }
            if (refused == null) {
                draft.remove(member.memberId());
                transitions.calm(group.groupId(), member.memberId(), turn);
                lastLeaver = member.memberId();
                reason = leaver.reason();
            }
            answers.add(new LeaveGroup.Left(leaver.memberId(), leaver.groupInstanceId(), refused));
        }
        if (lastLeaver != null) {
            transitions.changed(draft, Round.reason("a member leaves", reason), lastLeaver, turn);
            transitions.write(draft, turn);
        }
        turn.answer(reply, new LeaveGroup.Answer(null, answers));
    }
}
