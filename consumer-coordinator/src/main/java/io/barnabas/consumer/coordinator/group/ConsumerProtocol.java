package io.barnabas.consumer.coordinator.group;

import io.barnabas.consumer.coordinator.assignor.Assignors;
import io.barnabas.consumer.coordinator.journal.GroupKey;
import io.barnabas.consumer.coordinator.journal.GroupRecord;
import io.barnabas.model.Refusal;
import io.barnabas.runtime.replicated.Reply;
import io.barnabas.runtime.replicated.StoredRecord;
import io.barnabas.runtime.replicated.TimerKey;
import io.barnabas.runtime.replicated.Turn;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.function.Supplier;
import java.util.random.RandomGenerator;

/**
 * The consumer protocol (KIP-848): the coordinator itself decides who owns what, and each member comes there in steps of its own, by heartbeats.
 *
 * <p>Members are served by {@link ConsumerMembers} and {@link ClassicMembers}; what follows from what they do is the same for both,
 * {@link Transitions}. A {@link ConsumerGroup} is what the records say, and changes only when they are replayed.
 */
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

    private final Groups groups;
    private final ClassicProtocol classic;
    private final Transitions transitions;
    private final TargetAssignments assignments;
    private final ConsumerMembers consumerMembers;
    private final ClassicMembers classicMembers;
    private final RegexMatching regexMatching;

    /** By group those who want to join a classic group, as soon as the empty consumer group is gone. */
    private final Map<String, List<Joining>> joining = new HashMap<>();

    private record Joining(JoinGroup command, Reply<JoinGroup.Answer> reply) {}

    public ConsumerProtocol(
            Groups groups,
            ClassicProtocol classic,
            GroupConfig config,
            GroupSettings settings,
            Supplier<TopicImage> topics,
            Assignors assignors,
            RandomGenerator random) {
        this(groups, classic, config, settings, topics, assignors, random, TargetAssignments.AT_ONCE);
    }

    /** @param assignAtOnce members times partitions up to which a group counts as small */
    ConsumerProtocol(
            Groups groups,
            ClassicProtocol classic,
            GroupConfig config,
            GroupSettings settings,
            Supplier<TopicImage> topics,
            Assignors assignors,
            RandomGenerator random,
            long assignAtOnce) {
        this.groups = groups;
        this.classic = classic;
        this.assignments = new TargetAssignments(assignors, assignAtOnce);
        Migration migration = new Migration(classic, config);
        this.transitions = new Transitions(groups, config.consumer(), settings, topics, assignments, migration);
        this.consumerMembers =
                new ConsumerMembers(groups, config.consumer(), transitions, migration, assignors, random);
        this.classicMembers = new ClassicMembers(config, transitions, random);
        this.regexMatching = new RegexMatching(config.consumer(), transitions);
    }

    /** Has every finished rebalance reported. */
    public void reportTo(RebalanceListener listener) {
        transitions.reportTo(listener);
    }

    // ---- members

    /** Comes for every group: one of the classic protocol may be converted, one that does not exist created. */
    public void heartbeat(ConsumerHeartbeat command, Reply<ConsumerHeartbeat.Answer> reply, Turn<GroupRecord> turn) {
        consumerMembers.heartbeat(command, reply, turn);
    }

    /** Of the classic protocol, as are the three that follow. */
    public void join(JoinGroup command, Reply<JoinGroup.Answer> reply, Turn<GroupRecord> turn) {
        ConsumerGroup group = transitions.find(command.groupId());
        if (!group.isEmpty()) {
            classicMembers.join(group, command, reply, turn);
            return;
        }
        // nobody is left to be disturbed: it makes room for a classic group, which begins once this is written
        joining.computeIfAbsent(command.groupId(), none -> new ArrayList<>()).add(new Joining(command, reply));
        group.writeTombstones(turn);
        turn.ifRefused((refusal, next) -> {
            for (Joining waiting : takeJoining(command.groupId())) {
                waiting.reply.refuse(refusal);
            }
        });
        turn.startTimer(new TimerKey(command.groupId(), Due.HANDOVER, ""), 0);
    }

    private List<Joining> takeJoining(String groupId) {
        List<Joining> taken = joining.remove(groupId);
        return taken == null ? List.of() : taken;
    }

    public void sync(SyncGroup command, Reply<SyncGroup.Answer> reply, Turn<GroupRecord> turn) {
        classicMembers.sync(transitions.find(command.groupId()), command, reply, turn);
    }

    public void heartbeat(GroupHeartbeat command, Reply<GroupHeartbeat.Answer> reply, Turn<GroupRecord> turn) {
        classicMembers.heartbeat(transitions.find(command.groupId()), command, reply, turn);
    }

    public void leave(LeaveGroup command, Reply<LeaveGroup.Answer> reply, Turn<GroupRecord> turn) {
        classicMembers.leave(transitions.find(command.groupId()), command, reply, turn);
    }

    // ---- the cluster

    /** The supplier of topics gives the new image already. */
    public void onTopicsChanged(Turn<GroupRecord> turn) {
        for (Group group : groups.all()) {
            if (group instanceof ConsumerGroup) {
                followTopics((ConsumerGroup) group, turn);
            }
        }
    }

    /** Each group that is concerned gets a turn of its own. */
    private void followTopics(ConsumerGroup group, Turn<GroupRecord> turn) {
        if (group.isEmpty() || !transitions.knowsTopics()) {
            return;
        }
        if (group.members().stream().anyMatch(ConsumerMember::hasRegex)) {
            turn.startTimer(new TimerKey(group.groupId(), Due.REGEX, ""), 0);
        } else if (group.epoch() != group.targetEpoch()
                || Subscriptions.hash(group.subscribedTopics(), transitions.topics()) != group.metadataHash()) {
            turn.startTimer(new TimerKey(group.groupId(), Due.METADATA, ""), 0);
        }
    }

    private void onMetadataDue(ConsumerGroup group, TimerKey key, Turn<GroupRecord> turn) {
        if (group.isEmpty() || !transitions.knowsTopics()) {
            return;
        }
        GroupDraft draft = new GroupDraft(group);
        if (Subscriptions.hash(group.subscribedTopics(), transitions.topics()) != group.metadataHash()) {
            transitions.changed(draft, "topics have changed", null, turn);
        } else {
            transitions.assign(draft, turn);
        }
        turn.ifRefused((refusal, next) -> next.startTimer(key, Transitions.RETRY_MILLIS));
        transitions.write(draft, turn);
    }

    // ---- time

    public void onTimer(TimerKey key, Turn<GroupRecord> turn) {
        Due due = (Due) key.kind();
        ConsumerGroup group = transitions.find(key.owner());
        if (due == Due.HANDOVER) {
            for (Joining waiting : takeJoining(key.owner())) {
                if (group == null) {
                    classic.join(waiting.command, waiting.reply, turn);
                } else {
                    join(waiting.command, waiting.reply, turn);
                }
            }
            return;
        }
        if (group == null) {
            return;
        }
        switch (due) {
            case SESSION -> onSessionDue(group, key, turn);
            case REBALANCE -> onRebalanceDue(group, key, turn);
            case METADATA -> onMetadataDue(group, key, turn);
            case ASSIGNMENT -> transitions.onAssignmentDue(group, turn);
            case REGEX -> regexMatching.onDue(group, turn);
            case SETTLED -> transitions.onSettled(group, turn);
            case HANDOVER -> throw new IllegalStateException("handled above");
        }
    }

    private void onSessionDue(ConsumerGroup group, TimerKey key, Turn<GroupRecord> turn) {
        ConsumerMember member = group.member(key.subject());
        if (member == null) {
            transitions.vitals(group.groupId()).forget(key.subject()); // the log has refused it
            return;
        }
        Long deadline = transitions.vitals(group.groupId()).sessionDeadline(member.memberId());
        if (deadline == null) {
            transitions.watch(group.groupId(), member, turn);
        } else if (deadline > turn.monotonicMillis()) {
            turn.startTimer(key, deadline - turn.monotonicMillis());
        } else {
            transitions.expel(group, member, "a member has been silent for too long", key, turn);
        }
    }

    private void onRebalanceDue(ConsumerGroup group, TimerKey key, Turn<GroupRecord> turn) {
        ConsumerMember member = group.member(key.subject());
        GroupVitals vitals = transitions.vitals(group.groupId());
        Long deadline = member == null ? null : vitals.rebalanceDeadline(member.memberId());
        if (deadline == null) {
            return;
        }
        boolean isLate = member.state() == ConsumerMember.State.UNREVOKED
                || member.speaksClassic()
                        && (vitals.isAwaitingSync(member.memberId()) || ClassicMembers.hasToJoin(group, member));
        if (!isLate) {
            vitals.calm(member.memberId());
        } else if (deadline > turn.monotonicMillis()) {
            turn.startTimer(key, deadline - turn.monotonicMillis());
        } else {
            transitions.expel(group, member, "a member takes too long to rebalance", key, turn);
        }
    }

    // ---- the log, and the leadership

    /** Takes records of every kind of key but {@code GroupKey.Offset} and {@code GroupKey.ClassicGroup}. */
    public void replay(StoredRecord<GroupRecord> stored) {
        GroupRecord entry = stored.record();
        String groupId = entry.key().groupId();
        if (entry.key() instanceof GroupKey.PartitionMetadata) {
            return;
        }
        ConsumerGroup group = transitions.find(groupId);
        if (group == null) {
            if (entry.isTombstone()) {
                return;
            }
            group = new ConsumerGroup(groupId, transitions);
            groups.put(group);
        }
        if (entry.isTombstone() && entry.key() instanceof GroupKey.ConsumerGroup) {
            groups.remove(groupId);
            transitions.forget(groupId);
            return;
        }
        if (entry.isTombstone() && entry.key() instanceof GroupKey.Member) {
            transitions.vitals(groupId).forget(((GroupKey.Member) entry.key()).memberId());
        }
        group.replay(entry.key(), entry.value());
    }

    public void onLoaded(Turn<GroupRecord> turn) {
        for (Group each : groups.all()) {
            if (each instanceof ConsumerGroup) {
                ConsumerGroup group = (ConsumerGroup) each;
                for (ConsumerMember member : group.members()) {
                    transitions.watch(group.groupId(), member, turn);
                    if (member.state() == ConsumerMember.State.UNREVOKED) {
                        transitions.hurry(group.groupId(), member, turn);
                    }
                }
                followTopics(group, turn);
            }
        }
    }

    public void onResigned(Refusal refusal) {
        joining.values().forEach(all -> all.forEach(waiting -> waiting.reply.refuse(refusal)));
        joining.clear();
    }

    // ---- tools

    /** Error GROUP_ID_NOT_FOUND if there is no consumer group of this id (GROUP-38). */
    public GroupDescription.Consumer describe(String groupId) {
        Group group = groups.find(groupId);
        if (!(group instanceof ConsumerGroup)) {
            String message = group == null
                    ? "Group " + groupId + " not found."
                    : "Group " + groupId + " is not a consumer group.";
            return new GroupDescription.Consumer(
                    Refusal.Reason.GROUP_ID_NOT_FOUND, message, groupId, "", 0, 0, "", List.of());
        }
        ConsumerGroup described = (ConsumerGroup) group;
        List<GroupDescription.ConsumerMember> members = new ArrayList<>(described.size());
        for (ConsumerMember member : described.members()) {
            members.add(new GroupDescription.ConsumerMember(
                    member.memberId(),
                    member.instanceId(),
                    member.info().rackId(),
                    member.epoch(),
                    member.info().clientId(),
                    member.info().clientHost(),
                    member.info().subscribedTopicNames(),
                    member.info().subscribedTopicRegex(),
                    member.assigned().toList(),
                    described.target(member.memberId()).toList(),
                    (byte) (member.speaksClassic() ? 0 : 1)));
        }
        return new GroupDescription.Consumer(
                null,
                null,
                groupId,
                described.state(),
                described.epoch(),
                described.targetEpoch(),
                assignments.assignorOf(described.members()).name(),
                members);
    }

    /** Makes every empty consumer group an empty classic one, or refuses if there is one with members. */
    public Refusal downgradeAll(Turn<GroupRecord> turn) {
        List<ConsumerGroup> all = new ArrayList<>();
        for (Group group : groups.all()) {
            if (group instanceof ConsumerGroup) {
                if (!group.isEmpty()) {
                    return new Refusal(
                            Refusal.Reason.NON_EMPTY_GROUP,
                            "Group " + group.groupId() + " has members that speak the consumer protocol.");
                }
                all.add((ConsumerGroup) group);
            }
        }
        all.forEach(group -> Migration.writeEmptyDowngrade(group, turn));
        return null;
    }
}
