package io.barnabas.consumer.coordinator.offsets;

import static io.barnabas.consumer.coordinator.offsets.OffsetBench.commit;
import static io.barnabas.consumer.coordinator.offsets.OffsetBench.plain;
import static io.barnabas.consumer.coordinator.offsets.OffsetBench.position;
import static org.assertj.core.api.Assertions.assertThat;

import io.barnabas.consumer.coordinator.group.GroupDescription;
import io.barnabas.consumer.coordinator.journal.GroupValue;
import io.barnabas.model.Refusal.Reason;
import io.barnabas.model.TopicIds;
import io.barnabas.model.TopicPartition;
import io.barnabas.runtime.replicated.CapturedReply;
import io.barnabas.runtime.replicated.Journal;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.UUID;
import org.junit.jupiter.api.DisplayName;
import org.junit.jupiter.api.Test;

class OffsetDeskTest {
    private static final TopicPartition T0 = new TopicPartition("t", 0);
    private static final TopicPartition T1 = new TopicPartition("t", 1);

    private final OffsetBench bench = new OffsetBench();

    // ---- admission

    @Test
    @DisplayName("a group that does not exist takes commits of generation -1 only, and becomes none by them (GROUP-20)")
    void simpleCommit() {
        assertThat(bench.commit("g", "t", 0, 7).answer()).isEqualTo(CommitOffsets.Answer.COMMITTED);
        assertThat(bench.commit(commit("other", 5, Journal.NO_PRODUCER, position("t", 0, 1)))
                        .answer()
                        .error())
                .isEqualTo(Reason.ILLEGAL_GENERATION);
        assertThat(bench.groups.all()).isEmpty();
        assertThat(bench.fetch("g", "t", 0)).isEqualTo(7);
        assertThat(bench.fetch("other", "t", 0)).isEqualTo(-1);
    }

    @Test
    @DisplayName("from version 9 on, a commit by a member of no group is told that there is no such group (GROUP-20)")
    void newerVersionsSayThatTheGroupIsGone() {
        CommitOffsets command = new CommitOffsets(
                "g", "m", null, 5, (short) 9, -1, Journal.NO_PRODUCER, (short) -1, List.of(position("t", 0, 1)));

        assertThat(bench.commit(command).answer().error()).isEqualTo(Reason.GROUP_ID_NOT_FOUND);
    }

    @Test
    @DisplayName(
            "the group decides whether a member may commit, as a whole and for each partition (GROUP-20, GROUP-36)")
    void groupDecides() {
        FakeGroup group = bench.put(new FakeGroup("g").stable("t"));
        group.refusesCommit = Reason.REBALANCE_IN_PROGRESS;
        assertThat(bench.commit("g", "t", 0, 1).answer().error()).isEqualTo(Reason.REBALANCE_IN_PROGRESS);

        group.refusesCommit = null;
        group.refusedPartition = 1;
        CommitOffsets.Answer answer = bench.commit(plain("g", position("t", 0, 1), position("t", 1, 2)))
                .answer();

        assertThat(answer.error()).isNull();
        assertThat(answer.refused()).isEqualTo(Map.of(T1, Reason.STALE_MEMBER_EPOCH));
        assertThat(bench.fetch("g", "t", 0)).isEqualTo(1);
        assertThat(bench.fetch("g", "t", 1)).isEqualTo(-1);
    }

    @Test
    @DisplayName(
            "metadata beyond offset.metadata.max.bytes refuses its partition alone; negative offsets are taken (GROUP-20)")
    void metadataAndNegativeOffsets() {
        CommitOffsets.Position tooLong = new CommitOffsets.Position(T0, TopicIds.ZERO, 1, -1, "12345678901");
        CommitOffsets.Position justRight = new CommitOffsets.Position(T1, TopicIds.ZERO, -5, -1, "1234567890");

        CommitOffsets.Answer answer =
                bench.commit(plain("g", tooLong, justRight)).answer();

        assertThat(answer.refused()).isEqualTo(Map.of(T0, Reason.OFFSET_METADATA_TOO_LARGE));
        assertThat(bench.ask("g", false, T0, T1).answer().positions())
                .isEqualTo(Map.of(
                        T0, FetchOffsets.Position.NOTHING, T1, new FetchOffsets.Position(null, -5, -1, "1234567890")));
    }

