package io.barnabas.consumer.coordinator;

import static org.assertj.core.api.Assertions.assertThat;

import io.barnabas.consumer.coordinator.group.GroupDescription;
import io.barnabas.consumer.coordinator.group.GroupHeartbeat;
import io.barnabas.consumer.coordinator.group.JoinGroup;
import io.barnabas.consumer.coordinator.group.LeaveGroup;
import io.barnabas.consumer.coordinator.group.RebalanceReport;
import io.barnabas.consumer.coordinator.group.SyncGroup;
import io.barnabas.consumer.coordinator.journal.GroupValue;
import io.barnabas.consumer.coordinator.offsets.CommitOffsets;
import io.barnabas.consumer.coordinator.offsets.DeleteOffsets;
import io.barnabas.consumer.coordinator.offsets.FetchOffsets;
import io.barnabas.consumer.coordinator.offsets.GroupDeletion;
import io.barnabas.model.Refusal;
import io.barnabas.model.TopicIds;
import io.barnabas.model.TopicPartition;
import io.barnabas.runtime.loop.ManualLoop;
import io.barnabas.runtime.replicated.CapturedReply;
import io.barnabas.runtime.replicated.InMemoryJournal;
import io.barnabas.runtime.replicated.Journal;
import io.barnabas.runtime.replicated.StoredLog;
import io.barnabas.runtime.time.ManualClock;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Queue;
import java.util.Random;
import org.apache.kafka.common.utils.Utils;
import org.junit.jupiter.api.DisplayName;
import org.junit.jupiter.api.Test;

class GroupCoordinatorTest {
    private static final int PARTITIONS = 3;
    private static final String GROUP = "billing";
    private static final int PARTITION = GroupCoordinator.partitionFor(GROUP, PARTITIONS);
    private static final TopicPartition ORDERS = new TopicPartition("orders", 0);

    private final ManualClock clock = new ManualClock();
    private final ManualLoop loop = new ManualLoop(clock);
    private final Queue<Runnable> worker = new ArrayDeque<>();
    private boolean mayServe = true;
    private final GroupCoordinator coordinator = new GroupCoordinator(
            GroupSetting.DEFAULT, () -> PARTITIONS, List.of(loop), worker::add, clock, new Random(1), () -> mayServe);
    private InMemoryJournal journal = new InMemoryJournal();

    @Test
    @DisplayName("a group's partition is the one that Kafka gives it, also for the worst of hashes (GROUP-01)")
    void partitionOfAGroup() {
        Random random = new Random(7);
        for (int i = 0; i < 1_000; i++) {
            String groupId = Long.toString(random.nextLong(), 36);
            assertThat(GroupCoordinator.partitionFor(groupId, 50)).isEqualTo(Utils.abs(groupId.hashCode()) % 50);
        }
        assertThat("polygenelubricants".hashCode()).isEqualTo(Integer.MIN_VALUE);
        assertThat(GroupCoordinator.partitionFor("polygenelubricants", 50)).isZero();
    }

    @Test
    @DisplayName("what is not led here, not loaded yet, or led no longer is refused for every request (GROUP-03)")
    void refusedUnlessLoaded() {
        assertThat(askEverything()).containsOnly(Refusal.Reason.NOT_COORDINATOR);

        coordinator.lead(PARTITION, 1, journal, journal);
        assertThat(askEverything()).containsOnly(Refusal.Reason.COORDINATOR_LOAD_IN_PROGRESS);
        CapturedReply<List<GroupDescription.Listed>> list = new CapturedReply<>();
        coordinator.list(list);
        assertThat(list.refusal()).isEqualTo(Refusal.Reason.COORDINATOR_LOAD_IN_PROGRESS);

        settle();
        assertThat(coordinator.isActive(PARTITION)).isTrue();
        coordinator.resign(PARTITION);
        assertThat(askEverything()).containsOnly(Refusal.Reason.NOT_COORDINATOR);
    }

    @Test
    @DisplayName(
            "(REPL-20, FFD-08) while others may lead by now nothing is told of what is known here, nor of what has just become known")
    void outOfTouch() {
        lead();
        mayServe = false;
        assertThat(askEverything()).containsOnly(Refusal.Reason.NOT_COORDINATOR);

        mayServe = true;
        CapturedReply<CommitOffsets.Answer> commit = new CapturedReply<>();
        coordinator.commit(commitOf(1), commit);
        mayServe = false;
        settle();
        assertThat(commit.refusal()).isEqualTo(Refusal.Reason.NOT_COORDINATOR);

        mayServe = true;
        assertThat(commit(2).answer().refused()).isEmpty();
    }

