package io.barnabas.broker.throttle;

import static org.assertj.core.api.Assertions.assertThat;

import io.barnabas.broker.config.ThrottleConfig;
import io.barnabas.broker.metadata.DynamicConfigs;
import io.barnabas.model.BrokerId;
import io.barnabas.model.TopicPartition;
import io.barnabas.runtime.time.ManualClock;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.DisplayName;
import org.junit.jupiter.api.Test;

class ReplicaThrottleTest {
    private static final BrokerId SELF = new BrokerId(1);
    private static final String LEADERS = "leader.replication.throttled.replicas";
    private static final String FOLLOWERS = "follower.replication.throttled.replicas";

    private final ManualClock clock = new ManualClock();
    private final ReplicaThrottle leader = ReplicaThrottle.ofLeader(SELF, ThrottleConfig.NONE, clock);
    private final ReplicaThrottle follower = ReplicaThrottle.ofFollower(SELF, ThrottleConfig.NONE, clock);

    private static DynamicConfigs topic(Map<String, String> values) {
        return new DynamicConfigs(Map.of("orders", values), Map.of(), Map.of(), Map.of());
    }

    private static DynamicConfigs rates(Map<String, String> all, Map<String, String> own) {
        return new DynamicConfigs(Map.of(), all, Map.of(SELF, own, new BrokerId(2), Map.of()), Map.of());
    }

    private static TopicPartition orders(int number) {
        return new TopicPartition("orders", number);
    }

    @Test
    @DisplayName("each side has its own list, and of that only this broker's replicas (REPL-31)")
    void lists() {
        DynamicConfigs configs = topic(Map.of(LEADERS, "0:1,1:2, 3:1", FOLLOWERS, "1:1"));
        leader.configure(configs);
        follower.configure(configs);

        assertThat(List.of(leader.appliesTo(orders(0)), leader.appliesTo(orders(1)), leader.appliesTo(orders(3))))
                .containsExactly(true, false, true);
        assertThat(follower.appliesTo(orders(1))).isTrue();
        assertThat(follower.appliesTo(orders(0))).isFalse();
        assertThat(leader.appliesTo(new TopicPartition("others", 0))).isFalse();
    }

    @Test
    @DisplayName("* means every replica of the topic, nothing means none (REPL-31)")
    void allAndNone() {
        leader.configure(topic(Map.of(LEADERS, "*", FOLLOWERS, "")));
        follower.configure(topic(Map.of(LEADERS, "*", FOLLOWERS, "")));

        assertThat(leader.appliesTo(orders(77))).isTrue();
        assertThat(follower.appliesTo(orders(77))).isFalse();
        leader.configure(DynamicConfigs.NONE);
        assertThat(leader.appliesTo(orders(77))).isFalse();
    }

    @Test
    @DisplayName("what makes no sense, and was written past the check, throttles nothing (REPL-31)")
    void nonsense() {
        leader.configure(topic(Map.of(LEADERS, "a:b,1,:1,2:,-3:1,99999999999:1,4:1:1,5:1")));

        for (int number = 0; number < 5; number++) {
            assertThat(leader.appliesTo(orders(number))).as("%d", number).isFalse();
        }
        assertThat(leader.appliesTo(orders(5))).isTrue();
        leader.configure(rates(Map.of(), Map.of(ThrottleConfig.LEADER_RATE, "fast")));
        leader.record(1 << 30);
        assertThat(leader.waitNanos()).isZero();
    }

    @Test
    @DisplayName(
            "this broker's rate is stronger than the one for all, and that than the file's; without any there is no bound")
    void rates() {
        leader.record(10_000);
        assertThat(leader.waitNanos()).isZero();

        leader.configure(rates(Map.of(ThrottleConfig.LEADER_RATE, "5000"), Map.of()));
        assertThat(leader.waitNanos()).isEqualTo(2_000_000_000L);
        leader.configure(rates(Map.of(ThrottleConfig.LEADER_RATE, "5000"), Map.of(ThrottleConfig.LEADER_RATE, "2500")));
        assertThat(leader.waitNanos()).isEqualTo(4_000_000_000L);
        leader.configure(rates(Map.of(), Map.of(ThrottleConfig.FOLLOWER_RATE, "1")));
        assertThat(leader.waitNanos()).isZero();

        ReplicaThrottle byFile =
                ReplicaThrottle.ofLeader(SELF, new ThrottleConfig(1_000, Long.MAX_VALUE, 11, 1), clock);
        byFile.record(3_000);
        assertThat(byFile.waitNanos()).isEqualTo(3_000_000_000L);
        clock.advanceMillis(3_000);
        assertThat(byFile.waitNanos()).isZero();
    }

    @Test
    @DisplayName("who waits hears of other bounds and other replicas, and of nothing else")
    void tellsOfChanges() {
        List<String> told = new ArrayList<>();
        follower.onChange(() -> told.add("changed"));

        follower.configure(topic(Map.of(FOLLOWERS, "0:1")));
        assertThat(told).hasSize(1);
        follower.configure(topic(Map.of(FOLLOWERS, "0:1", "retention.ms", "5")));
        assertThat(told).hasSize(1);
        follower.configure(rates(Map.of(ThrottleConfig.FOLLOWER_RATE, "5"), Map.of()));
        assertThat(told).hasSize(2);
        follower.configure(DynamicConfigs.NONE);
        assertThat(told).hasSize(3);
    }
}