    // ---- visibility

    @Test
    @DisplayName("a commit is shown and acknowledged only once it is committed; until then the old value is (GROUP-21)")
    void shownWhenCommitted() {
        bench.commit("g", "t", 0, 1);
        bench.machine.journal().holdCommits();

        CapturedReply<CommitOffsets.Answer> first = bench.commit("g", "t", 0, 2);
        CapturedReply<CommitOffsets.Answer> second = bench.commit("g", "t", 0, 3);
        assertThat(first.isWaiting()).isTrue();
        assertThat(bench.fetch("g", "t", 0)).isEqualTo(1);

        bench.machine.journal().commitUpTo(2);
        bench.machine.settle();
        assertThat(first.isAnswered()).isTrue();
        assertThat(second.isWaiting()).isTrue();
        assertThat(bench.fetch("g", "t", 0)).isEqualTo(2);

        bench.machine.journal().commitAll();
        bench.machine.settle();
        assertThat(second.isAnswered()).isTrue();
        assertThat(bench.fetch("g", "t", 0)).isEqualTo(3);
    }

    @Test
    @DisplayName("a commit that the log refuses changes nothing (GROUP-06)")
    void refusedByTheLog() {
        bench.commit("g", "t", 0, 1);
        bench.machine.journal().refuse(1, Reason.NOT_ENOUGH_REPLICAS);

        assertThat(bench.commit("g", "t", 0, 2).refusal()).isEqualTo(Reason.NOT_ENOUGH_REPLICAS);
        assertThat(bench.fetch("g", "t", 0)).isEqualTo(1);
    }

    @Test
    @DisplayName("a new coordinator never tells less than was acknowledged: it waits for what it inherited (GROUP-27)")
    void neverGoesBack() {
        bench.commit("g", "t", 0, 1);
        bench.machine.journal().holdCommits();
        bench.commit("g", "t", 0, 2); // the old leader may have committed and acknowledged it
        bench.machine.failOver();

        CapturedReply<FetchOffsets.Answer> asked = bench.ask("g", false, T0);
        assertThat(asked.isWaiting()).isTrue();

        bench.machine.journal().commitAll();
        bench.machine.settle();
        assertThat(asked.answer().positions().get(T0).offset()).isEqualTo(2);
        assertThat(bench.fetch("g", "t", 0)).isEqualTo(2);
    }

    @Test
    @DisplayName("what was never committed has offset -1, no metadata and no error, in unknown groups, too (GROUP-23)")
    void nothingStored() {
        assertThat(bench.ask("nobody", true, T0).answer())
                .isEqualTo(new FetchOffsets.Answer(null, Map.of(T0, new FetchOffsets.Position(null, -1, -1, ""))));
        assertThat(bench.ask("nobody", false).answer().positions()).isEmpty();
    }

    @Test
    @DisplayName("asked for everything, everything that is committed is told (GROUP-23)")
    void everything() {
        bench.commit(plain("g", position("t", 1, 4), position("s", 0, 5), position("t", 0, 6)));

        assertThat(bench.ask("g", false).answer().positions()).containsOnlyKeys(T0, T1, new TopicPartition("s", 0));
    }

    @Test
    @DisplayName("the group decides whether its offsets may be fetched as a member (GROUP-36)")
    void fetchAsMember() {
        bench.put(new FakeGroup("g")).refusesFetch = Reason.STALE_MEMBER_EPOCH;

        assertThat(bench.ask("g", false, T0).answer().error()).isEqualTo(Reason.STALE_MEMBER_EPOCH);
    }

    // ---- transactions

