package io.barnabas.consumer.coordinator;

import io.barnabas.consumer.coordinator.group.ClassicGroup;
import io.barnabas.consumer.coordinator.group.ClassicProtocol;
import io.barnabas.consumer.coordinator.group.ConsumerHeartbeat;
import io.barnabas.consumer.coordinator.group.ConsumerProtocol;
import io.barnabas.consumer.coordinator.group.Group;
import io.barnabas.consumer.coordinator.group.GroupDescription;
import io.barnabas.consumer.coordinator.group.GroupHeartbeat;
import io.barnabas.consumer.coordinator.group.Groups;
import io.barnabas.consumer.coordinator.group.JoinGroup;
import io.barnabas.consumer.coordinator.group.LeaveGroup;
import io.barnabas.consumer.coordinator.group.RebalanceListener;
import io.barnabas.consumer.coordinator.group.SyncGroup;
import io.barnabas.consumer.coordinator.group.TopicImage;
import io.barnabas.consumer.coordinator.journal.GroupKey;
import io.barnabas.consumer.coordinator.journal.GroupRecord;
import io.barnabas.consumer.coordinator.journal.GroupValue;
import io.barnabas.consumer.coordinator.offsets.OffsetDesk;
import io.barnabas.consumer.coordinator.offsets.OffsetListener;
import io.barnabas.consumer.coordinator.offsets.OffsetTable;
import io.barnabas.model.Refusal;
import io.barnabas.runtime.replicated.ReplicatedMachine;
import io.barnabas.runtime.replicated.Reply;
import io.barnabas.runtime.replicated.StoredRecord;
import io.barnabas.runtime.replicated.TimerKey;
import io.barnabas.runtime.replicated.Turn;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.UUID;
import java.util.function.BooleanSupplier;
import java.util.function.Supplier;
import java.util.random.RandomGenerator;

/**
 * All groups of one partition of {@code __consumer_offsets}. Decides nothing itself: hands each command to the protocol that its group
 * speaks, and each record to whom its key belongs.
 */
public final class GroupMachine implements ReplicatedMachine<GroupRecord> {
    /** Members come back for it: by then they may join, or are told that their protocol is switched off. */
    private static final Refusal COMING_SOON = new Refusal(
            Refusal.Reason.COORDINATOR_LOAD_IN_PROGRESS, "The consumer protocol is being switched on or off.");

    private final Groups groups = new Groups();
    private final OffsetTable table = new OffsetTable();
    private final ClassicProtocol classic;
    private final OffsetDesk offsets;
    private final Supplier<ConsumerProtocol> newConsumers;
    private final BooleanSupplier mayJoin;

    /** Null until there is a group of the consumer protocol, or one is asked for. */
    private ConsumerProtocol consumers;

    private boolean loaded;

    private final CommitListener listener;

    /** Groups that have lost something, and with it perhaps all. */
    private final Set<String> perhapsGone = new HashSet<>();

    /**
     * @param topics   the newest picture of the cluster's topics
     * @param listener told from the moment on when everything is loaded, beginning with all offsets that are visible then
     */
    public GroupMachine(
            GroupSetting setting, Supplier<TopicImage> topics, CommitListener listener, RandomGenerator random) {
        this.listener = listener;
        mayJoin = setting.mayJoin();
        RebalanceListener rebalances = report -> listener.onRebalance(report.groupId(), report);
        classic = new ClassicProtocol(groups, setting.groups(), random);
        classic.reportTo(rebalances);
        offsets = new OffsetDesk(table, groups, setting.offsets(), topics);
        newConsumers = () -> {
            ConsumerProtocol made = new ConsumerProtocol(
                    groups, classic, setting.groups(), setting.settings(), topics, setting.assignors(), random);
            made.reportTo(rebalances);
            return made;
        };
    }

    // ---- who may be asked

    OffsetDesk offsets() {
        return offsets;
    }

    private boolean knows(String groupId) {
        return groups.find(groupId) != null || offsets.isSimple(groupId);
    }

    // ---- commands

    void join(JoinGroup command, Reply<JoinGroup.Answer> reply, Turn<GroupRecord> turn) {
        if (isClassic(command.groupId())) {
            classic.join(command, reply, turn);
        } else {
            consumers(turn).join(command, reply, turn);
        }
    }

    void sync(SyncGroup command, Reply<SyncGroup.Answer> reply, Turn<GroupRecord> turn) {
        if (isClassic(command.groupId())) {
            classic.sync(command, reply, turn);
        } else {
            consumers(turn).sync(command, reply, turn);
        }
    }

    void heartbeat(GroupHeartbeat command, Reply<GroupHeartbeat.Answer> reply, Turn<GroupRecord> turn) {
        if (isClassic(command.groupId())) {
            classic.heartbeat(command, reply, turn);
        } else {
            consumers(turn).heartbeat(command, reply, turn);
        }
    }

