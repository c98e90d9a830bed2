package io.barnabas.consumer.coordinator.group;

import static org.assertj.core.api.Assertions.assertThat;

import io.barnabas.consumer.coordinator.group.ConsumerBench.Beat;
import io.barnabas.model.Refusal.Reason;
import java.util.Map;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.DisplayName;
import org.junit.jupiter.api.Test;

class ConsumerTopicsTest {
    private final ConsumerBench bench = new ConsumerBench();

    @BeforeEach
    void topics() {
        bench.topics.set("t", 2).set("u", 1);
    }

    private void epochGrowsByOne(Runnable change) {
        int before = bench.group().epoch();
        change.run();
        bench.topicsChanged();
        bench.topicsChanged();
        assertThat(bench.group().epoch()).isEqualTo(before + 1);
        assertThat(bench.group().targetEpoch()).isEqualTo(before + 1);
    }

    @Test
    @DisplayName(
            "growth, other racks, and deletion of a subscribed topic are one epoch each; other topics are none (GROUP-29)")
    void metadataChanges() {
        bench.say(Beat.joining("m", "t"));

        epochGrowsByOne(() -> bench.topics.set("t", 3));
        assertThat(bench.say(Beat.at("m", 2)).assignment()).isEqualTo(bench.partitions("t", 0, 1, 2));
        epochGrowsByOne(() -> bench.topics.set("t", 3, "rack"));
        epochGrowsByOne(() -> bench.topics.delete("t"));
        assertThat(bench.group().target("m")).isEqualTo(PartitionSet.NONE);
        epochGrowsByOne(() -> bench.topics.set("t", 3));

        int epoch = bench.group().epoch();
        bench.topics.set("u", 9);
        bench.topicsChanged();
        assertThat(bench.group().epoch()).isEqualTo(epoch);
    }

    @Test
    @DisplayName("what changed while nobody led is found on loading; what did not change is no new epoch (GROUP-29)")
    void changesAcrossAFailover() {
        bench.say(Beat.joining("m", "t"));
        bench.bench.failOver();
        assertThat(bench.group().epoch()).isEqualTo(2);

        bench.topics.set("t", 5);
        bench.bench.failOver();

        assertThat(bench.group().epoch()).isEqualTo(3);
        assertThat(bench.group().target("m").size()).isEqualTo(5);
    }

    @Test
    @DisplayName("a change of topics that the log refuses is tried again (GROUP-06)")
    void changesAreRetried() {
        bench.say(Beat.joining("m", "t"));
        bench.topics.set("t", 3);
        bench.bench.journal().refuse(1, Reason.NOT_ENOUGH_REPLICAS);
        bench.topicsChanged();
        assertThat(bench.group().epoch()).isEqualTo(2);

        bench.bench.advanceMillis(Transitions.RETRY_MILLIS);

        assertThat(bench.group().epoch()).isEqualTo(3);
    }

    @Test
    @DisplayName("a changed subscription is a new epoch, the same one said again is none (GROUP-29)")
    void subscriptionChanges() {
        bench.say(Beat.joining("m", "t"));

        bench.say(Beat.at("m", 2).topics("t"));
        assertThat(bench.group().epoch()).isEqualTo(2);

        bench.say(Beat.at("m", 2).topics("t", "u"));
        assertThat(bench.group().epoch()).isEqualTo(3);
        assertThat(bench.group().member("m").assigned().size()).isEqualTo(3);
    }

    @Test
    @DisplayName("an expression is matched elsewhere, stored, and makes its topics the member's (GROUP-35)")
    void regex() {
        bench.bench.holdWork();
        bench.say(Beat.joining("m").regex("t.*"));
        assertThat(bench.group().matched("t.*")).isNull();

        bench.bench.computeNow();

        assertThat(bench.group().matched("t.*").topics()).containsExactly("t");
        ConsumerHeartbeat.Answer answer =
                bench.say(Beat.at("m", bench.group().member("m").epoch()));
        assertThat(answer.assignment()).isEqualTo(bench.partitions("t", 0, 1));
        assertThat(bench.group().isSubscribedTo("t")).isTrue();

        bench.topics.set("t2", 1);
        bench.topicsChanged();
        assertThat(bench.group().matched("t.*").topics()).containsExactly("t", "t2");
        assertThat(bench.group().target("m").size()).isEqualTo(3);

        bench.say(Beat.at("m", bench.group().member("m").epoch()).regex("").topics("u"));
        assertThat(bench.group().regexes()).isEmpty();
    }

