package io.barnabas.consumer.coordinator.lag;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.offset;

import io.barnabas.model.TopicPartition;
import io.barnabas.runtime.time.ManualClock;
import java.util.HashMap;
import java.util.Map;
import java.util.function.LongConsumer;
import org.junit.jupiter.api.DisplayName;
import org.junit.jupiter.api.Test;

class GroupLagTest {
    private static final TopicPartition ORDERS = new TopicPartition("orders", 0);
    private static final TopicPartition PAYMENTS = new TopicPartition("payments", 3);
    private static final int WINDOW = 5;
    private static final long INTERVAL_MS = 10_000;

    private final ManualClock clock = new ManualClock();
    private final Logs logs = new Logs();
    private final GroupLag group = new GroupLag(new LagConfig(WINDOW, 1_000, 15_000));

    /** Logs whose ends the test sets. */
    private static final class Logs implements LogEnds {
        private final Map<TopicPartition, LogEnd> ends = new HashMap<>();

        void end(TopicPartition partition, long endOffset) {
            ends.put(partition, new LogEnd(0, endOffset));
        }

        @Override
        public LogEnd find(TopicPartition partition) {
            return ends.get(partition);
        }

        @Override
        public void timestampAt(TopicPartition partition, long offset, LongConsumer then) {
            then.accept(NO_TIMESTAMP);
        }
    }

    private void commit(TopicPartition partition, long committed, long logEnd) {
        logs.end(partition, logEnd);
        group.commit(partition, committed, clock.epochMillis(), logs.find(partition), clock.epochMillis());
    }

    /** One commit each interval; {@code lags} of them. */
    private void commitFrom(long firstOffset, long advance, long... lags) {
        for (int i = 0; i < lags.length; i++) {
            if (i > 0) {
                clock.advanceMillis(INTERVAL_MS);
            }
            long committed = firstOffset + i * advance;
            commit(ORDERS, committed, committed + lags[i]);
        }
    }

    private GroupHealth health() {
        return group.evaluate(logs, clock.epochMillis());
    }

    private PartitionLag orders() {
        return health().partitions().stream()
                .filter(partition -> partition.partition().equals(ORDERS))
                .findFirst()
                .orElseThrow();
    }

    private Verdict verdict() {
        return orders().verdict();
    }

    @Test
    @DisplayName("a group that has committed nothing is not found")
    void nothingCommitted() {
        assertThat(health()).isEqualTo(GroupHealth.NOTHING_COMMITTED);
    }

    @Test
    @DisplayName("a group without lag is OK, however long ago it committed")
    void idleGroupIsOk() {
        commitFrom(100, 10, 5, 5, 5, 5, 0);

        clock.advanceMillis(86_400_000);

        assertThat(verdict()).isEqualTo(Verdict.OK);
    }

    @Test
    @DisplayName("a record after a long rest is no stop: the group gets as long as its window spans to commit it")
    void newsAfterARestAreNoStop() {
        commitFrom(100, 10, 0, 0, 0, 0, 0);
        clock.advanceMillis(86_400_000);
        logs.end(ORDERS, 141);

        assertThat(verdict()).isEqualTo(Verdict.OK);
        clock.advanceMillis(4 * INTERVAL_MS + 1);
        assertThat(verdict()).isEqualTo(Verdict.STOP);
    }

    @Test
    @DisplayName("lag that falls somewhere in the window is OK: the group catches up, or varies")
    void fallingLagIsOk() {
        commitFrom(100, 10, 50, 60, 59, 70, 80);

        assertThat(verdict()).isEqualTo(Verdict.OK);
    }

    @Test
    @DisplayName("lag that was zero once in the window is OK")
    void zeroOnceIsOk() {
        commitFrom(100, 10, 0, 10, 20, 30, 40);

        assertThat(verdict()).isEqualTo(Verdict.OK);
    }

    @Test
    @DisplayName("WARN: offsets advance, the lag grows over the whole window")
    void growingLagWarns() {
        commitFrom(100, 10, 5, 6, 6, 7, 9);

        assertThat(verdict()).isEqualTo(Verdict.WARN);
        assertThat(health().verdict()).isEqualTo(Verdict.WARN);
    }

