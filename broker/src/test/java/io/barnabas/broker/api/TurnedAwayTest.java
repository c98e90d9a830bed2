package io.barnabas.broker.api;

import static io.barnabas.broker.api.Batches.idempotent;
import static io.barnabas.broker.api.Batches.plain;
import static org.assertj.core.api.Assertions.assertThat;

import io.barnabas.model.Refusal.Reason;
import io.barnabas.runtime.time.ManualClock;
import io.netty.buffer.ByteBuf;
import io.netty.buffer.Unpooled;
import java.util.ArrayList;
import java.util.List;
import java.util.UUID;
import java.util.function.LongPredicate;
import org.junit.jupiter.api.DisplayName;
import org.junit.jupiter.api.Test;

class TurnedAwayTest {
    private final ManualClock clock = new ManualClock();
    private final TurnedAway memory = new TurnedAway(clock);

    private static ByteBuf batch(long producerId, int sequence) {
        return Unpooled.wrappedBuffer(idempotent(producerId, 0, sequence, 1));
    }

    private void refused(long producerId, int sequence) {
        memory.onRefused("t", 0, batch(producerId, sequence), Reason.NOT_LEADER_OR_FOLLOWER, producer -> false);
    }

    private boolean isAhead(long producerId, int sequence) {
        return memory.isAheadOfItsTurn("t", 0, batch(producerId, sequence), producer -> false);
    }

    @Test
    @DisplayName("the lowest sequence counts, in whatever order they are refused, until one is appended (PROD-27)")
    void lowest() {
        refused(1, 5);
        refused(1, 9);
        assertThat(isAhead(1, 6)).isTrue();
        refused(1, 3);
        assertThat(isAhead(1, 5)).isTrue();
        assertThat(isAhead(1, 3)).isFalse();
        assertThat(isAhead(1, 5)).as("it has not come again yet").isTrue();

        memory.onAppended("t", 0, batch(1, 3));
        assertThat(isAhead(1, 5)).isFalse();
    }

    @Test
    @DisplayName("after the last sequence comes 0 (PROD-26, PROD-27)")
    void wraps() {
        refused(1, Integer.MAX_VALUE - 1);
        assertThat(isAhead(1, 1)).isTrue();
        refused(1, 1);
        assertThat(isAhead(1, Integer.MAX_VALUE)).isTrue();
        assertThat(isAhead(1, Integer.MAX_VALUE - 1)).isFalse();
    }

    @Test
    @DisplayName("partitions, topics by name and by id, and producers are told apart")
    void apart() {
        UUID id = new UUID(1, 2);
        memory.onRefused(id, 0, batch(1, 0), Reason.UNKNOWN_TOPIC_ID, producer -> false);

        assertThat(memory.isAheadOfItsTurn(id, 0, batch(1, 1), producer -> false))
                .isTrue();
        assertThat(memory.isAheadOfItsTurn(id, 1, batch(1, 1), producer -> false))
                .isFalse();
        assertThat(memory.isAheadOfItsTurn("t", 0, batch(1, 1), producer -> false))
                .isFalse();
        assertThat(memory.isAheadOfItsTurn(id, 0, batch(2, 1), producer -> false))
                .isFalse();
    }

    @Test
    @DisplayName(
            "what does not pass, can be nobody's topic, or is no batch of an idempotent producer is not remembered")
    void ignored() {
        memory.onRefused("t", 0, batch(1, 0), Reason.CORRUPT_MESSAGE, producer -> false);
        memory.onRefused("t", -1, batch(1, 0), Reason.UNKNOWN_TOPIC_OR_PARTITION, producer -> false);
        memory.onRefused("t".repeat(250), 0, batch(1, 0), Reason.UNKNOWN_TOPIC_OR_PARTITION, producer -> false);
        memory.onRefused("t", 0, Unpooled.wrappedBuffer(plain(1)), Reason.NOT_LEADER_OR_FOLLOWER, producer -> false);
        memory.onRefused(
                "t", 0, Unpooled.wrappedBuffer(new byte[60]), Reason.NOT_LEADER_OR_FOLLOWER, producer -> false);

        assertThat(isAhead(1, 1)).isFalse();
        assertThat(memory.isAheadOfItsTurn("t", -1, batch(1, 1), producer -> false))
                .isFalse();
        assertThat(memory.isAheadOfItsTurn("t".repeat(250), 0, batch(1, 1), producer -> false))
                .isFalse();
    }

    @Test
    @DisplayName("who has a history is neither remembered nor held to what was; it is asked for only where it matters")
    void history() {
        List<Long> asked = new ArrayList<>();
        LongPredicate knowsFirst = producer -> asked.add(producer) && producer == 1;

        memory.onRefused("t", 0, batch(1, 5), Reason.NOT_LEADER_OR_FOLLOWER, knowsFirst);
        assertThat(isAhead(1, 6)).isFalse();
        refused(1, 5);
        assertThat(memory.isAheadOfItsTurn("t", 0, batch(1, 6), knowsFirst)).isFalse();
        assertThat(isAhead(1, 6)).isTrue();
        assertThat(asked).containsExactly(1L, 1L);

        memory.onRefused("t", 0, batch(1, 5), Reason.CORRUPT_MESSAGE, knowsFirst);
        memory.isAheadOfItsTurn("t", 0, batch(1, 5), knowsFirst);
        memory.isAheadOfItsTurn("t", 1, batch(1, 6), knowsFirst);
        assertThat(asked).hasSize(2);
    }

    @Test
    @DisplayName("when it is full the oldest are forgotten, and after a minute all")
    void bounded() {
        for (int producer = 0; producer <= TurnedAway.MOST; producer++) {
            refused(producer, 0);
        }
        assertThat(isAhead(0, 1)).isFalse();
        assertThat(isAhead(1, 1)).isTrue();
        assertThat(isAhead(TurnedAway.MOST, 1)).isTrue();

        clock.advanceMillis(60_001);
        assertThat(isAhead(TurnedAway.MOST, 1)).isFalse();
    }
}