    @Test
    @DisplayName(
            "expressions are matched anew every ten minutes, whether or not anyone said that topics have changed (GROUP-35)")
    void regexIsRefreshed() {
        bench.say(Beat.joining("m").regex("t.*"));
        bench.topics.set("t2", 1);

        for (int minute = 0; minute < 10; minute++) {
            assertThat(bench.group().matched("t.*").topics()).containsExactly("t");
            bench.say(Beat.at("m", bench.group().member("m").epoch()));
            for (int part = 0; part < 2; part++) {
                bench.bench.advanceMillis(30_000);
                bench.say(Beat.at("m", bench.group().member("m").epoch()));
            }
        }

        assertThat(bench.group().matched("t.*").topics()).containsExactly("t", "t2");
    }

    @Test
    @DisplayName("an expression that would keep other engines busy for years does no harm (GROUP-35)")
    void catastrophicRegex() {
        bench.topics.set("a".repeat(200), 1);

        bench.say(Beat.joining("m").regex("(a+)+b"));

        assertThat(bench.group().matched("(a+)+b").topics()).isEmpty();
    }

    @Test
    @DisplayName("the assignor that most members want is taken (GROUP-34)")
    void assignorByMajority() {
        bench.say(Beat.joining("a", "t").assignor("range"));
        assertThat(bench.bench.machine().consumer.describe("g").assignorName()).isEqualTo("range");
        bench.say(Beat.joining("b", "t").assignor("uniform"));
        bench.say(Beat.joining("c", "t"));
        assertThat(bench.bench.machine().consumer.describe("g").assignorName()).isEqualTo("uniform");
        bench.say(Beat.joining("d", "t").assignor("range"));
        assertThat(bench.bench.machine().consumer.describe("g").assignorName()).isEqualTo("range");
    }

    @Test
    @DisplayName("a large group's target is computed elsewhere, and once in an interval (GROUP-29)")
    void largeGroups() {
        bench.topics.set("huge", 2_000);
        bench.say(Beat.joining("a", "huge"));
        assertThat(bench.group().targetEpoch()).isEqualTo(2);
        bench.bench.holdWork();

        bench.say(Beat.joining("b", "huge"));
        bench.say(Beat.joining("c", "t"));
        assertThat(bench.group().state()).isEqualTo("Assigning");
        assertThat(bench.group().epoch()).isEqualTo(4);
        assertThat(bench.group().targetEpoch()).isEqualTo(2);
        bench.bench.computeNow();
        assertThat(bench.group().targetEpoch()).isEqualTo(3);
        assertThat(bench.group().target("b").size()).isEqualTo(1_000);

        bench.bench.advanceMillis(999);
        assertThat(bench.group().targetEpoch()).isEqualTo(3);
        bench.bench.advanceMillis(1);
        assertThat(bench.group().targetEpoch()).isEqualTo(4);
        assertThat(bench.group().target("c").size()).isEqualTo(2);
    }

    @Test
    @DisplayName("who waits for the first target of a large group is a member with an epoch (GROUP-28, GROUP-29)")
    void largeFromTheStart() {
        bench.topics.set("huge", 4_000);
        bench.bench.holdWork();

        ConsumerHeartbeat.Answer joined = bench.say(Beat.joining("a", "huge"));
        assertThat(joined.memberEpoch()).isEqualTo(1);
        assertThat(joined.assignment()).isEmpty();
        assertThat(bench.say(Beat.at("a", 1)).error()).isNull();
        bench.bench.computeNow();

        ConsumerHeartbeat.Answer given = bench.say(Beat.at("a", 1));
        assertThat(given.memberEpoch()).isEqualTo(2);
        assertThat(PartitionSet.of(given.assignment()).size()).isEqualTo(4_000);
    }

