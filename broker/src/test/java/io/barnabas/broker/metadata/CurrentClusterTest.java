package io.barnabas.broker.metadata;

import static org.assertj.core.api.Assertions.assertThat;

import io.barnabas.model.BrokerId;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.DisplayName;
import org.junit.jupiter.api.Test;

class CurrentClusterTest {
    private static final BrokerId ONE = new BrokerId(1);
    private static final BrokerId TWO = new BrokerId(2);

    /** Monotonic times may be negative, and overflow. */
    private static final long START = Long.MAX_VALUE - 5;

    private final CurrentCluster cluster = new CurrentCluster();

    @Test
    @DisplayName("a broker is in doubt for a second from its loss, and then forgotten")
    void doubtEnds() {
        assertThat(cluster.anyInDoubt(START)).isFalse();

        cluster.lost(ONE, START);
        cluster.lost(TWO, after(400));

        assertThat(cluster.anyInDoubt(after(999))).isTrue();
        assertThat(cluster.doubtNanos(ONE, after(999))).isEqualTo(TimeUnit.MILLISECONDS.toNanos(1));
        assertThat(cluster.anyInDoubt(after(1_000))).isTrue();
        assertThat(cluster.doubtNanos(ONE, START)).as("forgotten").isZero();
        assertThat(cluster.doubtNanos(TWO, after(1_000))).isEqualTo(TimeUnit.MILLISECONDS.toNanos(400));
        assertThat(cluster.anyInDoubt(after(1_400))).isFalse();
        assertThat(cluster.doubtNanos(TWO, after(400))).as("forgotten").isZero();
    }

    @Test
    @DisplayName("a broker that has answered is not in doubt")
    void reached() {
        cluster.lost(ONE, START);

        cluster.reached(ONE);

        assertThat(cluster.anyInDoubt(START)).isFalse();
    }

    private static long after(long millis) {
        return START + TimeUnit.MILLISECONDS.toNanos(millis);
    }
}
