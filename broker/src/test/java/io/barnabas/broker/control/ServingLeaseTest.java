package io.barnabas.broker.control;

import static org.assertj.core.api.Assertions.assertThat;

import io.barnabas.model.BrokerId;
import java.util.List;
import org.junit.jupiter.api.DisplayName;
import org.junit.jupiter.api.Test;

@DisplayName("(REPL-20) the lease of leaders")
class ServingLeaseTest {
    private static final BrokerId TWO = new BrokerId(2);
    private static final BrokerId THREE = new BrokerId(3);
    private static final Object LINE = new Object();

    private final ServingLease lease = new ServingLease(100);

    @Test
    @DisplayName("is not held before there is word of the controller")
    void notFromTheStart() {
        assertThat(lease.isHeld(0)).isFalse();
    }

    @Test
    @DisplayName("lasts from the question, not from the answer, and no longer")
    void lasts() {
        lease.onStore(BrokerId.NONE, false, 1_000);

        assertThat(lease.isHeld(1_099)).isTrue();
        assertThat(lease.isHeld(1_100)).isFalse();
    }

    @Test
    @DisplayName("the store proves nothing while it names somebody else: who that is may have deposed us")
    void somebodyElse() {
        lease.onStore(TWO, false, 1_000);
        assertThat(lease.isHeld(1_001)).isFalse();

        lease.onStore(TWO, true, 1_002);
        assertThat(lease.isHeld(1_003)).isTrue();
    }

    @Test
    @DisplayName("a ping proves that the controller went on after the ping before it over that connection")
    void pings() {
        lease.onPing(LINE, 1_000);
        assertThat(lease.isHeld(1_001)).isFalse();

        lease.onPing(LINE, 1_050);
        assertThat(lease.isHeld(1_099)).isTrue();
        assertThat(lease.isHeld(1_100)).isFalse();

        lease.onPing(new Object(), 1_090);
        assertThat(lease.isHeld(1_100))
                .as("another connection, another beginning")
                .isFalse();
    }

    @Test
    @DisplayName("(FAULT-06) a process that stood still does not live on the pings that waited for it")
    void stoodStill() {
        lease.onPing(LINE, 1_000);
        lease.onPing(LINE, 1_050);

        lease.onPing(LINE, 9_000);
        assertThat(lease.isHeld(9_000)).isFalse();

        lease.onPing(LINE, 9_050);
        assertThat(lease.isHeld(9_051)).isTrue();
    }

    @Test
    @DisplayName("a connection that has ended proves nothing any more")
    void endedConnection() {
        lease.onPing(LINE, 1_000);
        lease.onConnectionEnded(LINE);

        lease.onPing(LINE, 1_050);

        assertThat(lease.isHeld(1_051)).isFalse();
    }

    @Test
    @DisplayName("(FAULT-10) a controller without a store goes on while all brokers it knows obey it")
    void obeyedByAll() {
        lease.onObeyed(TWO, 1_000);
        lease.asController(List.of(TWO, THREE), 1_010);
        assertThat(lease.isHeld(1_010)).as("one has not been heard").isFalse();

        lease.onObeyed(THREE, 1_040);
        lease.asController(List.of(TWO, THREE), 1_050);
        assertThat(lease.isHeld(1_099)).isTrue();
        assertThat(lease.isHeld(1_100)).as("the oldest word counts").isFalse();
    }

    @Test
    @DisplayName("a controller that is alone goes on")
    void alone() {
        lease.asController(List.of(), 1_000);

        assertThat(lease.isHeld(1_099)).isTrue();
    }

    @Test
    @DisplayName(
            "(CTRL-06, FFD-09) with the registration the lease is gone, and answers to earlier questions do not bring it back")
    void revoked() {
        lease.onStore(BrokerId.NONE, false, 1_000);
        lease.onPing(LINE, 1_000);

        lease.revoke(1_010);
        assertThat(lease.isHeld(1_010)).isFalse();

        lease.onStore(BrokerId.NONE, false, 1_005);
        lease.onPing(LINE, 1_020);
        assertThat(lease.isHeld(1_020)).isFalse();

        lease.onStore(BrokerId.NONE, false, 1_030);
        assertThat(lease.isHeld(1_031)).isTrue();
    }

    @Test
    @DisplayName("older word does not shorten what newer word has given")
    void newestCounts() {
        lease.onStore(BrokerId.NONE, false, 1_050);
        lease.onStore(BrokerId.NONE, false, 1_000);

        assertThat(lease.isHeld(1_149)).isTrue();
    }
}
