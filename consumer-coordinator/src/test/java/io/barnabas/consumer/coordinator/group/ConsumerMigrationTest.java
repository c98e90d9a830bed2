package io.barnabas.consumer.coordinator.group;

import static org.assertj.core.api.Assertions.assertThat;

import io.barnabas.consumer.coordinator.group.ConsumerBench.Beat;
import io.barnabas.consumer.coordinator.group.GroupConfig.MigrationPolicy;
import io.barnabas.model.Refusal;
import io.barnabas.model.Refusal.Reason;
import io.barnabas.runtime.replicated.CapturedReply;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.SortedSet;
import java.util.TreeSet;
import org.junit.jupiter.api.DisplayName;
import org.junit.jupiter.api.Test;

class ConsumerMigrationTest {
    private ConsumerBench bench = bench(MigrationPolicy.BIDIRECTIONAL);

    private static ConsumerBench bench(MigrationPolicy policy) {
        ConsumerBench bench = new ConsumerBench(ConsumerBench.config(policy, 100), 1);
        bench.topics.set("t", 4);
        return bench;
    }

    private static void play(ConsumerBench bench, SimulatedClient... clients) {
        for (int round = 0; round < 40; round++) {
            for (SimulatedClient client : clients) {
                client.act();
            }
            bench.bench.advanceMillis(100);
        }
    }

    private SimulatedClassic classic(String name) {
        return new SimulatedClassic(bench, name, Set.of("t"), false);
    }

    private SimulatedConsumer consumer(String name) {
        return new SimulatedConsumer(bench, name, Set.of("t"));
    }

    private CapturedReply<JoinGroup.Answer> join(String memberId, String type) {
        return join(memberId, type, Map.of());
    }

    private CapturedReply<JoinGroup.Answer> join(String memberId, String type, Map<String, SortedSet<Integer>> owned) {
        byte[] subscription =
                ConsumerProtocolCodec.bytes(new ConsumerSubscription(List.of("t"), null, owned, -1, null), (short) 1);
        return bench.join(new JoinGroup(
                "g",
                memberId,
                null,
                "c",
                "/127.0.0.1",
                true,
                true,
                10_000,
                10_000,
                type,
                List.of(new JoinGroup.Protocol("range", subscription)),
                null));
    }

    @Test
    @DisplayName(
            "the first heartbeat of the consumer protocol converts a working classic group, and its members go on (GROUP-37)")
    void upgrade() {
        SimulatedClassic old = classic("old");
        play(bench, old);
        assertThat(bench.group()).isNull();
        assertThat(old.owned.size()).isEqualTo(4);
        int generation = old.generationId;

        SimulatedConsumer young = consumer("young");
        young.act();

        assertThat(bench.group().epoch()).isEqualTo(generation + 1);
        assertThat(bench.group().member(old.memberId).speaksClassic()).isTrue();
        assertThat(young.owned.isEmpty()).isTrue();
        assertThat(bench.classicBeat(new GroupHeartbeat("g", generation, old.memberId, null))
                        .answer()
                        .error())
                .isEqualTo(Reason.REBALANCE_IN_PROGRESS);
        play(bench, old, young);
        assertThat(old.owned.size()).isEqualTo(2);
        assertThat(young.owned.size()).isEqualTo(2);
        assertThat(bench.group().state()).isEqualTo("Stable");
    }

    @Test
    @DisplayName(
            "when the last member of the consumer protocol leaves, the group is classic again, and rebalances (GROUP-37)")
    void downgrade() {
        SimulatedClassic old = classic("old");
        SimulatedConsumer young = consumer("young");
        play(bench, old, young);
        int generation = old.generationId;

        young.leave();

        assertThat(bench.group()).isNull();
        assertThat(bench.classicBeat(new GroupHeartbeat("g", generation, old.memberId, null))
                        .answer()
                        .error())
                .isEqualTo(Reason.REBALANCE_IN_PROGRESS);
        play(bench, old);
        assertThat(old.generationId).isGreaterThan(generation);
        assertThat(old.owned.size()).isEqualTo(4);
    }

    @Test
    @DisplayName(
            "who is still to give something up when its group changes its protocol keeps it until it joins again (GROUP-30, GROUP-37)")
    void stillHeld() {
        SimulatedClassic old = classic("old");
        SimulatedConsumer young = consumer("young");
        play(bench, old);
        old.isSlow = true;
        play(bench, young, old);
        assertThat(bench.group().member(old.memberId).revoking().size()).isEqualTo(2);

        young.leave();
        SimulatedConsumer younger = consumer("younger");
        play(bench, younger);

        assertThat(old.owned.size()).isEqualTo(4);
        assertThat(younger.owned.isEmpty()).isTrue();
        old.isSlow = false;
        play(bench, old, younger);
        assertThat(old.owned.size()).isEqualTo(2);
        assertThat(younger.owned.size()).isEqualTo(2);
    }