    @Test
    @DisplayName("a group needs a name, but for offsets that nobody's group has")
    void invalidGroupId() {
        CapturedReply<GroupHeartbeat.Answer> heartbeat = new CapturedReply<>();
        coordinator.heartbeat(new GroupHeartbeat("", 1, "m", null), heartbeat);
        CapturedReply<GroupDeletion.Answer> deletion = new CapturedReply<>();
        coordinator.deleteGroup(null, deletion);

        assertThat(heartbeat.refusal()).isEqualTo(Refusal.Reason.INVALID_GROUP_ID);
        assertThat(deletion.refusal()).isEqualTo(Refusal.Reason.INVALID_GROUP_ID);
    }

    @Test
    @DisplayName(
            "what the log says against a record comes in a coordinator's words, and then the group goes on (GROUP-06)")
    void refusalsOfTheLog() {
        lead();
        assertThat(commit(1).answer().refused()).isEmpty();
        Map<Refusal.Reason, Refusal.Reason> ofCommits = Map.of(
                Refusal.Reason.NOT_ENOUGH_REPLICAS, Refusal.Reason.COORDINATOR_NOT_AVAILABLE,
                Refusal.Reason.UNKNOWN_TOPIC_OR_PARTITION, Refusal.Reason.COORDINATOR_NOT_AVAILABLE,
                Refusal.Reason.NOT_LEADER_OR_FOLLOWER, Refusal.Reason.NOT_COORDINATOR,
                Refusal.Reason.STORAGE_ERROR, Refusal.Reason.NOT_COORDINATOR,
                Refusal.Reason.MESSAGE_TOO_LARGE, Refusal.Reason.INVALID_COMMIT_OFFSET_SIZE);

        ofCommits.forEach((said, meant) -> {
            journal.refuse(1, said);
            assertThat(commit(9).refusal()).as("%s", said).isEqualTo(meant);
        });
        journal.refuse(1, Refusal.Reason.MESSAGE_TOO_LARGE);
        CapturedReply<GroupDeletion.Answer> deletion = new CapturedReply<>();
        coordinator.deleteGroup(GROUP, deletion);
        settle();

        assertThat(deletion.refusal()).isEqualTo(Refusal.Reason.UNKNOWN_SERVER_ERROR);
        assertThat(fetch()).isEqualTo(1);
        assertThat(commit(2).answer().error()).isNull();
    }

    @Test
    @DisplayName("a commit that does not become one in time is answered as not available (GROUP-06)")
    void commitTimesOut() {
        lead();
        journal.holdCommits();
        CapturedReply<CommitOffsets.Answer> late = commit(5);
        loop.advanceMillis(GroupSetting.DEFAULT.commitTimeoutMs());

        assertThat(late.refusal()).isEqualTo(Refusal.Reason.COORDINATOR_NOT_AVAILABLE);
    }

    @Test
    @DisplayName("a fetch that cannot learn in time what is committed says what consumers of every age understand")
    void fetchTimesOut() {
        lead();
        journal.holdCommits();
        commit(5);
        journal = journal.nextLeadership();
        coordinator.lead(PARTITION, 2, journal, journal);
        settle();
        CapturedReply<FetchOffsets.Answer> late = new CapturedReply<>();
        coordinator.fetchOffsets(new FetchOffsets(GROUP, null, -1, List.of(ORDERS), false), late);
        settle();
        assertThat(late.isWaiting()).isTrue();
        loop.advanceMillis(GroupSetting.DEFAULT.commitTimeoutMs());

        assertThat(late.refusal()).isEqualTo(Refusal.Reason.NOT_COORDINATOR);
    }

    @Test
    @DisplayName("a fetch shows what is committed, not what is only written (GROUP-21)")
    void readsShowOnlyWhatIsCommitted() {
        lead();
        commit(1);
        journal.holdCommits();
        CapturedReply<CommitOffsets.Answer> undecided = commit(2);

        assertThat(undecided.isWaiting()).isTrue();
        assertThat(fetch()).isEqualTo(1);
        journal.commitAll();
        settle();
        assertThat(undecided.isAnswered()).isTrue();
        assertThat(fetch()).isEqualTo(2);
    }

