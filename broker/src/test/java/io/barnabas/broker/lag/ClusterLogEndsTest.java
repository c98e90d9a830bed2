package io.barnabas.broker.lag;

import static org.assertj.core.api.Assertions.assertThat;

import io.barnabas.consumer.coordinator.lag.LogEnd;
import io.barnabas.consumer.coordinator.lag.LogEnds;
import io.barnabas.coordination.control.PartitionEnds;
import io.barnabas.model.BrokerId;
import io.barnabas.model.TopicPartition;
import io.barnabas.runtime.time.ManualClock;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionStage;
import java.util.function.LongConsumer;
import org.junit.jupiter.api.DisplayName;
import org.junit.jupiter.api.Test;

@DisplayName("how far the logs of the cluster reach")
class ClusterLogEndsTest {
    private static final BrokerId SELF = new BrokerId(1);
    private static final BrokerId TWO = new BrokerId(2);
    private static final TopicPartition HERE = new TopicPartition("t", 0);
    private static final TopicPartition THERE = new TopicPartition("t", 1);
    private static final TopicPartition NOWHERE = new TopicPartition("t", 2);
    private static final long EVERY_MS = 5_000;

    private final ManualClock clock = new ManualClock();
    private final Map<TopicPartition, BrokerId> leaders = new HashMap<>(Map.of(HERE, SELF, THERE, TWO));
    private final Remote remote = new Remote();
    private final ClusterLogEnds ends = new ClusterLogEnds(
            new Local(), SELF, partition -> leaders.getOrDefault(partition, BrokerId.NONE), remote, EVERY_MS, clock);

    private static final class Local implements LogEnds {
        @Override
        public LogEnd find(TopicPartition partition) {
            return partition.equals(HERE) ? new LogEnd(1, 10) : null;
        }

        @Override
        public void timestampAt(TopicPartition partition, long offset, LongConsumer then) {
            then.accept(partition.equals(HERE) ? 111 : NO_TIMESTAMP);
        }
    }

    private static final class Remote implements ClusterLogEnds.Leaders {
        private final List<Set<TopicPartition>> asked = new ArrayList<>();
        private long end = 20;

        /** Null if it answers. */
        private RuntimeException silence;

        @Override
        public CompletionStage<List<PartitionEnds>> ends(BrokerId leader, Set<TopicPartition> partitions) {
            asked.add(Set.copyOf(partitions));
            return silence != null
                    ? CompletableFuture.failedFuture(silence)
                    : CompletableFuture.completedFuture(partitions.stream()
                            .map(partition -> new PartitionEnds(partition, 2, end))
                            .toList());
        }

        @Override
        public CompletionStage<Long> timestampAt(BrokerId leader, TopicPartition partition, long offset) {
            return silence != null
                    ? CompletableFuture.failedFuture(silence)
                    : CompletableFuture.completedFuture(1_000 + offset);
        }
    }

    @Test
    @DisplayName("own logs are known at once, and nobody is asked for them")
    void own() {
        assertThat(ends.find(HERE)).isEqualTo(new LogEnd(1, 10));

        ends.refresh();

        assertThat(remote.asked).isEmpty();
    }

    @Test
    @DisplayName("others are known when their leader was asked, which is done for those that are wanted")
    void others() {
        assertThat(ends.find(THERE)).isNull();
        assertThat(ends.find(NOWHERE)).isNull();

        ends.refresh();

        assertThat(remote.asked).containsExactly(Set.of(THERE));
        assertThat(ends.find(THERE)).isEqualTo(new LogEnd(2, 20));
        assertThat(ends.find(NOWHERE)).isNull();
    }

    @Test
    @DisplayName("nobody is asked any more for what nobody wants")
    void forgotten() {
        ends.find(THERE);
        ends.refresh();
        ends.refresh();
        remote.asked.clear();

        ends.refresh();

        assertThat(remote.asked).isEmpty();
    }

    @Test
    @DisplayName("what a leader told is not believed for ever when it has gone silent")
    void silence() {
        ends.find(THERE);
        ends.refresh();
        remote.silence = new IllegalStateException("gone");
        for (int round = 0; round < 3; round++) {
            clock.advanceMillis(EVERY_MS);
            assertThat(ends.find(THERE)).isNotNull();
            ends.refresh();
        }

        clock.advanceMillis(1);

        assertThat(ends.find(THERE)).isNull();
    }

    @Test
    @DisplayName("the time of a record is asked of the leader, wherever it is")
    void timestamps() {
        List<Long> told = new ArrayList<>();
        ends.timestampAt(HERE, 5, told::add);
        ends.timestampAt(THERE, 5, told::add);
        ends.timestampAt(NOWHERE, 5, told::add);
        remote.silence = new IllegalStateException("gone");
        ends.timestampAt(THERE, 5, told::add);

        assertThat(told).containsExactly(111L, 1_005L, LogEnds.NO_TIMESTAMP, LogEnds.NO_TIMESTAMP);
    }
}
