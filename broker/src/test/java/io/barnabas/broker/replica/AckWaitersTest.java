package io.barnabas.broker.replica;

import static org.assertj.core.api.Assertions.assertThat;

import io.barnabas.model.BrokerId;
import io.barnabas.model.Refusal;
import org.junit.jupiter.api.DisplayName;
import org.junit.jupiter.api.Test;

class AckWaitersTest {
    private static PartitionView view(ReplicaRole role, int leaderEpoch, long highWatermark, boolean enough) {
        return new PartitionView(role, new BrokerId(1), leaderEpoch, 0, highWatermark, highWatermark, 100, enough);
    }

    @Test
    @DisplayName("an append is decided when the high watermark is above its last offset, not at it (PROD-16)")
    void highWatermarkIsExclusive() {
        assertThat(AckWaiters.isDecided(view(ReplicaRole.LEADER, 3, 9, true), 9, 3))
                .isFalse();
        assertThat(AckWaiters.isDecided(view(ReplicaRole.LEADER, 3, 10, true), 9, 3))
                .isTrue();
        assertThat(AckWaiters.refusal(view(ReplicaRole.LEADER, 3, 10, true), 9, 3, LeaderLease.ALWAYS))
                .isNull();
    }

    @Test
    @DisplayName("committed with too few in sync by then is an error of its own (PROD-18)")
    void tooFewAfterTheAppend() {
        assertThat(AckWaiters.refusal(view(ReplicaRole.LEADER, 3, 10, false), 9, 3, LeaderLease.ALWAYS)
                        .reason())
                .isEqualTo(Refusal.Reason.NOT_ENOUGH_REPLICAS_AFTER_APPEND);
    }

    @Test
    @DisplayName("another leadership, even our own next one, decides that this one cannot acknowledge (PROD-19)")
    void otherLeadership() {
        PartitionView next = view(ReplicaRole.LEADER, 4, 5, true);
        assertThat(AckWaiters.isDecided(next, 9, 3)).isTrue();
        assertThat(AckWaiters.refusal(next, 9, 3, LeaderLease.ALWAYS).reason())
                .isEqualTo(Refusal.Reason.NOT_LEADER_OR_FOLLOWER);
        assertThat(AckWaiters.refusal(view(ReplicaRole.FOLLOWER, 3, 5, true), 9, 3, LeaderLease.ALWAYS)
                        .reason())
                .isEqualTo(Refusal.Reason.NOT_LEADER_OR_FOLLOWER);
        assertThat(AckWaiters.refusal(view(ReplicaRole.OFFLINE, 3, 5, true), 9, 3, LeaderLease.ALWAYS)
                        .reason())
                .isEqualTo(Refusal.Reason.STORAGE_ERROR);
    }
}
