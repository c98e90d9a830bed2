package io.barnabas.consumer.coordinator;

import io.barnabas.consumer.coordinator.group.ConsumerHeartbeat;
import io.barnabas.consumer.coordinator.group.GroupDescription;
import io.barnabas.consumer.coordinator.group.GroupHeartbeat;
import io.barnabas.consumer.coordinator.group.JoinGroup;
import io.barnabas.consumer.coordinator.group.LeaveGroup;
import io.barnabas.consumer.coordinator.group.SyncGroup;
import io.barnabas.consumer.coordinator.group.TopicImage;
import io.barnabas.consumer.coordinator.journal.GroupRecord;
import io.barnabas.consumer.coordinator.offsets.CommitOffsets;
import io.barnabas.consumer.coordinator.offsets.DeleteOffsets;
import io.barnabas.consumer.coordinator.offsets.FetchOffsets;
import io.barnabas.consumer.coordinator.offsets.GroupDeletion;
import io.barnabas.model.Refusal;
import io.barnabas.runtime.loop.EventLoop;
import io.barnabas.runtime.replicated.Journal;
import io.barnabas.runtime.replicated.MachineShard;
import io.barnabas.runtime.replicated.Reply;
import io.barnabas.runtime.replicated.StoredLog;
import io.barnabas.runtime.replicated.Turn;
import io.barnabas.runtime.time.Clock;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.UUID;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.ConcurrentMap;
import java.util.concurrent.Executor;
import java.util.function.BooleanSupplier;
import java.util.function.IntSupplier;
import java.util.random.RandomGenerator;

/**
 * The groups whose partition of {@code __consumer_offsets} is led here, and the way to each. Any thread may call anything; every group is
 * dealt with on the loop of its partition.
 *
 * <p>A partition that is not led here refuses with NOT_COORDINATOR, one that is still being loaded with COORDINATOR_LOAD_IN_PROGRESS
 * (GROUP-03). What the log says against a record comes in a coordinator's words (GROUP-06).
 */
public final class GroupCoordinator implements GroupRequests, AutoCloseable {
    private static final Refusal NOT_COORDINATOR = Refusal.of(Refusal.Reason.NOT_COORDINATOR);
    private static final Refusal INVALID_GROUP_ID = Refusal.of(Refusal.Reason.INVALID_GROUP_ID);

    /** The consumer protocol has a word of its own for it. */
    private static final Refusal NO_GROUP_ID = new Refusal(Refusal.Reason.INVALID_REQUEST, "GroupId can't be empty.");

    private final GroupSetting setting;
    private final IntSupplier partitionCount;
    private final Executor worker;
    private final Clock clock;
    private final RandomGenerator random;
    private final EventLoop[] loops;
    private final BooleanSupplier mayServe;

    private final CommitListeners listeners = new CommitListeners();
    private final ConcurrentMap<Integer, Leadership> led = new ConcurrentHashMap<>();
    private volatile TopicImage topics = TopicImage.EMPTY;
    private boolean closed;

    private interface Command<A> {
        void decide(GroupMachine machine, Reply<A> reply, Turn<GroupRecord> turn);
    }

    /** A coordinator that nobody else could take anything from. */
    public GroupCoordinator(
            GroupSetting setting,
            IntSupplier partitionCount,
            List<? extends EventLoop> loops,
            Executor worker,
            Clock clock,
            RandomGenerator random) {
        this(setting, partitionCount, loops, worker, clock, random, () -> true);
    }

    /**
     * @param partitionCount of {@code __consumer_offsets}, 0 while it is not known; once known it never changes (GROUP-01)
     * @param loops          share the partitions; somebody else's to close, after this is
     * @param worker         loads and computes; may wait for the disk
     * @param mayServe       false while others may lead by now what is led here: nothing is answered then (REPL-20)
     */
    public GroupCoordinator(
            GroupSetting setting,
            IntSupplier partitionCount,
            List<? extends EventLoop> loops,
            Executor worker,
            Clock clock,
            RandomGenerator random,
            BooleanSupplier mayServe) {
        this.setting = setting;
        this.mayServe = mayServe;
        this.partitionCount = partitionCount;
        this.worker = worker;
        this.clock = clock;
        this.random = random;
        this.loops = loops.toArray(EventLoop[]::new);
    }

    /** The partition of {@code __consumer_offsets} that a group belongs to, wherever it is led (GROUP-01); -1 while nobody knows how many there are. */
    @Override
    public int partitionFor(String groupId) {
        int count = partitionCount.getAsInt();
        return count <= 0 ? -1 : partitionFor(groupId, count);
    }