    @Test
    @DisplayName("a transactional commit is unstable until its marker; then it is shown (GROUP-22)")
    void transactionCommits() {
        bench.commit("g", "t", 0, 1);
        bench.commitInTransaction(9, "g", "t", 0, 2);

        assertThat(bench.ask("g", true, T0).answer().positions().get(T0)).isEqualTo(FetchOffsets.Position.UNSTABLE);
        assertThat(bench.fetch("g", "t", 0)).isEqualTo(1);

        bench.machine.endTransaction(9, (short) 0, true);
        assertThat(bench.ask("g", true, T0).answer().positions().get(T0).offset())
                .isEqualTo(2);
    }

    @Test
    @DisplayName("an aborted transaction's offsets are dropped (GROUP-22)")
    void transactionAborts() {
        bench.commit("g", "t", 0, 1);
        bench.commitInTransaction(9, "g", "t", 0, 2);
        bench.machine.endTransaction(9, (short) 0, false);

        assertThat(bench.ask("g", true, T0).answer().positions().get(T0).offset())
                .isEqualTo(1);
    }

    @Test
    @DisplayName("a plain commit behind the transactional one wins over it, whenever the marker comes (GROUP-22)")
    void logOrderAgainstPlainCommits() {
        bench.commitInTransaction(9, "g", "t", 0, 2);
        bench.commit("g", "t", 0, 5);
        bench.machine.endTransaction(9, (short) 0, true);
        assertThat(bench.fetch("g", "t", 0)).isEqualTo(5);

        bench.commit("g", "t", 0, 6);
        bench.commitInTransaction(9, "g", "t", 0, 3);
        bench.machine.endTransaction(9, (short) 1, true);
        assertThat(bench.fetch("g", "t", 0)).isEqualTo(3);
    }

    @Test
    @DisplayName("a failover between commit and marker loses neither (GROUP-22)")
    void pendingSurvivesFailover() {
        bench.commitInTransaction(9, "g", "t", 0, 2);
        bench.commitInTransaction(10, "g", "t", 1, 3);
        bench.machine.failOver();
        assertThat(bench.ask("g", true, T0).answer().positions().get(T0)).isEqualTo(FetchOffsets.Position.UNSTABLE);

        bench.machine.endTransaction(9, (short) 0, true);
        bench.machine.endTransaction(10, (short) 0, false);
        bench.machine.failOver();
        assertThat(bench.fetch("g", "t", 0)).isEqualTo(2);
        assertThat(bench.fetch("g", "t", 1)).isEqualTo(-1);
    }

    // ---- deletion

    @Test
    @DisplayName("offsets of topics that are read are not deleted, of others they are (GROUP-25)")
    void deleteOffsets() {
        bench.put(new FakeGroup("g").stable("t"));
        bench.commit(plain("g", position("t", 0, 1), position("s", 0, 2)));
        TopicPartition s0 = new TopicPartition("s", 0);

        DeleteOffsets.Answer answer =
                bench.deleteOffsets("g", T0, s0, new TopicPartition("never", 1)).answer();

        assertThat(answer).isEqualTo(new DeleteOffsets.Answer(null, Map.of(T0, Reason.GROUP_SUBSCRIBED_TO_TOPIC)));
        assertThat(bench.fetch("g", "t", 0)).isEqualTo(1);
        assertThat(bench.fetch("g", "s", 0)).isEqualTo(-1);
    }

    @Test
    @DisplayName("offsets of an unknown group, or of one whose members are no consumers, are not deleted (GROUP-25)")
    void deleteOffsetsRefused() {
        bench.put(new FakeGroup("connect").stable()).protocolType = "connect";

        assertThat(bench.deleteOffsets("nobody", T0).answer().error()).isEqualTo(Reason.GROUP_ID_NOT_FOUND);
        assertThat(bench.deleteOffsets("connect", T0).answer().error()).isEqualTo(Reason.NON_EMPTY_GROUP);
    }

