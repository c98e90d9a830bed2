package io.barnabas.consumer.coordinator.group;

import static org.assertj.core.api.Assertions.assertThat;

import io.barnabas.consumer.coordinator.group.ConsumerBench.Beat;
import io.barnabas.consumer.coordinator.journal.TopicPartitions;
import io.barnabas.model.Refusal.Reason;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.DisplayName;
import org.junit.jupiter.api.Test;

class ConsumerReconciliationTest {
    private final ConsumerBench bench = new ConsumerBench();
    private List<TopicPartitions> all;

    @BeforeEach
    void oneMemberOwnsEverything() {
        bench.topics.set("t", 4);
        all = bench.partitions("t", 0, 1, 2, 3);
        bench.say(Beat.joining("a", "t"));
    }

    /** A second member has joined, and the first one is told to give up half. */
    private List<TopicPartitions> halve() {
        bench.say(Beat.joining("b", "t"));
        ConsumerHeartbeat.Answer asked = bench.say(Beat.at("a", 2));
        assertThat(asked.memberEpoch()).isEqualTo(2);
        return asked.assignment();
    }

    private static PartitionSet set(List<TopicPartitions> partitions) {
        return PartitionSet.of(partitions);
    }

    @Test
    @DisplayName("the owner keeps its epoch until it has given up; only then the other gets it (GROUP-30)")
    void revokeThenAssign() {
        ConsumerHeartbeat.Answer joined = bench.say(Beat.joining("b", "t"));
        assertThat(joined.memberEpoch()).isEqualTo(3);
        assertThat(joined.assignment()).isEmpty();
        assertThat(bench.group().member("b").state()).isEqualTo(ConsumerMember.State.UNRELEASED);

        List<TopicPartitions> kept = bench.say(Beat.at("a", 2)).assignment();
        assertThat(set(kept).size()).isEqualTo(2);
        assertThat(bench.group().member("a").state()).isEqualTo(ConsumerMember.State.UNREVOKED);
        assertThat(bench.group().state()).isEqualTo("Reconciling");

        // still owns it all, and says nothing, then says so
        assertThat(bench.say(Beat.at("a", 2)).memberEpoch()).isEqualTo(2);
        assertThat(bench.say(Beat.at("a", 2).owned(all)).memberEpoch()).isEqualTo(2);
        assertThat(bench.say(Beat.at("b", 3)).assignment()).isNull();

        assertThat(bench.say(Beat.at("a", 2).owned(kept)).memberEpoch()).isEqualTo(3);
        ConsumerHeartbeat.Answer given = bench.say(Beat.at("b", 3));
        assertThat(set(given.assignment())).isEqualTo(set(all).minus(set(kept)));
        assertThat(bench.group().state()).isEqualTo("Stable");
    }

    @Test
    @DisplayName(
            "after a lost answer the epoch before is good for as long as what is owned was the member's (GROUP-31)")
    void lostAnswer() {
        List<TopicPartitions> kept = halve();
        assertThat(bench.say(Beat.at("a", 2).owned(kept)).memberEpoch()).isEqualTo(3);

        ConsumerHeartbeat.Answer again = bench.say(Beat.at("a", 2).owned(kept));

        assertThat(again.error()).isNull();
        assertThat(again.memberEpoch()).isEqualTo(3);
        assertThat(again.assignment()).isEqualTo(kept);
        assertThat(bench.say(Beat.at("a", 2).owned(all)).error()).isEqualTo(Reason.FENCED_MEMBER_EPOCH);
        assertThat(bench.say(Beat.at("a", 2)).error()).isEqualTo(Reason.FENCED_MEMBER_EPOCH);
    }

    @Test
    @DisplayName(
            "a member that is alive but does not give up is out after its rebalance timeout, and the others go on (GROUP-33)")
    void neverRevokes() {
        halve();

        for (int second = 0; second < ConsumerBench.REBALANCE_MS / 1_000; second++) {
            assertThat(bench.say(Beat.at("a", 2).owned(all)).error()).isNull();
            bench.say(Beat.at("b", bench.group().member("b").epoch()));
            bench.bench.advanceMillis(1_000);
        }

        assertThat(bench.say(Beat.at("a", 2).owned(all)).error()).isEqualTo(Reason.UNKNOWN_MEMBER_ID);
        assertThat(bench.say(Beat.at("b", 3)).assignment()).isEqualTo(all);
    }