    static int partitionFor(String groupId, int count) {
        int hash = groupId.hashCode();
        return (hash == Integer.MIN_VALUE ? 0 : Math.abs(hash)) % count;
    }

    // ---- members

    @Override
    public void join(JoinGroup command, Reply<JoinGroup.Answer> reply) {
        ask(command.groupId(), false, reply, (machine, to, turn) -> machine.join(command, to, turn));
    }

    @Override
    public void sync(SyncGroup command, Reply<SyncGroup.Answer> reply) {
        ask(command.groupId(), false, reply, (machine, to, turn) -> machine.sync(command, to, turn));
    }

    @Override
    public void heartbeat(GroupHeartbeat command, Reply<GroupHeartbeat.Answer> reply) {
        ask(command.groupId(), false, reply, (machine, to, turn) -> machine.heartbeat(command, to, turn));
    }

    @Override
    public void leave(LeaveGroup command, Reply<LeaveGroup.Answer> reply) {
        ask(command.groupId(), false, reply, (machine, to, turn) -> machine.leave(command, to, turn));
    }

    @Override
    public void consumerHeartbeat(ConsumerHeartbeat command, Reply<ConsumerHeartbeat.Answer> reply) {
        if (command.groupId().isEmpty()) {
            reply.refuse(NO_GROUP_ID);
            return;
        }
        ask(command.groupId(), false, reply, (machine, to, turn) -> machine.consumerHeartbeat(command, to, turn));
    }

    // ---- offsets; simple consumers may be of the group ""

    /** Commits that come together share a batch. */
    @Override
    public void commit(CommitOffsets command, Reply<CommitOffsets.Answer> reply) {
        MachineShard<GroupRecord, GroupMachine> shard = shardOf(command.groupId(), true, reply);
        if (shard != null) {
            Reply<CommitOffsets.Answer> mapped = new MappedReply<>(reply, GroupRefusals::ofCommit, mayServe);
            shard.submitIndependent((machine, turn) -> machine.offsets().commit(command, mapped, turn), mapped);
        }
    }

    @Override
    public void fetchOffsets(FetchOffsets command, Reply<FetchOffsets.Answer> reply) {
        MachineShard<GroupRecord, GroupMachine> shard = shardOf(command.groupId(), true, reply);
        if (shard != null) {
            Reply<FetchOffsets.Answer> mapped = new MappedReply<>(reply, GroupRefusals::ofFetch, mayServe);
            shard.submit((machine, turn) -> machine.offsets().fetch(command, mapped, turn), mapped);
        }
    }

    public void deleteOffsets(DeleteOffsets command, Reply<DeleteOffsets.Answer> reply) {
        ask(
                command.groupId(),
                false,
                reply,
                (machine, to, turn) -> machine.offsets().delete(command, to, turn));
    }

    // ---- administration

    @Override
    public void deleteGroup(String groupId, Reply<GroupDeletion.Answer> reply) {
        ask(groupId, true, reply, (machine, to, turn) -> machine.offsets().deleteGroup(groupId, to, turn));
    }

    /** Shows also what is not committed yet, but tells it only when it is. */
    @Override
    public void describe(String groupId, Reply<GroupDescription.Classic> reply) {
        ask(groupId, true, reply, (machine, to, turn) -> turn.answer(to, machine.describe(groupId)));
    }

    /** As {@link #describe}, of groups of the consumer protocol. */
    @Override
    public void describeConsumer(String groupId, Reply<GroupDescription.Consumer> reply) {
        ask(groupId, false, reply, (machine, to, turn) -> turn.answer(to, machine.describeConsumer(groupId, turn)));
    }

    /** The groups that are coordinated here; refused while some of them are still being loaded. */
    @Override
    public void list(Reply<List<GroupDescription.Listed>> reply) {
        if (!mayServe.getAsBoolean()) {
            reply.refuse(Refusal.of(Refusal.Reason.COORDINATOR_NOT_AVAILABLE));
            return;
        }
        List<Leadership> all = List.copyOf(led.values());
        Gathering<List<GroupDescription.Listed>> lists = new Gathering<>(all.size(), new Reply<>() {
            @Override
            public void answer(List<List<GroupDescription.Listed>> answers) {
                reply.answer(answers.stream().flatMap(List::stream).toList());
            }

            @Override
            public void refuse(Refusal refusal) {
                reply.refuse(refusal);
            }
        });
        for (Leadership leadership : all) {
            Reply<List<GroupDescription.Listed>> part = lists.part();
            leadership.shard().submit((machine, turn) -> turn.answerAtOnce(part, machine.list()), part);
        }
    }

