package io.barnabas.consumer.coordinator.group;

import io.barnabas.consumer.coordinator.journal.GroupRecord;
import io.barnabas.runtime.replicated.TimerKey;
import io.barnabas.runtime.replicated.Turn;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.UUID;
import java.util.function.Supplier;

/**
 * What follows from a change in a consumer group, whoever has made it: the epoch grows, a target assignment is made, a member is led towards it, and
 * it is all written. Also keeps what is known of groups only here and now.
 */
final class Transitions implements ConsumerGroup.Host {
    /** The first epoch of a new group; Kafka's groups begin with it, too. */
    private static final int FIRST_EPOCH = 2;

    /** After the log has refused what has to be written some time. */
    static final long RETRY_MILLIS = 500;

    private static final long COUNT_MEMBERS_EVERY_MILLIS = 1_000;

    private final Groups groups;
    private final GroupConfig.Consumer config;
    private final GroupSettings settings;
    private final Supplier<TopicImage> topics;
    private final TargetAssignments assignments;
    private final Migration migration;
    private final HeartbeatPace pace;
    private final Map<String, GroupVitals> vitals = new HashMap<>();
    private RebalanceListener listener = RebalanceListener.NONE;
    private int memberCount;
    private long membersCountedAtMillis = Long.MIN_VALUE / 2;

    Transitions(
            Groups groups,
            GroupConfig.Consumer config,
            GroupSettings settings,
            Supplier<TopicImage> topics,
            TargetAssignments assignments,
            Migration migration) {
        this.groups = groups;
        this.config = config;
        this.settings = settings;
        this.topics = topics;
        this.assignments = assignments;
        this.migration = migration;
        this.pace = new HeartbeatPace(config);
    }

    void reportTo(RebalanceListener newListener) {
        listener = newListener;
    }

    @Override
    public TopicImage topics() {
        return topics.get();
    }

    /** Whether anything can be decided about topics; without a picture of the cluster every topic would seem to be gone. */
    boolean knowsTopics() {
        return topics.get().version() >= 0;
    }

    GroupVitals vitals(String groupId) {
        return vitals.computeIfAbsent(groupId, id -> new GroupVitals());
    }

    void forget(String groupId) {
        vitals.remove(groupId);
    }

    /** @return null if it is not there, or no consumer group */
    ConsumerGroup find(String groupId) {
        Group group = groups.find(groupId);
        return group instanceof ConsumerGroup ? (ConsumerGroup) group : null;
    }

    GroupDraft newGroup(String groupId, Turn<GroupRecord> turn) {
        forgetUnlessWritten(groupId, turn);
        return GroupDraft.of(new ConsumerGroup(groupId, this), FIRST_EPOCH);
    }

    /** What is noted here and now of a consumer group that the log may yet refuse. */
    void forgetUnlessWritten(String groupId, Turn<GroupRecord> turn) {
        turn.ifRefused((refusal, next) -> {
            if (find(groupId) == null) {
                forget(groupId);
            }
        });
    }

    // ---- life signs

    int sessionTimeoutMs(String groupId, ConsumerMember member) {
        if (member.speaksClassic()) {
            return member.info().classic().sessionTimeoutMs();
        }
        String own = settings.of(groupId).get(GroupSettings.SESSION_TIMEOUT_MS);
        return own == null ? config.sessionTimeoutMs() : Integer.parseInt(own);
    }

    @Override
    public void onAlive(ConsumerGroup group, ConsumerMember member, Turn<GroupRecord> turn) {
        onAlive(group.groupId(), member, turn);
    }

    void onAlive(String groupId, ConsumerMember member, Turn<GroupRecord> turn) {
        vitals(groupId)
                .expectHeartbeatBy(member.memberId(), turn.monotonicMillis() + sessionTimeoutMs(groupId, member));
    }

    /** As {@link #onAlive}, for one that has just come: from now on it is watched. */
    void watch(String groupId, ConsumerMember member, Turn<GroupRecord> turn) {
        onAlive(groupId, member, turn);
        turn.startTimer(
                new TimerKey(groupId, ConsumerProtocol.Due.SESSION, member.memberId()),
                sessionTimeoutMs(groupId, member));
    }

    /** It has to say within its rebalance timeout that it has given up what it should, or to come back. */
    void hurry(String groupId, ConsumerMember member, Turn<GroupRecord> turn) {
        int millis = member.info().rebalanceTimeoutMs();
        if (millis <= 0) {
            millis = sessionTimeoutMs(groupId, member);
        }
        hurryUntil(groupId, member, turn.monotonicMillis() + millis, turn);
    }

    /** It has been asked before, and its time goes on (GROUP-33); from now on if it had no hurry any more. */
    void hurryOn(String groupId, ConsumerMember member, Long deadlineMillis, Turn<GroupRecord> turn) {
        if (deadlineMillis == null) {
            hurry(groupId, member, turn);
        } else {
            hurryUntil(groupId, member, deadlineMillis, turn);
        }
    }