    @Test
    @DisplayName(
            "a member's word that it gave up, which the log has refused, does not end its rebalance timeout (GROUP-06, GROUP-33)")
    void refusedWordOfRevocation() {
        List<TopicPartitions> kept = halve();
        bench.bench.journal().refuse(1, Reason.NOT_ENOUGH_REPLICAS);
        assertThat(bench.ask(Beat.at("a", 2).owned(kept).build()).isRefused()).isTrue();
        assertThat(bench.group().member("a").state()).isEqualTo(ConsumerMember.State.UNREVOKED);

        for (int second = 0; second <= ConsumerBench.REBALANCE_MS / 1_000; second++) {
            bench.say(Beat.at("a", 2));
            bench.say(Beat.at("b", bench.group().member("b").epoch()));
            bench.bench.advanceMillis(1_000);
        }

        assertThat(bench.group().member("a")).isNull();
    }

    @Test
    @DisplayName("the rebalance timeout begins afresh with a new leader (GROUP-33)")
    void rebalanceTimeoutAfterFailover() {
        halve();
        bench.bench.advanceMillis(40_000);
        bench.bench.failOver();
        bench.bench.advanceMillis(40_000);
        assertThat(bench.say(Beat.at("a", 2).owned(all)).error()).isNull();
        bench.bench.advanceMillis(ConsumerBench.REBALANCE_MS - 40_000);
        assertThat(bench.group().member("a")).isNull();
    }

    @Test
    @DisplayName("silence ends a member's session; its partitions go to the others (GROUP-33)")
    void sessionExpires() {
        halve();
        for (int part = 0; part < 3; part++) {
            bench.bench.advanceMillis(ConsumerBench.SESSION_MS / 3);
            bench.say(Beat.at("b", bench.group().member("b").epoch()));
        }

        assertThat(bench.group().member("a")).isNull();
        bench.say(Beat.at("b", 3));
        assertThat(bench.group().member("b").assigned()).isEqualTo(set(all));
    }

    @Test
    @DisplayName("after a failover every member has a session ahead of it (GROUP-05, GROUP-33)")
    void freshSessions() {
        bench.bench.advanceMillis(ConsumerBench.SESSION_MS - 1_000);
        bench.bench.failOver();
        bench.bench.advanceMillis(ConsumerBench.SESSION_MS - 1_000);

        assertThat(bench.say(Beat.at("a", 2)).error()).isNull();

        bench.bench.advanceMillis(ConsumerBench.SESSION_MS - 1);
        assertThat(bench.group().isEmpty()).isFalse();
        bench.bench.advanceMillis(1);
        assertThat(bench.group().isEmpty()).isTrue();
    }

    @Test
    @DisplayName("a removal that the log refuses is tried again (GROUP-06)")
    void expiryIsRetried() {
        bench.bench.journal().refuse(1, Reason.NOT_ENOUGH_REPLICAS);
        bench.bench.advanceMillis(ConsumerBench.SESSION_MS);
        assertThat(bench.group().isEmpty()).isFalse();

        bench.bench.advanceMillis(Transitions.RETRY_MILLIS);

        assertThat(bench.group().isEmpty()).isTrue();
    }

    @Test
    @DisplayName("a commit of the epoch before counts where the partition was the member's already (GROUP-36)")
    void commitsAroundAnEpoch() {
        List<TopicPartitions> kept = halve();
        bench.say(Beat.at("a", 2).owned(kept));
        bench.say(Beat.at("b", 3));
        int mine = kept.get(0).partitions().get(0);
        int others = bench.group()
                .member("b")
                .assigned()
                .toList()
                .get(0)
                .partitions()
                .get(0);

        assertThat(refuseCommit("a", 3, 9)).isNull();
        assertThat(refuseCommit("a", 2, 9)).isNull();
        assertThat(bench.group().refuseCommitOf("a", 2, "t", mine)).isNull();
        assertThat(bench.group().refuseCommitOf("a", 2, "t", others)).isEqualTo(Reason.STALE_MEMBER_EPOCH);
        assertThat(bench.group().refuseCommitOf("a", 1, "t", mine)).isEqualTo(Reason.STALE_MEMBER_EPOCH);
        assertThat(bench.group().refuseCommitOf("a", 3, "t", others)).isNull();
        bench.bench.failOver();
        assertThat(bench.group().refuseCommitOf("a", 2, "t", mine)).isNull();
        assertThat(bench.group().refuseCommitOf("a", 1, "t", mine)).isEqualTo(Reason.STALE_MEMBER_EPOCH);
    }