    @Test
    @DisplayName(
            "a group and its offsets go in one batch; a group with members stays; one that is unknown is not found (GROUP-25)")
    void deleteGroup() {
        bench.put(new FakeGroup("g"));
        bench.put(new FakeGroup("live").stable("t"));
        bench.commit(plain("g", position("t", 0, 1), position("t", 1, 2)));
        bench.commitInTransaction(9, "g", "s", 0, 3);
        int batches = bench.machine.journal().batches().size();

        assertThat(bench.delete("g")).isNull();
        assertThat(bench.delete("live")).isEqualTo(Reason.NON_EMPTY_GROUP);
        assertThat(bench.delete("nobody")).isEqualTo(Reason.GROUP_ID_NOT_FOUND);

        assertThat(bench.machine.journal().batches()).hasSize(batches + 1);
        assertThat(bench.groups.find("g")).isNull();
        bench.machine.endTransaction(9, (short) 0, true);
        assertThat(bench.ask("g", true).answer().positions()).isEmpty();
    }

    @Test
    @DisplayName("a deletion takes along what is written and not yet committed (GROUP-21, GROUP-25)")
    void deleteGroupBehindACommit() {
        bench.commit("g", "t", 0, 1);
        bench.machine.journal().holdCommits();
        bench.commit("g", "t", 1, 2);
        CapturedReply<GroupDeletion.Answer> deleted =
                bench.machine.ask((m, reply, turn) -> m.desk.deleteGroup("g", reply, turn));
        assertThat(deleted.isWaiting()).isTrue();
        bench.machine.journal().commitAll();
        bench.machine.settle();

        assertThat(bench.ask("g", false).answer().positions()).isEmpty();
        assertThat(bench.machine.machine().table.knows("g")).isFalse();
    }

    // ---- simple groups

    @Test
    @DisplayName("offsets alone make a group that is listed and described as Empty, without a protocol type (GROUP-26)")
    void simpleGroups() {
        bench.put(new FakeGroup("real"));
        bench.commit("real", "t", 0, 1);
        bench.commit("simple", "t", 0, 1);
        OffsetDesk desk = bench.machine.machine().desk;

        assertThat(desk.listSimple()).containsExactly(new GroupDescription.Listed("simple", "", "Empty", "classic"));
        assertThat(desk.describeSimple("simple").state()).isEqualTo("Empty");
        assertThat(desk.describeSimple("real")).isNull();
        assertThat(desk.describeSimple("nobody")).isNull();
    }

    // ---- topics

    @Test
    @DisplayName("a topic made anew under an old name inherits no offsets (GROUP-09)")
    void topicMadeAnew() {
        bench.know("t", "s");
        bench.commit(plain("g", position("t", 0, 1), position("s", 0, 2)));
        bench.topics.put("t", new UUID(1, 1));
        bench.machine.tell((m, turn) -> m.desk.onTopicsDeleted(Map.of("t", OffsetBench.id("t")), turn));

        assertThat(bench.fetch("g", "t", 0)).isEqualTo(-1);
        assertThat(bench.fetch("g", "s", 0)).isEqualTo(2);

        bench.machine.failOver();
        assertThat(bench.fetch("g", "t", 0)).isEqualTo(-1);
    }

    @Test
    @DisplayName(
            "an offset that is stored with its topic's id is not shown for another topic of that name, and is swept away at the next load (GROUP-09)")
    void storedTopicIdIsCompared() {
        bench.know("t");
        bench.commit(plain("g", position("t", 0, 1, OffsetBench.id("t"))));
        bench.topics.put("t", new UUID(1, 1));
        assertThat(bench.fetch("g", "t", 0)).isEqualTo(-1);

        bench.commit(plain("g", position("t", 1, 2, new UUID(1, 1))));
        bench.machine.failOver();
        assertThat(bench.machine.machine().durableState()).hasSize(1);
        assertThat(bench.fetch("g", "t", 1)).isEqualTo(2);
    }

    @Test
    @DisplayName(
            "topics that were deleted while nobody was coordinator are forgotten when one is again; not before the cluster is known (GROUP-09)")
    void deletedWhileNobodyLooked() {
        bench.commit("g", "t", 0, 1);
        bench.machine.failOver();
        assertThat(bench.fetch("g", "t", 0)).isEqualTo(1);

        bench.know("s");
        bench.machine.failOver();
        assertThat(bench.fetch("g", "t", 0)).isEqualTo(-1);
        assertThat(bench.machine.machine().table.knows("g")).isFalse();
    }