    private void hurryUntil(String groupId, ConsumerMember member, long deadlineMillis, Turn<GroupRecord> turn) {
        vitals(groupId).hurry(member.memberId(), deadlineMillis);
        turn.startTimer(
                new TimerKey(groupId, ConsumerProtocol.Due.REBALANCE, member.memberId()),
                Math.max(0, deadlineMillis - turn.monotonicMillis()));
    }

    void calm(String groupId, String memberId, Turn<GroupRecord> turn) {
        vitals(groupId).calm(memberId);
        turn.cancelTimer(new TimerKey(groupId, ConsumerProtocol.Due.REBALANCE, memberId));
        turn.ifRefused((refusal, next) -> hurryAgain(groupId, memberId, next));
    }

    /** That a member has given up what it should did not get into the log: it has to be able to say so again, and in time. */
    private void hurryAgain(String groupId, String memberId, Turn<GroupRecord> turn) {
        ConsumerGroup group = find(groupId);
        ConsumerMember member = group == null ? null : group.member(memberId);
        if (member != null
                && member.state() == ConsumerMember.State.UNREVOKED
                && vitals(groupId).rebalanceDeadline(memberId) == null) {
            hurry(groupId, member, turn);
        }
    }

    /** When a member is to come again. */
    int heartbeatIntervalMs(GroupDraft draft, ConsumerMember member, Turn<GroupRecord> turn) {
        String own = settings.of(draft.groupId()).get(GroupSettings.HEARTBEAT_INTERVAL_MS);
        if (own != null) {
            return Integer.parseInt(own);
        }
        long now = turn.monotonicMillis();
        if (now - membersCountedAtMillis >= COUNT_MEMBERS_EVERY_MILLIS) {
            memberCount = 0;
            groups.all()
                    .forEach(group ->
                            memberCount += group instanceof ConsumerGroup ? ((ConsumerGroup) group).size() : 0);
            membersCountedAtMillis = now;
        }
        int members = Math.max(memberCount, draft.size());
        boolean waitsForRegex = member.hasRegex() && draft.matched(member.info().subscribedTopicRegex()) == null;
        boolean isMoving = (waitsForRegex || !draft.isSettled())
                && now - vitals(draft.groupId()).bumpedAtMillis < HeartbeatPace.MOVING_MILLIS;
        return isMoving ? pace.movingMillis(members) : pace.settledMillis(members);
    }

    // ---- from a change to its end

    /** Members or what they subscribe to have changed: a new epoch and a target for it (GROUP-29). */
    void changed(GroupDraft draft, String reason, String memberId, Turn<GroupRecord> turn) {
        dropUnusedRegexes(draft);
        GroupVitals known = vitals(draft.groupId());
        if (known.rebalance == null || draft.base().isSettled()) {
            report(draft.base(), known, turn);
            known.rebalance = new GroupVitals.Rebalance(turn.monotonicMillis(), reason, memberId, -1);
        }
        known.bumpedAtMillis = turn.monotonicMillis();
        draft.bumpEpoch(Subscriptions.hash(draft.subscribedTopics(), topics.get()));
        assign(draft, turn);
        for (String regex : Subscriptions.regexesOf(draft.members())) {
            if (draft.matched(regex) == null) {
                turn.startTimer(new TimerKey(draft.groupId(), ConsumerProtocol.Due.REGEX, ""), 0);
                break;
            }
        }
    }

    private static void dropUnusedRegexes(GroupDraft draft) {
        if (!draft.regexes().isEmpty()) {
            Set<String> used = Subscriptions.regexesOf(draft.members());
            for (String regex : List.copyOf(draft.regexes().keySet())) {
                if (!used.contains(regex)) {
                    draft.matched(regex, null);
                }
            }
        }
    }

    /** Makes the target for the draft's epoch: at once, or with a timer's help if it is large. */
    void assign(GroupDraft draft, Turn<GroupRecord> turn) {
        if (draft.size() == 0 || draft.epoch() == draft.targetEpoch()) {
            return;
        }
        if (assignments.isSmall(draft, topics.get())) {
            TargetAssignments.Order order = assignments.order(draft, topics.get());
            TargetAssignments.apply(order.carryOut(), order.epoch(), draft, turn.epochMillis());
        } else {
            if (draft.targetEpoch() == 0) {
                // whoever waits for a group's first target is a member already, and 0 is the epoch of those who are
                // none
                draft.targetEpoch(draft.epoch() - 1, turn.epochMillis());
            }
            assignLater(draft.groupId(), turn);
        }
    }

