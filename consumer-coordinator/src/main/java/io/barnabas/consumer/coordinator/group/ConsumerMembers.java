package io.barnabas.consumer.coordinator.group;

import io.barnabas.consumer.coordinator.assignor.Assignors;
import io.barnabas.consumer.coordinator.journal.GroupRecord;
import io.barnabas.consumer.coordinator.journal.GroupValue;
import io.barnabas.consumer.coordinator.journal.TopicPartitions;
import io.barnabas.model.Refusal;
import io.barnabas.model.TopicIds;
import io.barnabas.runtime.replicated.Reply;
import io.barnabas.runtime.replicated.Turn;
import java.util.List;
import java.util.TreeSet;
import java.util.random.RandomGenerator;

/** Members that speak the consumer protocol: they join, go on and leave by heartbeats. */
final class ConsumerMembers {
    private final Groups groups;
    private final GroupConfig.Consumer config;
    private final Transitions transitions;
    private final Migration migration;
    private final Assignors assignors;
    private final RandomGenerator random;

    ConsumerMembers(
            Groups groups,
            GroupConfig.Consumer config,
            Transitions transitions,
            Migration migration,
            Assignors assignors,
            RandomGenerator random) {
        this.groups = groups;
        this.config = config;
        this.transitions = transitions;
        this.migration = migration;
        this.assignors = assignors;
        this.random = random;
    }

    void heartbeat(ConsumerHeartbeat beat, Reply<ConsumerHeartbeat.Answer> reply, Turn<GroupRecord> turn) {
        ConsumerHeartbeat.Answer refused = HeartbeatRules.refuse(beat, assignors);
        if (refused != null) {
            turn.answerAtOnce(reply, refused);
        } else if (!transitions.knowsTopics()) {
            reply.refuse(Refusal.of(Refusal.Reason.COORDINATOR_LOAD_IN_PROGRESS));
        } else if (beat.memberEpoch() == ConsumerHeartbeat.JOINING) {
            join(beat, reply, turn);
        } else {
            known(beat, reply, turn);
        }
    }

    private static void refuse(
            Reply<ConsumerHeartbeat.Answer> reply, Refusal.Reason reason, String message, Turn<GroupRecord> turn) {
        turn.answer(reply, ConsumerHeartbeat.Answer.refused(reason, message));
    }

    // ---- joining

    private void join(ConsumerHeartbeat beat, Reply<ConsumerHeartbeat.Answer> reply, Turn<GroupRecord> turn) {
        Group group = groups.find(beat.groupId());
        GroupDraft draft;
        if (group instanceof ConsumerGroup) {
            draft = new GroupDraft((ConsumerGroup) group);
        } else if (group == null) {
            draft = transitions.newGroup(beat.groupId(), turn);
        } else {
            ConsumerGroup nothingYet = new ConsumerGroup(beat.groupId(), transitions);
            draft = migration.upgrade((ClassicGroup) group, nothingYet, transitions.topics());
            if (draft == null) {
                refuse(reply, Refusal.Reason.GROUP_ID_NOT_FOUND, notConsumer(beat), turn);
                return;
            }
        }

        String memberId = beat.memberId().isEmpty() ? TopicIds.toBase64(TopicIds.random(random)) : beat.memberId();
        ConsumerMember before = beat.instanceId() == null ? null : draft.staticMember(beat.instanceId());
        if (before == null) {
            before = draft.member(memberId);
        }
        if (before == null && draft.size() >= config.maxSize()) {
            refuse(
                    reply,
                    Refusal.Reason.GROUP_MAX_SIZE_REACHED,
                    "The consumer group has reached its maximum capacity of " + config.maxSize() + " members.",
                    turn);
            return;
        }
        boolean isReplaced = before != null && !before.memberId().equals(memberId);
        // a classic static member never says that it goes for a while: the newer one is the one that counts
        if (isReplaced && !before.isAway() && !before.speaksClassic()) {
            refuse(
                    reply,
                    Refusal.Reason.UNRELEASED_INSTANCE_ID,
                    "Static member " + memberId + " with instance id " + beat.instanceId()
                            + " cannot join the group because the instance id is owned by member "
                            + before.memberId() + ".",
                    turn);
            return;
        }

        if (group instanceof ClassicGroup) {
            migration.writeUpgrade((ClassicGroup) group, turn);
            transitions.forgetUnlessWritten(beat.groupId(), turn);
            for (ConsumerMember converted : draft.members()) {
                transitions.watch(beat.groupId(), converted, turn);
            }
        }
        GroupValue.Member info = info(beat, before);
        if (before == null) {
            draft.put(ConsumerMember.joining(memberId, info));
        } else if (isReplaced) {
            draft.replace(before, before.as(memberId, info));
        } else if (before.isAway() || before.speaksClassic()) {
            draft.put(before.as(memberId, info));
        } else {
            draft.put(before.with(info));
        }
        if (before == null || !ConsumerMember.hasSameSubscription(before.info(), info) || draft.isBumped()) {
            transitions.changed(draft, before == null ? "a member joins" : "a member has changed", memberId, turn);
        }
        ConsumerMember after = transitions.reconcile(draft, memberId, PartitionSet.NONE, 0, turn);
        transitions.watch(beat.groupId(), after, turn);
        transitions.write(draft, turn);
        turn.answer(reply, answer(draft, after, true, turn));
    }