    @Test
    @DisplayName(
            "in an upgrade amid a cooperative rebalance, members keep what they said they own (GROUP-30, GROUP-37)")
    void claimed() {
        SimulatedClassic old = classic("old");
        SimulatedClassic other = classic("other");
        play(bench, old);
        old.isSlow = true;
        play(bench, other, old);
        assertThat(old.told.size()).isEqualTo(2);
        assertThat(old.owned.size()).isEqualTo(4);
        assertThat(bench.group()).isNull();

        SimulatedConsumer young = consumer("young");
        play(bench, young);

        assertThat(young.owned.isEmpty()).isTrue();
        old.isSlow = false;
        play(bench, old, other, young);
        assertThat(old.owned.plus(other.owned).plus(young.owned).size()).isEqualTo(4);
        assertThat(young.owned.size()).isPositive();
        assertThat(bench.group().state()).isEqualTo("Stable");
    }

    @Test
    @DisplayName(
            "a coordinator that finds a group just made classic has its members join, too: what the last to leave had is nobody's (GROUP-37)")
    void downgradeAndFailOver() {
        SimulatedClassic old = classic("old");
        SimulatedConsumer young = consumer("young");
        play(bench, old, young);
        assertThat(old.owned.size()).isEqualTo(2);

        young.leave();
        bench.bench.failOver();
        play(bench, old);

        assertThat(bench.group()).isNull();
        assertThat(old.owned.size()).isEqualTo(4);
    }

    @Test
    @DisplayName("no conversion where the policy or the group's type forbids it (GROUP-37)")
    void refusedUpgrades() {
        bench = bench(MigrationPolicy.DOWNGRADE);
        play(bench, classic("old"));
        ConsumerHeartbeat.Answer answer = bench.say(Beat.joining("m", "t"));
        assertThat(answer.error()).isEqualTo(Reason.GROUP_ID_NOT_FOUND);
        assertThat(answer.message()).isEqualTo("Group g is not a consumer group.");

        bench = bench(MigrationPolicy.BIDIRECTIONAL);
        String memberId = join("", "connect").answer().memberId();
        join(memberId, "connect");
        assertThat(bench.say(Beat.joining("m", "t")).error()).isEqualTo(Reason.GROUP_ID_NOT_FOUND);
    }

    @Test
    @DisplayName("without leave to downgrade, classic members stay in their consumer group (GROUP-37)")
    void refusedDowngrade() {
        bench = bench(MigrationPolicy.UPGRADE);
        SimulatedClassic old = classic("old");
        SimulatedConsumer young = consumer("young");
        play(bench, old, young);

        young.leave();
        play(bench, old);

        assertThat(bench.group().size()).isEqualTo(1);
        assertThat(old.owned.size()).isEqualTo(4);
    }

    @Test
    @DisplayName("an empty group simply changes its protocol, either way (GROUP-37)")
    void emptyGroups() {
        SimulatedConsumer young = consumer("young");
        play(bench, young);
        young.leave();
        SimulatedClassic old = classic("old");
        play(bench, old);
        assertThat(bench.group()).isNull();
        assertThat(old.owned.size()).isEqualTo(4);

        old.leave();
        SimulatedConsumer younger = consumer("younger");
        play(bench, younger);
        assertThat(bench.group().size()).isEqualTo(1);
        assertThat(younger.owned.size()).isEqualTo(4);
    }

    @Test
    @DisplayName("what classic members of a consumer group are refused (GROUP-37, GROUP-38)")
    void classicRefusals() {
        play(bench, consumer("young"));

        assertThat(join("", "connect").answer().error()).isEqualTo(Reason.INCONSISTENT_GROUP_PROTOCOL);
        JoinGroup.Answer first = join("", "consumer").answer();
        assertThat(first.error()).isEqualTo(Reason.MEMBER_ID_REQUIRED);
        JoinGroup.Answer joined = join(first.memberId(), "consumer").answer();
        assertThat(joined.error()).isNull();
        assertThat(joined.protocolName()).isEqualTo("range");
        int epoch = joined.generationId();
        assertThat(beat("young", epoch)).isEqualTo(Reason.UNKNOWN_MEMBER_ID);
        assertThat(beat("nobody", epoch)).isEqualTo(Reason.UNKNOWN_MEMBER_ID);
        assertThat(beat(first.memberId(), epoch + 1)).isEqualTo(Reason.ILLEGAL_GENERATION);
        assertThat(sync(first.memberId(), epoch + 1, "range")).isEqualTo(Reason.ILLEGAL_GENERATION);
        assertThat(sync(first.memberId(), epoch, "roundrobin")).isEqualTo(Reason.INCONSISTENT_GROUP_PROTOCOL);
        assertThat(sync(first.memberId(), epoch, "range")).isNull();
        assertThat(bench.say(Beat.at(first.memberId(), epoch)).error()).isEqualTo(Reason.UNKNOWN_MEMBER_ID);
        assertThat(bench.bench.machine().classic.describe("g").error()).isEqualTo(Reason.GROUP_ID_NOT_FOUND);
        LeaveGroup.Answer left = bench.leave(new LeaveGroup(
                        "g",
                        List.of(
                                new LeaveGroup.Leaver(first.memberId(), null, null),
                                new LeaveGroup.Leaver("nobody", null, null))))
                .answer();
        assertThat(left.members()).extracting(LeaveGroup.Left::error).containsExactly(null, Reason.UNKNOWN_MEMBER_ID);
    }