    @Test
    @DisplayName(
            "a target that was computed for a static member's old id is not taken for the new one (GROUP-30, GROUP-32)")
    void staticMemberComesBackDuringComputation() {
        bench.topics.set("huge", 4_000);
        bench.say(Beat.joining("a", "huge").instance("i"));
        bench.bench.advanceMillis(1_000);
        bench.say(Beat.at("a", 1).instance("i"));
        bench.bench.holdWork();
        bench.say(Beat.joining("b", "huge"));
        bench.say(Beat.at("a", ConsumerMember.AWAY).instance("i"));
        bench.say(Beat.joining("c", "huge").instance("i"));

        bench.bench.computeNow();
        bench.bench.advanceMillis(1_000);
        bench.bench.computeNow();

        assertThat(bench.group().targetEpoch()).isEqualTo(bench.group().epoch());
        assertThat(bench.group().target("b").size()).isEqualTo(2_000);
        assertThat(bench.group().target("c").size()).isEqualTo(2_000);
        assertThat(bench.group().target("b").intersects(bench.group().target("c")))
                .isFalse();
    }

    @Test
    @DisplayName(
            "members come quickly while the group moves, seldom when they are many, exactly as often as a group's own setting says (GROUP-40)")
    void pace() {
        HeartbeatPace pace = new HeartbeatPace(GroupConfig.Consumer.DEFAULT);
        assertThat(pace.settledMillis(10)).isEqualTo(200);
        assertThat(pace.settledMillis(1_000)).isEqualTo(1_000);
        assertThat(pace.settledMillis(100_000)).isEqualTo(5_000);
        assertThat(pace.movingMillis(10)).isEqualTo(50);
        assertThat(pace.movingMillis(4_000)).isEqualTo(1_000);

        assertThat(bench.say(Beat.joining("a", "t")).heartbeatIntervalMs()).isEqualTo(200);
        assertThat(bench.say(Beat.joining("b", "t")).heartbeatIntervalMs()).isEqualTo(50);
        bench.bench.advanceMillis(HeartbeatPace.MOVING_MILLIS);
        assertThat(bench.say(Beat.at("b", 3)).heartbeatIntervalMs()).isEqualTo(200);

        bench.settings.putAll(Map.of("consumer.heartbeat.interval.ms", "7000", "consumer.session.timeout.ms", "50000"));
        assertThat(bench.say(Beat.joining("c", "t")).heartbeatIntervalMs()).isEqualTo(7_000);
        bench.bench.advanceMillis(49_999);
        assertThat(bench.group().member("c")).isNotNull();
        bench.bench.advanceMillis(1);
        assertThat(bench.group().member("c")).isNull();
    }

    @Test
    @DisplayName("a rebalance is reported from the new epoch until everyone has come to it")
    void reports() {
        bench.say(Beat.joining("a", "t"));
        assertThat(bench.reports).hasSize(1);
        bench.bench.advanceMillis(1_000);
        bench.say(Beat.joining("b", "t"));
        bench.bench.advanceMillis(300);
        var kept = bench.say(Beat.at("a", 2)).assignment();
        bench.say(Beat.at("a", 2).owned(kept));
        bench.bench.advanceMillis(50);
        assertThat(bench.reports).hasSize(1);
        bench.say(Beat.at("b", 3));

        assertThat(bench.reports).hasSize(2);
        RebalanceReport report = bench.reports.get(1);
        assertThat(report.generationOrEpoch()).isEqualTo(3);
        assertThat(report.memberId()).isEqualTo("b");
        assertThat(report.reason()).isEqualTo("a member joins");
        assertThat(report.durationMs()).isEqualTo(350);
        assertThat(report.members()).isEqualTo(2);
    }
}