    @Test
    @DisplayName("growing lag says nothing before the window is full")
    void growingLagInPartOfAWindow() {
        commitFrom(100, 10, 5, 6, 6, 7);

        assertThat(verdict()).isEqualTo(Verdict.OK);
        assertThat(orders().complete()).isEqualTo(0.8);
        assertThat(health().complete()).isZero();
    }

    @Test
    @DisplayName("lag that stays the same is OK: the group keeps pace")
    void steadyLagIsOk() {
        commitFrom(100, 10, 7, 7, 7, 7, 7);

        assertThat(verdict()).isEqualTo(Verdict.OK);
    }

    @Test
    @DisplayName("a slow group that catches up a little is OK again")
    void recoversFromWarn() {
        commitFrom(100, 10, 5, 6, 6, 7, 9);
        clock.advanceMillis(INTERVAL_MS);
        commit(ORDERS, 160, 168);

        assertThat(verdict()).isEqualTo(Verdict.OK);
    }

    @Test
    @DisplayName("STOP: no commit for longer than the window spans, although there is lag")
    void silenceIsAStop() {
        commitFrom(100, 10, 50, 49, 48, 47, 46);

        clock.advanceMillis(4 * INTERVAL_MS);
        assertThat(verdict()).isEqualTo(Verdict.OK);
        clock.advanceMillis(1);
        assertThat(verdict()).isEqualTo(Verdict.STOP);
        assertThat(health().verdict()).isEqualTo(Verdict.ERR);
        assertThat(orders().ratePerSecond()).isZero();
    }

    @Test
    @DisplayName("a silence shorter than the least one is no stop, however short the window is")
    void quickWindowsArePatient() {
        commit(ORDERS, 100, 200);
        clock.advanceMillis(1_000);
        commit(ORDERS, 101, 200);

        clock.advanceMillis(15_000);
        assertThat(verdict()).isEqualTo(Verdict.OK);
        clock.advanceMillis(1);
        assertThat(verdict()).isEqualTo(Verdict.STOP);
    }

    @Test
    @DisplayName("a stopped group that commits again is OK at once, and its window begins anew")
    void recoversFromStop() {
        commitFrom(100, 10, 50, 49, 48, 47, 46);
        clock.advanceMillis(3_600_000);
        assertThat(verdict()).isEqualTo(Verdict.STOP);

        commit(ORDERS, 141, 186);

        assertThat(verdict()).isEqualTo(Verdict.OK);
        assertThat(orders().points()).hasSize(1);
        clock.advanceMillis(15_001);
        assertThat(verdict())
                .as("the hour of silence does not make it more patient")
                .isEqualTo(Verdict.STOP);
    }

    @Test
    @DisplayName("a group that commits only when there is data is stopped by the measure of its busy time")
    void restsDoNotCountAsSpan() {
        for (int i = 0; i < WINDOW; i++) {
            logs.end(ORDERS, 100 + i);
            group.observe(logs, clock.epochMillis());
            clock.advanceMillis(2_000);
            commit(ORDERS, 100 + i, 100 + i);
            clock.advanceMillis(3_600_000);
            group.observe(logs, clock.epochMillis());
        }
        logs.end(ORDERS, 200);
        group.observe(logs, clock.epochMillis());

        clock.advanceMillis(15_001);

        assertThat(verdict()).isEqualTo(Verdict.STOP);
    }

    @Test
    @DisplayName("a group that commits by the clock, without progress, is measured by that clock")
    void unchangedCommitsTellTheInterval() {
        for (int i = 0; i < WINDOW; i++) {
            commit(ORDERS, 100, 100);
            clock.advanceMillis(60_000);
            group.observe(logs, clock.epochMillis());
        }
        logs.end(ORDERS, 101);
        group.observe(logs, clock.epochMillis());

        clock.advanceMillis(60_000);

        assertThat(verdict()).isEqualTo(Verdict.OK);
    }