    /**
     * Has every group of the consumer protocol in these partitions become a classic one, unless there is one whose members speak it. Before it is asked,
     * {@link GroupSetting#mayJoin} has to refuse new members, or some might come in between.
     *
     * @param partitions of {@code __consumer_offsets}, all of which have to be led here and loaded
     */
    public void downgrade(List<Integer> partitions, Reply<Boolean> reply) {
        ConsumerDowngrade.run(partitions, led::get, reply);
    }

    // ---- what is led here

    /** This broker leads the partition from now on, in this epoch; a leadership of another epoch ends. */
    public synchronized void lead(int partition, int leaderEpoch, Journal journal, StoredLog log) {
        Leadership before = led.get(partition);
        if (closed || (before != null && before.leaderEpoch() == leaderEpoch)) {
            return;
        }
        resign(partition);
        Leadership next = new Leadership(
                partition,
                leaderEpoch,
                journal,
                log,
                () -> new GroupMachine(setting, () -> topics, listeners, random),
                loops[partition % loops.length],
                worker,
                clock,
                setting.commitTimeoutMs(),
                () -> listeners.onUnloaded(partition));
        led.put(partition, next);
        next.begin();
    }

    /** This broker leads the partition no longer, or its log is gone. Everyone who waits is refused. */
    public synchronized void resign(int partition) {
        Leadership ended = led.remove(partition);
        if (ended != null) {
            ended.end();
            loops[partition % loops.length].execute(() -> listeners.onUnloaded(partition));
        }
    }

    /** Ends all that is led here; nothing is led afterwards. */
    @Override
    public synchronized void close() {
        closed = true;
        List.copyOf(led.keySet()).forEach(this::resign);
    }

    /** Leader epoch in which the partition is led here; -1 if it is not. */
    public int leaderEpochOf(int partition) {
        Leadership leadership = led.get(partition);
        return leadership == null ? -1 : leadership.leaderEpoch();
    }

    /** Whether the partition is led here and loaded. */
    public boolean isActive(int partition) {
        Leadership leadership = led.get(partition);
        return leadership != null && leadership.shard().isActive();
    }

    /** The cluster's topics, whenever they may have changed. By one thread at a time. */
    public void onTopics(TopicImage image) {
        TopicImage before = topics;
        topics = image;
        Map<String, UUID> deleted = new HashMap<>();
        // groups that were loaded before anything was known have waited for it; nothing is known to have been deleted
        boolean changed = before.version() < 0 && image.version() >= 0;
        for (String name : before.names()) {
            TopicImage.Topic was = before.topic(name);
            TopicImage.Topic now = image.topic(name);
            if (now == null || !now.id().equals(was.id())) {
                deleted.put(name, was.id());
            } else if (!now.equals(was)) {
                changed = true;
            }
        }
        if (deleted.isEmpty()
                && !changed
                && image.names().size() == before.names().size()) {
            return;
        }
        for (Leadership leadership : led.values()) {
            leadership.shard().tell((machine, turn) -> machine.onTopicsChanged(deleted, turn));
        }
    }

    /** A transaction has ended in a partition that is led here, at an offset that is committed. */
    public void onMarker(int partition, long offset, long producerId, short producerEpoch, boolean commit) {
        Leadership leadership = led.get(partition);
        if (leadership != null) {
            leadership.shard().onMarker(offset, producerId, producerEpoch, commit);
        }
    }

    /** Tells {@code listener} of commits and rebalances. To be called before anything is led, or some will be missed. */
    public void observe(CommitListener listener) {
        listeners.add(listener);
    }

    // ---- the way to a group

    private <A> void ask(String groupId, boolean mayBeEmpty, Reply<A> reply, Command<A> command) {
        MachineShard<GroupRecord, GroupMachine> shard = shardOf(groupId, mayBeEmpty, reply);
        if (shard != null) {
            Reply<A> mapped = new MappedReply<>(reply, GroupRefusals::ofGroup, mayServe);
            shard.submit((machine, turn) -> command.decide(machine, mapped, turn), mapped);
        }
    }

    /** @return null if there is none, and {@code reply} knows why */
    private MachineShard<GroupRecord, GroupMachine> shardOf(String groupId, boolean mayBeEmpty, Reply<?> reply) {
        if (groupId == null || (groupId.isEmpty() && !mayBeEmpty)) {
            reply.refuse(INVALID_GROUP_ID);
            return null;
        }
        Leadership leadership = led.get(partitionFor(groupId));
        if (leadership == null || !mayServe.getAsBoolean()) {
            reply.refuse(NOT_COORDINATOR);
            return null;
        }
        return leadership.shard();
    }
}
