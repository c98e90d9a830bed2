package io.barnabas.coordination.zookeeper;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.barnabas.coordination.store.CoordinationException;
import io.barnabas.model.BrokerId;
import io.barnabas.model.LeaderAndIsr;
import io.barnabas.model.TopicPartition;
import java.nio.charset.StandardCharsets;
import java.util.List;
import org.junit.jupiter.api.DisplayName;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** The pinned texts were taken from a running Kafka 3.9.2. */
class StateJsonTest {
    private static final BrokerId ONE = new BrokerId(1);
    private static final BrokerId TWO = new BrokerId(2);
    private static final TopicPartition T1 = new TopicPartition("t1", 0);

    @Test
    @DisplayName("a partition's state; a newer version is refused, unknown fields and any order are not (CTRL-01)")
    void state() {
        LeaderAndIsr state = new LeaderAndIsr(TWO, 0, List.of(TWO, ONE), 0);

        byte[] data = StateJson.write(state, 1);

        assertThat(text(data))
                .isEqualTo("{\"controller_epoch\":1,\"leader\":2,\"version\":1,\"leader_epoch\":0,\"isr\":[2,1]}");
        assertThat(StateJson.read(T1, data, 0)).isEqualTo(state);
        assertThat(StateJson.read(
                        T1, bytes("{\"isr\":[2,1],\"later\":{\"isr\":[7]},\"leader_epoch\":0,\"leader\":2}"), 0))
                .isEqualTo(state);
        assertThatThrownBy(() -> StateJson.read(T1, bytes("{\"version\":2,\"leader\":1,\"isr\":[1]}"), 0))
                .isInstanceOf(CoordinationException.class)
                .hasMessageContaining("version 2");
    }

    @Test
    @DisplayName("(REPL-24) eligible leaders stand in a field of their own, and only where there are any")
    void eligibleLeaders() {
        LeaderAndIsr state = new LeaderAndIsr(TWO, 3, List.of(TWO), List.of(ONE), 5);

        byte[] data = StateJson.write(state, 1);

        assertThat(text(data))
                .isEqualTo(
                        "{\"controller_epoch\":1,\"leader\":2,\"version\":1,\"leader_epoch\":3,\"isr\":[2],\"elr\":[1]}");
        assertThat(StateJson.read(T1, data, 5)).isEqualTo(state);
        assertThatThrownBy(() -> StateJson.read(T1, bytes("{\"leader\":1,\"isr\":[1],\"elr\":[1]}"), 0))
                .isInstanceOf(CoordinationException.class)
                .hasMessageContaining("overlap");
    }

    @Test
    @DisplayName("what a state does not say: no leader, epoch 0, nobody in sync")
    void empty() {
        LeaderAndIsr nothing = new LeaderAndIsr(BrokerId.NONE, 0, List.of(), 4);
        assertThat(StateJson.read(T1, bytes("{}"), 4)).isEqualTo(nothing);
        assertThat(StateJson.read(T1, bytes("{\"leader\":null,\"leader_epoch\":null}"), 4))
                .isEqualTo(nothing);
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "",
                "null",
                "7",
                "[]",
                "\"x\"",
                "{",
                "{\"leader\":1",
                "{\"isr\":[1,",
                "{\"leader\":1,\"isr\":[1]",
                "{\"leader\":1,\"isr\":[[2],{\"a\":3}]}",
                "{\"leader\":1,\"isr\":\"1\"}",
                "{\"leader\":1,\"isr\":[null]}",
                "{\"leader\":{\"id\":1},\"version\":1,\"isr\":[1]}",
                "{\"leader\":[1],\"isr\":[1]}",
                "{\"leader\":\"1\",\"isr\":[1]}",
                "{\"leader\":1.5,\"isr\":[1]}",
                "{\"leader\":-7,\"isr\":[1]}",
                "{\"leader\":99999999999,\"isr\":[1]}",
                "\u0000\u0000"
            })
    @DisplayName("what is no state is refused with the path of its node")
    void refused(String text) {
        assertThatThrownBy(() -> StateJson.read(T1, bytes(text), 0))
                .isInstanceOf(CoordinationException.class)
                .hasMessageContaining("/brokers/topics/t1/partitions/0/state");
    }

    @Test
    @DisplayName("a node without data is refused")
    void noData() {
        assertThatThrownBy(() -> StateJson.read(T1, null, 0)).isInstanceOf(CoordinationException.class);
    }

    private static String text(byte[] data) {
        return new String(data, StandardCharsets.UTF_8);
    }

    private static byte[] bytes(String text) {
        return text.getBytes(StandardCharsets.UTF_8);
    }
}