    private Reason beat(String memberId, int generation) {
        return bench.classicBeat(new GroupHeartbeat("g", generation, memberId, null))
                .answer()
                .error();
    }

    private Reason sync(String memberId, int generation, String protocol) {
        return bench.sync(new SyncGroup("g", generation, memberId, null, "consumer", protocol, Map.of()))
                .answer()
                .error();
    }

    @Test
    @DisplayName(
            "a classic member that is called and does not come back, or falls silent, is gone (GROUP-33, GROUP-37)")
    void classicTimeouts() {
        SimulatedConsumer young = consumer("young");
        play(bench, young);
        String id = join("", "consumer").answer().memberId();
        int generation = join(id, "consumer").answer().generationId();
        sync(id, generation, "range");
        bench.say(Beat.joining("third", "t"));

        for (int second = 0; second < 10; second++) {
            assertThat(beat(id, generation)).isEqualTo(Reason.REBALANCE_IN_PROGRESS);
            bench.bench.advanceMillis(1_000);
        }
        assertThat(beat(id, generation)).isEqualTo(Reason.UNKNOWN_MEMBER_ID);

        String silent = join("", "consumer").answer().memberId();
        sync(silent, join(silent, "consumer").answer().generationId(), "range");
        bench.bench.advanceMillis(10_000);
        assertThat(bench.group().member(silent)).isNull();
        assertThat(bench.group().member("young")).isNotNull();
    }

    @Test
    @DisplayName(
            "a classic member that joins and syncs again and again, but keeps what it is to give up, is gone after its rebalance timeout (GROUP-33, GROUP-37)")
    void classicMemberThatKeepsAll() {
        SimulatedConsumer young = consumer("young");
        play(bench, young);
        String id = join("", "consumer").answer().memberId();
        join(id, "consumer");
        young.act();
        young.act();
        sync(id, join(id, "consumer").answer().generationId(), "range");
        assertThat(bench.group().member(id).assigned().size()).isEqualTo(2);
        Map<String, SortedSet<Integer>> owned = Map.of("t", new TreeSet<>(Set.of(0, 1, 2, 3)));
        bench.say(Beat.joining("third", "t"));
        bench.say(Beat.joining("fourth", "t"));

        for (int second = 0; second < 10; second++) {
            JoinGroup.Answer joined = join(id, "consumer", owned).answer();
            assertThat(joined.error()).as("second %s", second).isNull();
            assertThat(bench.group().member(id).state()).isEqualTo(ConsumerMember.State.UNREVOKED);
            assertThat(sync(id, joined.generationId(), "range")).isNull();
            bench.bench.advanceMillis(1_000);
        }

        assertThat(bench.group().member(id)).isNull();
        assertThat(bench.group().member("third")).isNotNull();
    }

    @Test
    @DisplayName("the feature is taken back only when no group has members; then empty ones are classic")
    void downgradeAll() {
        SimulatedConsumer young = consumer("young");
        play(bench, young);
        assertThat(takeBack()).isEqualTo(Reason.NON_EMPTY_GROUP);
        young.leave();

        assertThat(takeBack()).isNull();

        assertThat(bench.group()).isNull();
        assertThat(bench.bench.machine().groups.find("g").state()).isEqualTo("Empty");
        assertThat(bench.bench.machine().groups.find("g").type()).isEqualTo("classic");
        assertThat(bench.bench.machine().consumer.describe("g").message())
                .isEqualTo("Group g is not a consumer group.");
        assertThat(bench.bench.machine().consumer.describe("nog").message()).isEqualTo("Group nog not found.");
    }

    private Reason takeBack() {
        Object answer = bench.bench
                .<Object>ask((machine, reply, turn) -> {
                    Refusal refusal = machine.consumer.downgradeAll(turn);
                    turn.answer(reply, refusal == null ? "done" : refusal.reason());
                })
                .answer();
        return answer instanceof Reason refused ? refused : null;
    }

    @Test
    @DisplayName("deleting leaves nothing of a group behind")
    void tombstones() {
        SimulatedConsumer young = consumer("young");
        young.regex = "t.*";
        play(bench, young);
        young.leave();

        bench.bench.tell((machine, turn) -> machine.group("g").writeTombstones(turn));

        assertThat(bench.group()).isNull();
        assertThat(bench.bench.copy().groups.all()).isEmpty();
    }
}