    void leave(LeaveGroup command, Reply<LeaveGroup.Answer> reply, Turn<GroupRecord> turn) {
        if (isClassic(command.groupId())) {
            classic.leave(command, reply, turn);
        } else {
            consumers(turn).leave(command, reply, turn);
        }
    }

    void consumerHeartbeat(ConsumerHeartbeat command, Reply<ConsumerHeartbeat.Answer> reply, Turn<GroupRecord> turn) {
        if (command.memberEpoch() == ConsumerHeartbeat.JOINING && !mayJoin.getAsBoolean()) {
            reply.refuse(COMING_SOON);
            return;
        }
        consumers(turn).heartbeat(command, reply, turn);
    }

    /** A group that has only offsets is described as an empty one without a protocol. */
    GroupDescription.Classic describe(String groupId) {
        GroupDescription.Classic simple = offsets.describeSimple(groupId);
        return simple == null ? classic.describe(groupId) : simple;
    }

    GroupDescription.Consumer describeConsumer(String groupId, Turn<GroupRecord> turn) {
        return consumers(turn).describe(groupId);
    }

    List<GroupDescription.Listed> list() {
        List<GroupDescription.Listed> all = new ArrayList<>(offsets.listSimple());
        for (Group group : groups.all()) {
            all.add(new GroupDescription.Listed(group.groupId(), group.protocolType(), group.state(), group.type()));
        }
        return all;
    }

    /** The groups with members that speak the consumer protocol, or might: those that are not empty. */
    List<String> spokenTo() {
        return groups.all().stream()
                .filter(group -> !(group instanceof ClassicGroup) && !group.isEmpty())
                .map(Group::groupId)
                .toList();
    }

    /** Null if every consumer group has become a classic one; else why not. */
    Refusal downgradeAll(Turn<GroupRecord> turn) {
        return consumers == null ? null : consumers.downgradeAll(turn);
    }

    /** @param deleted topics that are gone, by name, with the ids they had */
    void onTopicsChanged(Map<String, UUID> deleted, Turn<GroupRecord> turn) {
        if (!deleted.isEmpty()) {
            offsets.onTopicsDeleted(deleted, turn);
        }
        if (consumers != null) {
            consumers.onTopicsChanged(turn);
        }
    }

    private boolean isClassic(String groupId) {
        Group group = groups.find(groupId);
        return group == null || group instanceof ClassicGroup;
    }

    /** @param turn for what a protocol does when its work begins */
    private ConsumerProtocol consumers(Turn<GroupRecord> turn) {
        if (consumers == null) {
            consumers = newConsumers.get();
            if (loaded) {
                consumers.onLoaded(turn);
            }
        }
        return consumers;
    }

    // ---- the log

    @Override
    public void replay(StoredRecord<GroupRecord> stored) {
        GroupKey key = stored.record().key();
        if (key instanceof GroupKey.Offset) {
            table.replay(stored);
        } else if (key instanceof GroupKey.ClassicGroup) {
            classic.replay(stored);
        } else {
            if (consumers == null) {
                consumers = newConsumers.get();
            }
            consumers.replay(stored);
        }
        if (loaded && stored.record().isTombstone() && !(key instanceof GroupKey.Offset)) {
            perhapsGone.add(key.groupId());
            tellGone();
        }
    }

    @Override
    public void replayMarker(long offset, long producerId, short producerEpoch, boolean commit) {
        table.replayMarker(offset, producerId, producerEpoch, commit);
        tellGone();
    }

    @Override
    public void onLoaded(Turn<GroupRecord> turn) {
        loaded = true;
        classic.onLoaded(turn);
        if (consumers != null) {
            consumers.onLoaded(turn);
        }
        offsets.onLoaded(turn);
        table.observe(new OffsetListener() {
            @Override
            public void onVisible(String groupId, String topic, int partition, GroupValue.CommittedOffset value) {
                listener.onCommit(groupId, topic, partition, value);
            }

            @Override
            public void onForgotten(String groupId, String topic, int partition) {
                listener.onForgotten(groupId, topic, partition);
                perhapsGone.add(groupId);
            }
        });
    }

    private void tellGone() {
        if (!perhapsGone.isEmpty()) {
            perhapsGone.stream().filter(groupId -> !knows(groupId)).forEach(listener::onGroupGone);
            perhapsGone.clear();
        }
    }

    @Override
    public void onTimer(TimerKey timer, Turn<GroupRecord> turn) {
        if (timer.kind() instanceof ClassicProtocol.Due) {
            classic.onTimer(timer, turn);
        } else if (timer.kind() instanceof ConsumerProtocol.Due) {
            consumers(turn).onTimer(timer, turn);
        } else {
            offsets.onTimer(timer, turn);
        }
    }

    @Override
    public void onCommitted(long endOffset) {
        table.onCommitted(endOffset);
        tellGone();
    }

    @Override
    public void onResigned(Refusal refusal) {
        classic.onResigned(refusal);
        if (consumers != null) {
            consumers.onResigned(refusal);
        }
    }
}