    @Test
    @DisplayName("an offset that was loaded with its old time is no stop until the group had its time here")
    void loadedOffsetsGetTheirTime() {
        logs.end(ORDERS, 500);
        group.commit(ORDERS, 400, clock.epochMillis() - 3_600_000, logs.find(ORDERS), clock.epochMillis());

        assertThat(verdict()).isEqualTo(Verdict.OK);
        assertThat(orders().last().commitMs()).isEqualTo(clock.epochMillis() - 3_600_000);
        clock.advanceMillis(15_001);
        assertThat(verdict()).isEqualTo(Verdict.STOP);
    }

    @Test
    @DisplayName("STALL: commits come over the whole window, the offset does not move, there is lag")
    void sameOffsetIsAStall() {
        commitFrom(100, 0, 1, 2, 2, 2, 3);

        assertThat(verdict()).isEqualTo(Verdict.STALL);
        assertThat(health().verdict()).isEqualTo(Verdict.ERR);
    }

    @Test
    @DisplayName("a stalled group whose offset moves is OK again")
    void recoversFromStall() {
        commitFrom(100, 0, 1, 2, 2, 2, 3);
        clock.advanceMillis(INTERVAL_MS);
        commit(ORDERS, 101, 103);

        assertThat(verdict()).isEqualTo(Verdict.OK);
    }

    @Test
    @DisplayName("a group that commits the same offset without lag is idle, not stalled")
    void sameOffsetWithoutLagIsOk() {
        commitFrom(100, 0, 0, 0, 0, 0, 0);

        assertThat(verdict()).isEqualTo(Verdict.OK);
    }

    @Test
    @DisplayName("REWIND: the offset went back, also when there was no lag before")
    void goingBackIsARewind() {
        commitFrom(100, 10, 0, 0, 0);
        clock.advanceMillis(INTERVAL_MS);
        commit(ORDERS, 20, 120);

        assertThat(verdict()).isEqualTo(Verdict.REWIND);
        assertThat(health().verdict()).isEqualTo(Verdict.ERR);
    }

    @Test
    @DisplayName("a rewind is seen also between commits that share a place of the window")
    void rewindWithinOnePlace() {
        commit(ORDERS, 10, 200);
        clock.advanceMillis(5_000);
        commit(ORDERS, 100, 200);
        clock.advanceMillis(100);
        commit(ORDERS, 50, 200);

        assertThat(orders().points()).hasSize(2);
        assertThat(verdict()).isEqualTo(Verdict.REWIND);
    }

    @Test
    @DisplayName("a rewound group that is back where it was is OK again")
    void recoversFromRewindByProgress() {
        commitFrom(100, 10, 9, 8, 7);
        clock.advanceMillis(INTERVAL_MS);
        commit(ORDERS, 20, 130);
        clock.advanceMillis(INTERVAL_MS);
        commit(ORDERS, 119, 130);
        assertThat(verdict()).isEqualTo(Verdict.REWIND);

        clock.advanceMillis(INTERVAL_MS);
        commit(ORDERS, 120, 130);

        assertThat(verdict()).isEqualTo(Verdict.OK);
    }

    @Test
    @DisplayName("a rewind is forgotten when it has left the window")
    void recoversFromRewindByTime() {
        commit(ORDERS, 10_000, 10_001);
        for (int i = 0; i < WINDOW; i++) {
            clock.advanceMillis(INTERVAL_MS);
            commit(ORDERS, 100 + i * 10L, 10_001);
            assertThat(verdict()).isEqualTo(i < WINDOW - 1 ? Verdict.REWIND : Verdict.OK);
        }
    }

    @Test
    @DisplayName("a rewound group that falls silent is stopped")
    void rewoundThenSilent() {
        commitFrom(100, 10, 0, 0, 0);
        clock.advanceMillis(INTERVAL_MS);
        commit(ORDERS, 20, 120);

        clock.advanceMillis(60_000);

        assertThat(verdict()).isEqualTo(Verdict.STOP);
    }

    @Test
    @DisplayName("commits closer together than the spacing share one place, which tells the latest of them")
    void closeCommitsShareAPlace() {
        for (int i = 0; i < 100; i++) {
            commit(ORDERS, 100 + i, 1_000);
            clock.advanceMillis(100);
        }

        assertThat(orders().points()).hasSize(WINDOW);
        assertThat(orders().last()).isEqualTo(new WindowPoint(199, clock.epochMillis() - 100, 801));
        assertThat(orders().first().offset()).isEqualTo(159);
        assertThat(orders().ratePerSecond()).isCloseTo(10, offset(0.001));
    }