    /** What the member says of itself now; what it does not say has not changed. */
    private static GroupValue.Member info(ConsumerHeartbeat beat, ConsumerMember before) {
        GroupValue.Member old = before == null ? null : before.info();
        List<String> names = beat.subscribedTopicNames() == null
                ? old == null ? List.of() : old.subscribedTopicNames()
                : List.copyOf(new TreeSet<>(beat.subscribedTopicNames()));
        return new GroupValue.Member(
                beat.instanceId() == null && old != null ? old.instanceId() : beat.instanceId(),
                beat.rackId() == null && old != null ? old.rackId() : beat.rackId(),
                beat.clientId(),
                beat.clientHost(),
                names,
                beat.subscribedTopicRegex() == null && old != null
                        ? old.subscribedTopicRegex()
                        : beat.subscribedTopicRegex(),
                beat.rebalanceTimeoutMs() == -1 && old != null ? old.rebalanceTimeoutMs() : beat.rebalanceTimeoutMs(),
                beat.serverAssignor() == null && old != null ? old.serverAssignor() : beat.serverAssignor(),
                null);
    }

    // ---- going on, and leaving

    private void known(ConsumerHeartbeat beat, Reply<ConsumerHeartbeat.Answer> reply, Turn<GroupRecord> turn) {
        Group group = groups.find(beat.groupId());
        if (!(group instanceof ConsumerGroup)) {
            String message = group == null ? "Consumer group " + beat.groupId() + " not found." : notConsumer(beat);
            refuse(reply, Refusal.Reason.GROUP_ID_NOT_FOUND, message, turn);
            return;
        }
        ConsumerGroup consumerGroup = (ConsumerGroup) group;
        ConsumerMember member;
        if (beat.instanceId() == null) {
            member = consumerGroup.member(beat.memberId());
        } else {
            member = consumerGroup.staticMember(beat.instanceId());
            if (member == null) {
                refuse(
                        reply,
                        Refusal.Reason.UNKNOWN_MEMBER_ID,
                        "Instance id " + beat.instanceId() + " is unknown.",
                        turn);
                return;
            }
            if (!member.memberId().equals(beat.memberId())) {
                refuse(
                        reply,
                        Refusal.Reason.FENCED_INSTANCE_ID,
                        "Static member " + beat.memberId() + " with instance id " + beat.instanceId()
                                + " was fenced by member " + member.memberId() + ".",
                        turn);
                return;
            }
        }
        if (member == null || member.speaksClassic()) {
            refuse(
                    reply,
                    Refusal.Reason.UNKNOWN_MEMBER_ID,
                    "Member " + beat.memberId() + " is not a member of group " + beat.groupId() + ".",
                    turn);
        } else if (beat.memberEpoch() < 0) {
            leave(beat, consumerGroup, member, reply, turn);
        } else {
            goOn(beat, consumerGroup, member, reply, turn);
        }
    }