    private Reason refuseCommit(String memberId, int epoch, int version) {
        return bench.bench
                                .<Object>ask((machine, reply, turn) -> {
                                    Reason reason = machine.group("g")
                                            .refuseCommit(memberId, null, epoch, false, (short) version, turn);
                                    turn.answerAtOnce(reply, reason == null ? "admitted" : reason);
                                })
                                .answer()
                        instanceof Reason refused
                ? refused
                : null;
    }

    @Test
    @DisplayName("who may commit to and fetch from a consumer group (GROUP-36)")
    void commitRules() {
        assertThat(refuseCommit("a", 2, 8)).isEqualTo(Reason.UNSUPPORTED_VERSION);
        assertThat(refuseCommit("a", 5, 9)).isEqualTo(Reason.STALE_MEMBER_EPOCH);
        assertThat(refuseCommit("a", 0, 9)).isEqualTo(Reason.STALE_MEMBER_EPOCH);
        assertThat(refuseCommit("x", 2, 9)).isEqualTo(Reason.UNKNOWN_MEMBER_ID);
        assertThat(refuseCommit("", -1, 9)).isEqualTo(Reason.UNKNOWN_MEMBER_ID);
        assertThat(bench.group().refuseOffsetFetch("a", 2)).isNull();
        assertThat(bench.group().refuseOffsetFetch(null, -1)).isNull();
        assertThat(bench.group().refuseOffsetFetch("a", 1)).isEqualTo(Reason.STALE_MEMBER_EPOCH);
        assertThat(bench.group().refuseOffsetFetch("x", 2)).isEqualTo(Reason.UNKNOWN_MEMBER_ID);
        assertThat(bench.group().refuseDelete()).isEqualTo(Reason.NON_EMPTY_GROUP);
        assertThat(bench.group().isSubscribedTo("t")).isTrue();
        assertThat(bench.group().isSubscribedTo("u")).isFalse();

        bench.say(Beat.at("a", -1));
        assertThat(refuseCommit("", -1, 1)).isNull();
        assertThat(bench.group().refuseDelete()).isNull();
    }

    @Test
    @DisplayName("a commit is a sign of life (GROUP-17)")
    void commitRefreshesTheSession() {
        bench.bench.advanceMillis(ConsumerBench.SESSION_MS - 1);
        refuseCommit("a", 2, 9);
        bench.bench.advanceMillis(ConsumerBench.SESSION_MS - 1);
        assertThat(bench.group().isEmpty()).isFalse();
    }

    @Test
    @DisplayName(
            "one member more or less of ten, over 100 partitions, is through within 500 ms of heartbeats as they are asked for (GROUP-29)")
    void tenMembersSettleQuickly() {
        ConsumerBench ten = new ConsumerBench();
        ten.topics.set("t", 100);
        List<SimulatedConsumer> clients = new ArrayList<>();
        for (int nth = 0; nth < 10; nth++) {
            clients.add(new SimulatedConsumer(ten, "m" + nth, Set.of("t")));
        }
        settle(ten, clients);
        SimulatedConsumer eleventh = new SimulatedConsumer(ten, "m10", Set.of("t"));
        clients.add(eleventh);

        assertThat(settle(ten, clients)).isLessThan(500);
        assertThat(eleventh.owned.size()).isEqualTo(9);

        clients.remove(0).leave();
        assertThat(settle(ten, clients)).isLessThan(500);
        assertThat(clients).allMatch(client -> client.owned.size() == 10);
    }

    /** Each comes when it was told to, or at once when it has something to give up. */
    private static long settle(ConsumerBench bench, List<SimulatedConsumer> clients) {
        long from = bench.bench.clock().monotonicMillis();
        Map<SimulatedConsumer, Long> next = new HashMap<>();
        int nth = 0;
        for (SimulatedConsumer client : clients) {
            // the settled ones are anywhere within their interval
            next.put(client, client.epoch == 0 ? from : from + 20L * nth++);
        }
        while (bench.group() == null
                || bench.group().size() < clients.size()
                || !bench.group().isSettled()) {
            long now = bench.bench.clock().monotonicMillis();
            for (SimulatedConsumer client : clients) {
                if (next.get(client) <= now) {
                    client.act();
                    boolean hasSomething = !client.owned.minus(client.told).isEmpty();
                    next.put(client, hasSomething ? now : now + client.intervalMs);
                }
            }
            bench.bench.advanceMillis(5);
        }
        return bench.bench.clock().monotonicMillis() - from;
    }
}