    private void assignLater(String groupId, Turn<GroupRecord> turn) {
        GroupVitals known = vitals(groupId);
        if (!known.isAssigning) {
            known.isAssigning = true;
            long delay = known.assignedAtMillis + config.assignmentIntervalMs() - turn.monotonicMillis();
            turn.startTimer(new TimerKey(groupId, ConsumerProtocol.Due.ASSIGNMENT, ""), Math.max(0, delay));
        }
    }

    /** It is time for a large group's target. */
    void onAssignmentDue(ConsumerGroup group, Turn<GroupRecord> turn) {
        GroupVitals known = vitals(group.groupId());
        if (group.isEmpty() || group.epoch() == group.targetEpoch() || !knowsTopics()) {
            known.isAssigning = false;
            return;
        }
        known.assignedAtMillis = turn.monotonicMillis();
        TargetAssignments.Order order = assignments.order(new GroupDraft(group), topics.get());
        turn.compute(order::carryOut, (made, next) -> onAssigned(group, order.epoch(), made, next));
    }

    private void onAssigned(
            ConsumerGroup group, int epoch, Map<String, Map<UUID, Set<Integer>>> made, Turn<GroupRecord> turn) {
        String groupId = group.groupId();
        if (find(groupId) != group) {
            return; // it is gone, or gone and there again
        }
        vitals(groupId).isAssigning = false;
        boolean isForOthers = made != null && epoch == group.epoch() && !TargetAssignments.isFor(made, group);
        if (made != null && !isForOthers && epoch > group.targetEpoch() && epoch <= group.epoch()) {
            GroupDraft draft = new GroupDraft(group);
            TargetAssignments.apply(made, epoch, draft, turn.epochMillis());
            turn.ifRefused((refusal, next) -> assignLater(groupId, next));
            write(draft, turn);
        }
        if (made == null || isForOthers || epoch < group.epoch()) {
            assignLater(groupId, turn);
        }
    }

    /**
     * Leads a member as far as it can go now.
     *
     * @param owned as {@link Reconciliation#next} takes it
     */
    ConsumerMember reconcile(
            GroupDraft draft, String memberId, PartitionSet owned, int toldEpoch, Turn<GroupRecord> turn) {
        ConsumerMember before = draft.member(memberId);
        ConsumerMember next = Reconciliation.next(
                before, draft.targetEpoch(), draft.target(memberId), owned, toldEpoch, draft::owner);
        if (next != before) {
            draft.put(next);
        }
        boolean wasAsked = before.state() == ConsumerMember.State.UNREVOKED;
        boolean isAsked = next.state() == ConsumerMember.State.UNREVOKED;
        if (isAsked && !(wasAsked && next.revoking().equals(before.revoking()))) {
            hurry(draft.groupId(), next, turn);
        } else if (wasAsked && !isAsked) {
            calm(draft.groupId(), memberId, turn);
        }
        return next;
    }

    /**
     * Has the draft written.
     *
     * @return whether that makes it a classic group, because only members of that protocol are left (GROUP-37)
     */
    boolean write(GroupDraft draft, Turn<GroupRecord> turn) {
        if (migration.isToBeClassic(draft)) {
            migration.writeDowngrade(draft, topics.get(), turn);
            return true;
        }
        draft.write(turn);
        GroupVitals known = vitals(draft.groupId());
        if (known.rebalance != null && known.rebalance.settledAtMillis() < 0 && draft.isSettled()) {
            known.rebalance = known.rebalance.settled(turn.monotonicMillis());
            turn.startTimer(new TimerKey(draft.groupId(), ConsumerProtocol.Due.SETTLED, ""), 0);
        }
        return false;
    }

    /** Removes a member that has fallen silent or is too slow; tried again if the log refuses. */
    void expel(ConsumerGroup group, ConsumerMember member, String reason, TimerKey timer, Turn<GroupRecord> turn) {
        GroupDraft draft = new GroupDraft(group);
        draft.remove(member.memberId());
        turn.ifRefused((refusal, next) -> next.startTimer(timer, RETRY_MILLIS));
        changed(draft, reason, member.memberId(), turn);
        write(draft, turn);
    }

    /** Has the group's rebalance reported if it is over. */
    void onSettled(ConsumerGroup group, Turn<GroupRecord> turn) {
        GroupVitals known = vitals(group.groupId());
        if (group.isSettled()) {
            report(group, known, turn);
        } else if (known.rebalance != null) {
            known.rebalance = known.rebalance.settled(-1);
        }
    }

    private void report(ConsumerGroup group, GroupVitals known, Turn<GroupRecord> turn) {
        GroupVitals.Rebalance over = known.rebalance;
        if (over != null && over.settledAtMillis() >= 0) {
            known.rebalance = null;
            listener.onRebalance(new RebalanceReport(
                    group.groupId(),
                    turn.epochMillis(),
                    group.epoch(),
                    over.reason(),
                    over.memberId(),
                    over.settledAtMillis() - over.startedAtMillis(),
                    group.size()));
        }
    }
}
