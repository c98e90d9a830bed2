package io.barnabas.consumer.coordinator.offsets;

import static io.barnabas.consumer.coordinator.offsets.OffsetBench.plain;
import static io.barnabas.consumer.coordinator.offsets.OffsetBench.position;
import static org.assertj.core.api.Assertions.assertThat;

import io.barnabas.model.Refusal.Reason;
import io.barnabas.runtime.replicated.Journal;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.DisplayName;
import org.junit.jupiter.api.Test;

class OffsetExpiryTest {
    private static final long RETENTION = OffsetBench.CONFIG.retentionMs();
    private static final long CHECK = OffsetBench.CONFIG.checkIntervalMs();

    private final OffsetBench bench = new OffsetBench();

    @Test
    @DisplayName("offsets of a simple group expire so long after their own commit (GROUP-24)")
    void simpleGroup() {
        bench.commit("g", "t", 0, 1);
        bench.machine.advanceMillis(RETENTION / 2);
        bench.commit("g", "t", 1, 2);
        bench.machine.advanceMillis(RETENTION / 2 - CHECK);
        assertThat(bench.fetch("g", "t", 0)).isEqualTo(1);

        bench.machine.advanceMillis(2 * CHECK);
        assertThat(bench.fetch("g", "t", 0)).isEqualTo(-1);
        assertThat(bench.fetch("g", "t", 1)).isEqualTo(2);

        bench.machine.advanceMillis(RETENTION / 2);
        assertThat(bench.machine.machine().table.knows("g")).isFalse();
    }

    @Test
    @DisplayName(
            "an Empty group's offsets expire so long after it became Empty, then the group itself vanishes (GROUP-24)")
    void emptyGroup() {
        bench.commit("g", "t", 0, 1);
        bench.machine.advanceMillis(RETENTION - CHECK);
        FakeGroup group =
                bench.put(new FakeGroup("g").emptySince(bench.machine.clock().epochMillis()));
        bench.machine.advanceMillis(RETENTION - 2 * CHECK);
        assertThat(bench.fetch("g", "t", 0)).isEqualTo(1);
        assertThat(bench.groups.find("g")).isSameAs(group);

        bench.machine.advanceMillis(3 * CHECK);
        assertThat(bench.fetch("g", "t", 0)).isEqualTo(-1);
        assertThat(bench.groups.find("g")).isNull();
    }

    @Test
    @DisplayName("an Empty group without offsets vanishes with its own tombstone (GROUP-24)")
    void emptyGroupWithoutOffsets() {
        bench.put(new FakeGroup("g").emptySince(bench.machine.clock().epochMillis()));
        bench.put(new FakeGroup("live").stable("t"));
        bench.machine.advanceMillis(CHECK);

        assertThat(bench.groups.find("g")).isNull();
        assertThat(bench.groups.find("live")).isNotNull();
    }

    @Test
    @DisplayName(
            "with members only topics that nobody subscribes to expire, however seldom there is a commit (GROUP-24)")
    void liveSubscription() {
        bench.put(new FakeGroup("g").stable("t"));
        bench.commit(plain("g", position("t", 0, 1), position("s", 0, 2)));
        bench.machine.advanceMillis(3 * RETENTION);

        assertThat(bench.fetch("g", "t", 0)).isEqualTo(1);
        assertThat(bench.fetch("g", "s", 0)).isEqualTo(-1);
    }

    @Test
    @DisplayName(
            "while members rebalance, or are no consumers, nothing expires, since nobody knows what they read (GROUP-24)")
    void unsettledMembers() {
        bench.put(new FakeGroup("rebalancing")).state = "PreparingRebalance";
        bench.put(new FakeGroup("connect").stable()).protocolType = "connect";
        bench.commit("rebalancing", "t", 0, 1);
        bench.commit("connect", "t", 0, 2);
        bench.machine.advanceMillis(3 * RETENTION);

        assertThat(bench.fetch("rebalancing", "t", 0)).isEqualTo(1);
        assertThat(bench.fetch("connect", "t", 0)).isEqualTo(2);
    }

    @Test
    @DisplayName("a group of the consumer protocol counts from the commit, whatever it reconciles (GROUP-24)")
    void consumerGroup() {
        FakeGroup group = bench.put(new FakeGroup("g").stable("t"));
        group.type = "consumer";
        group.state = "Reconciling";
        bench.commit(plain("g", position("t", 0, 1), position("s", 0, 2)));
        bench.machine.advanceMillis(RETENTION + CHECK);

        assertThat(bench.fetch("g", "t", 0)).isEqualTo(1);
        assertThat(bench.fetch("g", "s", 0)).isEqualTo(-1);
    }