    @Test
    @DisplayName(
            "nothing is committed for a topic that is gone, or not known here yet: it would not be shown (GROUP-09, GROUP-20)")
    void commitForAnUnknownTopic() {
        bench.know("t", "s");
        UUID another = new UUID(1, 1);
        var answer = bench.commit(plain("g", position("u", 0, 1), position("t", 0, 2, another), position("s", 0, 3)))
                .answer();

        assertThat(answer.refused())
                .containsOnly(
                        Map.entry(new TopicPartition("u", 0), Reason.UNKNOWN_TOPIC_OR_PARTITION),
                        Map.entry(new TopicPartition("t", 0), Reason.UNKNOWN_TOPIC_OR_PARTITION));
        assertThat(bench.fetch("g", "s", 0)).isEqualTo(3);
    }

    @Test
    @DisplayName("a topic that is made anew while the log is read inherits no offsets either (GROUP-09)")
    void topicMadeAnewWhileLoading() {
        bench.know("t", "s");
        bench.commit(plain("g", position("t", 0, 1), position("s", 0, 2)));
        bench.whileLoading = () -> bench.topics.put("t", new UUID(1, 1));
        bench.machine.failOver();

        assertThat(bench.fetch("g", "t", 0)).isEqualTo(-1);
        assertThat(bench.fetch("g", "s", 0)).isEqualTo(2);
    }

    @Test
    @DisplayName("a sweep is cut into batches, and tried again if the log refuses one (GROUP-09)")
    void sweepIsBounded() {
        for (int i = 0; i < 30; i++) {
            List<CommitOffsets.Position> positions = new ArrayList<>();
            for (int partition = 0; partition < 100; partition++) {
                positions.add(position("t", partition, 1));
            }
            bench.commit(plain("g" + i, positions.toArray(CommitOffsets.Position[]::new)));
        }
        int before = bench.machine.journal().batches().size();
        bench.machine.journal().refuse(1, Reason.NOT_ENOUGH_REPLICAS);
        bench.machine.tell((m, turn) -> m.desk.onTopicsDeleted(Map.of("t", OffsetBench.id("t")), turn));
        assertThat(bench.fetch("g0", "t", 0)).as("not swept yet, and not shown").isEqualTo(-1);
        bench.machine.advanceMillis(1_000);

        assertThat(bench.machine.machine().durableState()).isEmpty();
        assertThat(bench.machine.journal().batches().stream().skip(before))
                .allSatisfy(batch -> assertThat(batch.batch().entries()).hasSizeLessThanOrEqualTo(1_000));
    }

    // ---- listening

    @Test
    @DisplayName("a listener is told what readers see, when they see it (GROUP-21)")
    void listener() {
        List<String> told = new ArrayList<>();
        bench.commit("g", "t", 0, 1);
        bench.machine.machine().table.observe(new OffsetListener() {
            @Override
            public void onVisible(String groupId, String topic, int partition, GroupValue.CommittedOffset value) {
                told.add(groupId + " " + topic + "-" + partition + "=" + value.offset());
            }

            @Override
            public void onForgotten(String groupId, String topic, int partition) {
                told.add(groupId + " " + topic + "-" + partition + " forgotten");
            }
        });
        bench.commitInTransaction(9, "g", "t", 0, 2);
        bench.machine.journal().holdCommits();
        bench.commit("g", "t", 1, 3);
        assertThat(told).containsExactly("g t-0=1");

        bench.machine.journal().commitAll();
        bench.machine.settle();
        bench.machine.endTransaction(9, (short) 0, true);
        bench.delete("g");
        assertThat(told).containsExactly("g t-0=1", "g t-1=3", "g t-0=2", "g t-0 forgotten", "g t-1 forgotten");
    }
}
