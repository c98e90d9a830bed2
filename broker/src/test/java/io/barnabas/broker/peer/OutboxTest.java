package io.barnabas.broker.peer;

import static org.assertj.core.api.Assertions.assertThat;

import io.barnabas.coordination.control.ClusterChange;
import io.barnabas.coordination.control.ClusterState;
import io.barnabas.coordination.control.ControlMessage;
import io.barnabas.model.BrokerId;
import java.util.List;
import java.util.Map;
import java.util.Set;
import org.junit.jupiter.api.DisplayName;
import org.junit.jupiter.api.Test;

class OutboxTest {
    private static final BrokerId CONTROLLER = new BrokerId(1);

    private final Outbox outbox = new Outbox();

    @Test
    @DisplayName(
            "changes that wait become one; the one that was handed out stays as it is until it has arrived (CTRL-18)")
    void mergesWhatWaits() {
        outbox.add(change(1));
        assertThat(outbox.next()).isEqualTo(change(1));
        outbox.add(change(2));
        outbox.add(change(3));
        outbox.add(change(4));

        assertThat(outbox.size()).isEqualTo(2);
        assertThat(outbox.next()).as("again, since it may be lost").isEqualTo(change(1));
        outbox.arrived();
        ClusterChange merged = (ClusterChange) outbox.next();
        assertThat(merged.follows()).isEqualTo(1);
        assertThat(merged.sequence()).isEqualTo(4);
    }

    @Test
    @DisplayName("a full state makes all that waits before it superfluous, and changes after it are not merged into it")
    void fullStateReplaces() {
        outbox.add(change(7));
        outbox.add(state());
        outbox.add(change(1));

        assertThat(outbox.next()).isEqualTo(state());
        outbox.arrived();
        assertThat(outbox.next()).isEqualTo(change(1));
        outbox.arrived();
        assertThat(outbox.next()).isNull();
    }

    @Test
    @DisplayName("changes between which one is missing are not merged, so that the receiver notices (CTRL-19)")
    void keepsGaps() {
        outbox.add(change(1));
        outbox.add(change(3));

        assertThat(outbox.next()).isEqualTo(change(1));
        outbox.arrived();
        assertThat(outbox.next()).isEqualTo(change(3));
    }

    private static ControlMessage state() {
        return new ClusterState(1, CONTROLLER, 0, List.of(), List.of(), Map.of());
    }

    private static ClusterChange change(long sequence) {
        return new ClusterChange(
                1,
                CONTROLLER,
                sequence,
                List.of(),
                Set.of(new BrokerId((int) sequence)),
                List.of(),
                Set.of(),
                Map.of());
    }
}