    @Test
    @DisplayName("what a transaction has pending does not expire, nor what lies below it (GROUP-24)")
    void pendingTransaction() {
        bench.put(new FakeGroup("g").emptySince(bench.machine.clock().epochMillis()));
        bench.commit("g", "t", 0, 1);
        bench.commitInTransaction(9, "g", "t", 0, 2);
        bench.machine.advanceMillis(2 * RETENTION);
        assertThat(bench.fetch("g", "t", 0)).isEqualTo(1);
        assertThat(bench.groups.find("g")).isNotNull();

        bench.machine.endTransaction(9, (short) 0, false);
        bench.machine.advanceMillis(CHECK);
        assertThat(bench.fetch("g", "t", 0)).isEqualTo(-1);
    }

    @Test
    @DisplayName("a retention that an old client asked for is kept to (GROUP-24)")
    void retentionOfTheCommit() {
        CommitOffsets command = new CommitOffsets(
                "g",
                "",
                null,
                -1,
                (short) 2,
                3 * RETENTION,
                Journal.NO_PRODUCER,
                (short) -1,
                List.of(position("t", 0, 1)));
        bench.commit(command);
        bench.machine.advanceMillis(2 * RETENTION);
        assertThat(bench.fetch("g", "t", 0)).isEqualTo(1);

        bench.machine.advanceMillis(RETENTION + CHECK);
        assertThat(bench.fetch("g", "t", 0)).isEqualTo(-1);
    }

    @Test
    @DisplayName(
            "an offset whose newer commit is under way to the replicas is not thrown away with the old one (GROUP-21, GROUP-24)")
    void newerCommitInFlight() {
        bench.commit("g", "t", 0, 1);
        bench.machine.advanceMillis(RETENTION - CHECK);
        bench.machine.journal().holdCommits();
        bench.commit("g", "t", 0, 2);
        bench.machine.advanceMillis(2 * CHECK);
        bench.machine.journal().commitAll();
        bench.machine.settle();

        assertThat(bench.fetch("g", "t", 0)).isEqualTo(2);
    }

    @Test
    @DisplayName("a round over many offsets is cut into batches of bounded size, and done within the round (GROUP-24)")
    void boundedBatches() {
        for (int i = 0; i < 4; i++) {
            List<CommitOffsets.Position> positions = new ArrayList<>();
            for (int partition = 0; partition < 700 * (i + 1); partition++) {
                positions.add(position("t", partition, 1));
            }
            bench.commit(plain("g" + i, positions.toArray(CommitOffsets.Position[]::new)));
        }
        int before = bench.machine.journal().batches().size();
        bench.machine.advanceMillis(RETENTION + CHECK);

        assertThat(bench.machine.machine().durableState()).isEmpty();
        var batches = bench.machine.journal().batches().stream().skip(before).toList();
        assertThat(batches)
                .hasSize(7)
                .allSatisfy(batch -> assertThat(batch.batch().entries()).hasSizeLessThanOrEqualTo(1_000));
    }

    @Test
    @DisplayName("a round whose batch is refused is made good by the next (GROUP-24)")
    void refusedRound() {
        bench.commit("g", "t", 0, 1);
        bench.machine.advanceMillis(RETENTION - CHECK);
        bench.machine.journal().refuse(-1, Reason.NOT_ENOUGH_REPLICAS);
        bench.machine.advanceMillis(3 * CHECK);
        assertThat(bench.fetch("g", "t", 0)).isEqualTo(1);

        bench.machine.journal().accept();
        bench.machine.advanceMillis(CHECK);
        assertThat(bench.fetch("g", "t", 0)).isEqualTo(-1);
    }

    @Test
    @DisplayName(
            "a log that refuses is asked once in a round, and one group's refusal does not hold up the others (GROUP-24)")
    void refusedWithMoreToCome() {
        List<CommitOffsets.Position> many = new ArrayList<>();
        for (int partition = 0; partition < 1_500; partition++) {
            many.add(position("t", partition, 1));
        }
        bench.commit(plain("a", many.toArray(CommitOffsets.Position[]::new)));
        bench.commit("b", "t", 0, 2);
        bench.machine.advanceMillis(RETENTION - CHECK);
        bench.machine.journal().refuse(2, Reason.MESSAGE_TOO_LARGE);

        bench.machine.advanceMillis(2 * CHECK);
        assertThat(bench.fetch("a", "t", 0)).isEqualTo(1);
        bench.machine.journal().refuse(1, Reason.MESSAGE_TOO_LARGE);
        bench.machine.advanceMillis(2 * CHECK);
        assertThat(bench.fetch("b", "t", 0)).isEqualTo(-1);
        bench.machine.advanceMillis(2 * CHECK);
        assertThat(bench.machine.machine().durableState()).isEmpty();
    }
}
