package io.barnabas.broker.group;

import static org.assertj.core.api.Assertions.assertThat;

import io.barnabas.broker.metadata.ClusterView;
import io.barnabas.broker.metadata.CurrentCluster;
import io.barnabas.broker.metadata.DynamicConfigs;
import io.barnabas.coordination.control.FeatureLevels;
import io.barnabas.model.BrokerId;
import java.util.Map;
import org.junit.jupiter.api.DisplayName;
import org.junit.jupiter.api.Test;

class ConsumerProtocolGateTest {
    private final CurrentCluster cluster = new CurrentCluster();
    private final ConsumerProtocolGate gate = new ConsumerProtocolGate(cluster, true);

    @Test
    @DisplayName("it follows the level of group.version, and is not said to be off before anything is known")
    void follows() {
        assertThat(gate.isOn()).isTrue();
        assertThat(gate.mayJoin()).isFalse();
        level(1, 3);
        assertThat(gate.isOn()).isTrue();
        assertThat(gate.mayJoin()).isTrue();
        level(0, 4);
        assertThat(gate.isOn()).isFalse();
        assertThat(gate.mayJoin()).isFalse();
    }

    @Test
    @DisplayName("where the configuration does not name the protocol it is off, whatever the level")
    void configured() {
        level(1, 3);
        assertThat(new ConsumerProtocolGate(cluster, false).isOn()).isFalse();
    }

    @Test
    @DisplayName("it is closed until the last who closed it gives up")
    void closed() {
        level(1, 3);
        gate.close();
        gate.close();
        gate.reopen(false);
        assertThat(gate.mayJoin()).isFalse();
        gate.reopen(false);
        assertThat(gate.mayJoin()).isTrue();
        assertThat(gate.isOn()).isTrue();
    }

    @Test
    @DisplayName(
            "once switched off it stays closed, also while this broker has not heard, and opens with the next upgrade")
    void staysClosed() {
        level(1, 3);
        gate.close();
        gate.reopen(true);
        assertThat(gate.mayJoin()).isFalse();
        level(0, 4);
        assertThat(gate.mayJoin()).isFalse();
        level(1, 5);
        assertThat(gate.mayJoin()).isTrue();

        gate.close();
        level(0, 6);
        gate.reopen(true);
        assertThat(gate.mayJoin()).isFalse();
        level(1, 7);
        assertThat(gate.mayJoin()).isTrue();
    }

    private void level(int level, long epoch) {
        cluster.replace(ClusterView.of(
                new BrokerId(1),
                1,
                epoch,
                Map.of(),
                Map.of(),
                DynamicConfigs.NONE,
                new FeatureLevels(level == 0 ? Map.of() : Map.of("group.version", (short) level), epoch)));
    }
}