    @Test
    @DisplayName(
            "in a storm of commits with changes of leader the last acknowledged one is always seen (GROUP-04, GROUP-27)")
    void commitStorm() {
        long seed = new Random().nextLong();
        Random random = new Random(seed);
        lead();
        int epoch = 1;
        long acknowledged = -1;
        List<CapturedReply<CommitOffsets.Answer>> undecided = new ArrayList<>();
        for (long offset = 0; offset < 400; offset++) {
            CapturedReply<CommitOffsets.Answer> reply = commit(offset);
            if (reply.isAnswered()) {
                acknowledged = offset;
            } else {
                undecided.add(reply);
            }
            switch (random.nextInt(12)) {
                case 0 -> journal.holdCommits();
                case 1 -> {
                    journal.commitAll();
                    settle();
                    if (undecided.stream().anyMatch(CapturedReply::isAnswered)) {
                        acknowledged = offset;
                    }
                    undecided.clear();
                }
                case 2 -> {
                    journal = journal.nextLeadership();
                    coordinator.resign(PARTITION);
                    coordinator.lead(PARTITION, ++epoch, journal, journal);
                    settle();
                    journal.commitAll();
                    settle();
                    undecided.clear();
                }
                default -> {}
            }
            assertThat(fetch()).as("seed %d, offset %d", seed, offset).isGreaterThanOrEqualTo(acknowledged);
        }
    }

    @Test
    @DisplayName("a coordinator that has been deposed and does not know it commits nothing (FFD-08)")
    void zombie() {
        lead();
        commit(1);
        InMemoryJournal next = journal.nextLeadership();
        int written = next.batches().size();

        assertThat(commit(2).refusal()).isEqualTo(Refusal.Reason.NOT_COORDINATOR);
        assertThat(next.batches()).hasSize(written);
    }

    @Test
    @DisplayName("commits that come together are one batch")
    void commitsShareABatch() {
        lead();
        for (int i = 0; i < 100; i++) {
            coordinator.commit(commitOf(i), new CapturedReply<>());
        }
        settle();

        assertThat(journal.batches()).hasSize(1);
        assertThat(fetch()).isEqualTo(99);
    }

    @Test
    @DisplayName("a log that cannot be read is read again after a pause; until then the coordinator is loading")
    void loadsAgain() {
        int[] tries = {0};
        StoredLog flawed = reader -> {
            if (tries[0]++ < 2) {
                throw new IllegalStateException("the disk is tired");
            }
            return journal.readAll(reader);
        };
        coordinator.lead(PARTITION, 1, journal, flawed);
        settle();

        assertThat(commit(1).refusal()).isEqualTo(Refusal.Reason.COORDINATOR_LOAD_IN_PROGRESS);
        assertThat(tries[0]).isEqualTo(1);
        loop.advanceMillis(500);
        settle();
        assertThat(tries[0]).isEqualTo(2);
        loop.advanceMillis(1_000);
        settle();
        assertThat(tries[0]).isEqualTo(3);
        assertThat(commit(1).answer().error()).isNull();
    }

    @Test
    @DisplayName("the same leadership told twice is one; a later epoch is another, and loads anew (GROUP-04)")
    void leadershipsByEpoch() {
        lead();
        commit(1);
        coordinator.lead(PARTITION, 1, journal, journal);
        assertThat(coordinator.isActive(PARTITION)).isTrue();

        journal = journal.nextLeadership();
        coordinator.lead(PARTITION, 2, journal, journal);

        assertThat(coordinator.isActive(PARTITION)).isFalse();
        settle();
        assertThat(coordinator.leaderEpochOf(PARTITION)).isEqualTo(2);
        assertThat(fetch()).isEqualTo(1);
    }