    @Test
    @DisplayName("the worst partition is the one with the worst verdict, the one most behind may be another")
    void worstAndMostBehind() {
        commitFrom(100, 0, 1, 2, 2, 2, 3);
        commit(PAYMENTS, 5, 5_000);

        GroupHealth health = health();

        assertThat(health.worst().partition()).isEqualTo(ORDERS);
        assertThat(health.mostBehind().partition()).isEqualTo(PAYMENTS);
        assertThat(health.totalLag()).isEqualTo(3 + 4_995);
        assertThat(health.complete()).isEqualTo(0.5);
        assertThat(health.verdict()).isEqualTo(Verdict.ERR);
    }

    @Test
    @DisplayName("where the end of the log is not known, neither lag nor a verdict against the group is told")
    void unknownEnd() {
        group.commit(ORDERS, 100, clock.epochMillis(), null, clock.epochMillis());
        clock.advanceMillis(3_600_000);

        assertThat(orders().lag()).isEqualTo(PartitionLag.UNKNOWN);
        assertThat(orders().logEndOffset()).isEqualTo(PartitionLag.UNKNOWN);
        assertThat(verdict()).isEqualTo(Verdict.OK);
    }

    @Test
    @DisplayName("an offset beyond the end of the log has no lag")
    void beyondTheEnd() {
        commit(ORDERS, 100, 40);

        assertThat(orders().lag()).isZero();
        assertThat(verdict()).isEqualTo(Verdict.OK);
    }

    @Test
    @DisplayName("lag in seconds is the age of the first unread record while that is known, and 0 without lag")
    void lagInSeconds() {
        commit(ORDERS, 100, 110);
        assertThat(orders().lagSeconds(clock.epochMillis())).isNaN();

        group.rememberOldest(ORDERS, 100, clock.epochMillis() - 2_500);
        assertThat(orders().lagSeconds(clock.epochMillis())).isEqualTo(2.5);

        commit(ORDERS, 104, 110);
        assertThat(orders().lagSeconds(clock.epochMillis())).isNaN();

        commit(ORDERS, 110, 110);
        assertThat(orders().lagSeconds(clock.epochMillis())).isZero();
    }

    @Test
    @DisplayName("a record dated in the future is not older than nothing")
    void futureRecord() {
        commit(ORDERS, 100, 110);

        group.rememberOldest(ORDERS, 100, clock.epochMillis() + 60_000);

        assertThat(orders().lagSeconds(clock.epochMillis())).isZero();
    }

    @Test
    @DisplayName("below the log start, the first unread record is the one at the log start")
    void belowTheLogStart() {
        logs.ends.put(ORDERS, new LogEnd(500, 600));
        group.commit(ORDERS, 100, clock.epochMillis(), logs.find(ORDERS), clock.epochMillis());
        group.rememberOldest(ORDERS, 500, clock.epochMillis() - 1_000);

        assertThat(orders().lag()).isEqualTo(500);
        assertThat(orders().lagSeconds(clock.epochMillis())).isEqualTo(1);
    }

    @Test
    @DisplayName("what is forgotten takes no room")
    void forgets() {
        commit(ORDERS, 100, 110);
        commit(PAYMENTS, 100, 110);
        assertThat(group.reads("payments")).isTrue();

        group.forget(PAYMENTS);
        assertThat(group.reads("payments")).isFalse();
        assertThat(group.partitions()).containsExactly(ORDERS);
        group.forget(ORDERS);
        assertThat(group.isEmpty()).isTrue();
    }

    @Test
    @DisplayName("commits whose times go back are taken in order")
    void timesThatGoBack() {
        commit(ORDERS, 100, 200);
        group.commit(ORDERS, 110, clock.epochMillis() - 5_000, logs.find(ORDERS), clock.epochMillis());

        assertThat(orders().last()).isEqualTo(new WindowPoint(110, clock.epochMillis(), 90));
    }
}