    private void leave(
            ConsumerHeartbeat beat,
            ConsumerGroup group,
            ConsumerMember member,
            Reply<ConsumerHeartbeat.Answer> reply,
            Turn<GroupRecord> turn) {
        GroupDraft draft = new GroupDraft(group);
        transitions.calm(group.groupId(), member.memberId(), turn);
        if (beat.memberEpoch() == ConsumerMember.AWAY) {
            draft.put(member.away());
            transitions.onAlive(group.groupId(), member, turn);
        } else {
            draft.remove(member.memberId());
            transitions.changed(draft, "a member leaves", member.memberId(), turn);
        }
        transitions.write(draft, turn);
        turn.answer(reply, new ConsumerHeartbeat.Answer(null, null, member.memberId(), beat.memberEpoch(), 0, null));
    }

    private void goOn(
            ConsumerHeartbeat beat,
            ConsumerGroup group,
            ConsumerMember member,
            Reply<ConsumerHeartbeat.Answer> reply,
            Turn<GroupRecord> turn) {
        PartitionSet owned = beat.owned() == null ? null : PartitionSet.of(beat.owned());
        boolean isNewer = beat.memberEpoch() > member.epoch();
        boolean lostAnswer = beat.memberEpoch() == member.previousEpoch()
                && owned != null
                && member.held().containsAll(owned);
        if (isNewer || beat.memberEpoch() < member.epoch() && !lostAnswer) {
            refuse(
                    reply,
                    Refusal.Reason.FENCED_MEMBER_EPOCH,
                    "The consumer group member has a " + (isNewer ? "greater" : "smaller") + " member epoch ("
                            + beat.memberEpoch() + ") than the one known by the group coordinator (" + member.epoch()
                            + "). The member must abandon all its partitions and rejoin.",
                    turn);
            return;
        }

        GroupDraft draft = new GroupDraft(group);
        GroupValue.Member info = info(beat, member);
        if (!ConsumerMember.isSame(member.info(), info)) {
            draft.put(member.with(info));
            if (!ConsumerMember.hasSameSubscription(member.info(), info)) {
                transitions.changed(draft, "a member subscribes to something else", member.memberId(), turn);
            }
        }
        ConsumerMember after = transitions.reconcile(draft, member.memberId(), owned, beat.memberEpoch(), turn);
        transitions.onAlive(group.groupId(), after, turn);
        transitions.write(draft, turn);

        boolean isComplete = owned != null
                && beat.rebalanceTimeoutMs() != -1
                && (beat.subscribedTopicNames() != null || beat.subscribedTopicRegex() != null);
        boolean hasNews = !after.assigned().equals(member.assigned())
                || beat.memberEpoch() != member.epoch()
                || owned != null && !owned.equals(after.assigned());
        ConsumerHeartbeat.Answer answer = answer(draft, after, isComplete || hasNews, turn);
        // what the member knows already may be said at once, whatever else is on its way into the log
        boolean isKnown = answer.assignment() == null && after.epoch() == beat.memberEpoch();
        if (isKnown && turn.records().isEmpty()) {
            turn.answerAtOnce(reply, answer);
        } else {
            turn.answer(reply, answer);
        }
    }

    private ConsumerHeartbeat.Answer answer(
            GroupDraft draft, ConsumerMember member, boolean withAssignment, Turn<GroupRecord> turn) {
        List<TopicPartitions> assignment = withAssignment ? member.assigned().toList() : null;
        return new ConsumerHeartbeat.Answer(
                null,
                null,
                member.memberId(),
                member.epoch(),
                transitions.heartbeatIntervalMs(draft, member, turn),
                assignment);
    }

    private static String notConsumer(ConsumerHeartbeat beat) {
        return "Group " + beat.groupId() + " is not a consumer group.";
    }
}