    @Test
    @DisplayName(
            "who listens hears of commits when they are visible, of what is forgotten, of groups that are gone, and of the end")
    void listeners() {
        List<String> heard = new ArrayList<>();
        coordinator.observe(new CommitListener() {
            @Override
            public void onCommit(String groupId, String topic, int partition, GroupValue.CommittedOffset value) {
                heard.add("commit " + value.offset());
            }

            @Override
            public void onForgotten(String groupId, String topic, int partition) {
                heard.add("forgotten " + topic);
            }

            @Override
            public void onGroupGone(String groupId) {
                heard.add("gone " + groupId);
            }

            @Override
            public void onUnloaded(int offsetsPartition) {
                heard.add("unloaded " + (offsetsPartition == PARTITION));
            }

            @Override
            public void onRebalance(String groupId, RebalanceReport report) {
                throw new IllegalStateException("a listener that fails keeps nobody from their work");
            }
        });
        lead();
        journal.holdCommits();
        commit(1);
        assertThat(heard).isEmpty();
        journal.commitAll();
        settle();
        coordinator.deleteGroup(GROUP, new CapturedReply<>());
        settle();
        commit(2);
        coordinator.close();
        settle();

        assertThat(heard).containsExactly("commit 1", "forgotten orders", "gone billing", "commit 2", "unloaded true");
        coordinator.lead(PARTITION, 9, journal, journal);
        assertThat(coordinator.leaderEpochOf(PARTITION)).isEqualTo(-1);
    }

    // ---- asking

    private void lead() {
        coordinator.lead(PARTITION, 1, journal, journal);
        settle();
    }

    private void settle() {
        loop.runAll();
        while (!worker.isEmpty()) {
            worker.remove().run();
            loop.runAll();
        }
    }

    private CapturedReply<CommitOffsets.Answer> commit(long offset) {
        CapturedReply<CommitOffsets.Answer> reply = new CapturedReply<>();
        coordinator.commit(commitOf(offset), reply);
        settle();
        return reply;
    }

    private static CommitOffsets commitOf(long offset) {
        return new CommitOffsets(
                GROUP,
                "",
                null,
                -1,
                (short) 9,
                -1,
                Journal.NO_PRODUCER,
                (short) -1,
                List.of(new CommitOffsets.Position(ORDERS, TopicIds.ZERO, offset, -1, "")));
    }

    private long fetch() {
        CapturedReply<FetchOffsets.Answer> reply = new CapturedReply<>();
        coordinator.fetchOffsets(new FetchOffsets(GROUP, null, -1, List.of(ORDERS), false), reply);
        settle();
        return reply.answer().positions().get(ORDERS).offset();
    }

    private List<Refusal.Reason> askEverything() {
        CapturedReply<JoinGroup.Answer> join = new CapturedReply<>();
        coordinator.join(
                new JoinGroup(GROUP, "", null, "c", "/h", true, true, 10_000, 10_000, "consumer", List.of(), null),
                join);
        CapturedReply<SyncGroup.Answer> sync = new CapturedReply<>();
        coordinator.sync(new SyncGroup(GROUP, 1, "m", null, null, null, Map.of()), sync);
        CapturedReply<GroupHeartbeat.Answer> heartbeat = new CapturedReply<>();
        coordinator.heartbeat(new GroupHeartbeat(GROUP, 1, "m", null), heartbeat);
        CapturedReply<LeaveGroup.Answer> leave = new CapturedReply<>();
        coordinator.leave(new LeaveGroup(GROUP, List.of()), leave);
        CapturedReply<CommitOffsets.Answer> commit = new CapturedReply<>();
        coordinator.commit(commitOf(1), commit);
        CapturedReply<FetchOffsets.Answer> fetch = new CapturedReply<>();
        coordinator.fetchOffsets(new FetchOffsets(GROUP, null, -1, null, false), fetch);
        CapturedReply<DeleteOffsets.Answer> delete = new CapturedReply<>();
        coordinator.deleteOffsets(new DeleteOffsets(GROUP, List.of()), delete);
        CapturedReply<GroupDeletion.Answer> deletion = new CapturedReply<>();
        coordinator.deleteGroup(GROUP, deletion);
        CapturedReply<GroupDescription.Classic> describe = new CapturedReply<>();
        coordinator.describe(GROUP, describe);
        CapturedReply<GroupDescription.Consumer> describeConsumer = new CapturedReply<>();
        coordinator.describeConsumer(GROUP, describeConsumer);
        return List.of(
                join.refusal(),
                sync.refusal(),
                heartbeat.refusal(),
                leave.refusal(),
                commit.refusal(),
                fetch.refusal(),
                delete.refusal(),
                deletion.refusal(),
                describe.refusal(),
                describeConsumer.refusal());
    }
}
