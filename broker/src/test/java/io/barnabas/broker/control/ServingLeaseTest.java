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
        lease.onOwnOffice(1_000);

        assertThat(lease.isHeld(1_099)).isTrue();
        assertThat(lease.isHeld(1_100)).isFalse();
    }

    @Test
    @DisplayName("a vacant office prolongs a lease that was held when the store was asked, and gives none back")
    void vacancy() {
        lease.onVacancy(1_000);
        assertThat(lease.isHeld(1_000)).isFalse();

        lease.onOwnOffice(1_000);
        lease.onVacancy(1_099);
        assertThat(lease.isHeld(1_198)).isTrue();

        lease.onVacancy(1_199);
        assertThat(lease.isHeld(1_199)).isFalse();
    }

    @Test
    @DisplayName("a ping of a controller that has still news to tell proves nothing, the next without any does")
    void owingPings() {
        lease.onPing(LINE, true, 1_000);
        lease.onPing(LINE, true, 1_010);
        assertThat(lease.isHeld(1_011)).isFalse();

        lease.onPing(LINE, false, 1_020);
        assertThat(lease.isHeld(1_109)).isTrue();
        assertThat(lease.isHeld(1_110)).isFalse();
    }

    @Test
    @DisplayName("a ping proves that the controller went on after the ping before it over that connection")
    void pings() {
        lease.onPing(LINE, false, 1_000);
        assertThat(lease.isHeld(1_001)).isFalse();

        lease.onPing(LINE, false, 1_050);
        assertThat(lease.isHeld(1_099)).isTrue();
        assertThat(lease.isHeld(1_100)).isFalse();

        lease.onPing(new Object(), false, 1_090);
        assertThat(lease.isHeld(1_100))
                .as("another connection, another beginning")
                .isFalse();
    }

    @Test
    @DisplayName("(FAULT-06) a process that stood still does not live on the pings that waited for it")
    void stoodStill() {
        lease.onPing(LINE, false, 1_000);
        lease.onPing(LINE, false, 1_050);

        lease.onPing(LINE, false, 9_000);
        assertThat(lease.isHeld(9_000)).isFalse();

        lease.onPing(LINE, false, 9_050);
        assertThat(lease.isHeld(9_051)).isTrue();
    }

    @Test
    @DisplayName("a connection that has ended proves nothing any more")
    void endedConnection() {
        lease.onPing(LINE, false, 1_000);
        lease.onConnectionEnded(LINE);

        lease.onPing(LINE, false, 1_050);

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
        lease.onOwnOffice(1_000);
        lease.onPing(LINE, false, 1_000);

        lease.revoke(1_010);
        assertThat(lease.isHeld(1_010)).isFalse();

        lease.onOwnOffice(1_005);
        lease.onVacancy(1_010);
        lease.onPing(LINE, false, 1_020);
        assertThat(lease.isHeld(1_020)).isFalse();

        lease.onOwnOffice(1_030);
        assertThat(lease.isHeld(1_031)).isTrue();
    }

    @Test
    @DisplayName("older word does not shorten what newer word has given")
    void newestCounts() {
        lease.onOwnOffice(1_050);
        lease.onOwnOffice(1_000);

        assertThat(lease.isHeld(1_149)).isTrue();
    }
}
