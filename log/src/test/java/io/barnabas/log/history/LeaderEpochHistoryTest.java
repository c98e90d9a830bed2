package io.barnabas.log.history;

import static org.assertj.core.api.Assertions.assertThat;

import io.barnabas.log.history.LeaderEpochHistory.Entry;
import io.barnabas.model.OffsetAndEpoch;
import io.barnabas.runtime.loop.SeededRandom;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.DisplayName;
import org.junit.jupiter.api.Test;

class LeaderEpochHistoryTest {
    private final LeaderEpochHistory history = new LeaderEpochHistory();

    @Test
    @DisplayName("an epoch ends where the next one begins, the latest at the log end (FETCH-24, KIP-101)")
    void endOfAnEpoch() {
        history.assign(1, 0);
        history.assign(3, 40);

        assertThat(history.endOffsetOf(1, 55)).isEqualTo(new OffsetAndEpoch(40, 1));
        assertThat(history.endOffsetOf(2, 55)).isEqualTo(new OffsetAndEpoch(40, 1));
        assertThat(history.endOffsetOf(3, 55)).isEqualTo(new OffsetAndEpoch(55, 3));
    }

    @Test
    @DisplayName("an epoch later than any known, or none, has no end (FETCH-09, FETCH-24)")
    void unknownEpochs() {
        assertThat(history.endOffsetOf(0, 0)).isEqualTo(OffsetAndEpoch.NONE);

        history.assign(3, 10);

        assertThat(history.endOffsetOf(4, 20)).isEqualTo(OffsetAndEpoch.NONE);
        assertThat(history.endOffsetOf(-1, 20)).isEqualTo(OffsetAndEpoch.NONE);
    }

    @Test
    @DisplayName("an epoch before all known ones ended where the first of them begins (KIP-101)")
    void earlierThanAllKnown() {
        history.assign(3, 10);
        history.assign(5, 30);

        assertThat(history.endOffsetOf(1, 40)).isEqualTo(new OffsetAndEpoch(10, 1));
    }

    @Test
    @DisplayName("an epoch that was just elected answers before it has records (FETCH-24)")
    void epochWithoutRecords() {
        history.assign(0, 0);

        assertThat(history.endOffsetOf(0, 0)).isEqualTo(new OffsetAndEpoch(0, 0));
    }

    @Test
    @DisplayName("epochs and start offsets grow strictly: an epoch without records gives way to the next (LOG-17)")
    void strictlyIncreasing() {
        assertThat(history.assign(2, 10)).isTrue();
        assertThat(history.assign(2, 12)).isFalse();
        assertThat(history.assign(1, 15)).isFalse();
        assertThat(history.assign(3, 10)).isTrue();

        assertThat(history.entries()).containsExactly(new Entry(3, 10));
        assertThat(history.latestEpoch()).isEqualTo(3);
    }

    @Test
    @DisplayName("cutting the end forgets epochs that began there or later (LOG-17)")
    void truncateFromEnd() {
        history.assign(1, 0);
        history.assign(2, 10);
        history.assign(3, 20);

        assertThat(history.truncateFromEnd(21)).isFalse();
        assertThat(history.truncateFromEnd(20)).isTrue();

        assertThat(history.entries()).containsExactly(new Entry(1, 0), new Entry(2, 10));
    }

    @Test
    @DisplayName("cutting the head keeps the epoch that covers the new start, beginning there (LOG-17)")
    void truncateFromStart() {
        history.assign(1, 0);
        history.assign(2, 10);
        history.assign(3, 20);

        assertThat(history.truncateFromStart(15)).isTrue();

        assertThat(history.entries()).containsExactly(new Entry(2, 15), new Entry(3, 20));
        assertThat(history.truncateFromStart(15)).isFalse();
        assertThat(history.epochOf(14)).isEqualTo(LeaderEpochHistory.NO_EPOCH);
        assertThat(history.epochOf(15)).isEqualTo(2);
        assertThat(history.epochOf(99)).isEqualTo(3);
    }

    @Test
    @DisplayName("a checkpoint gives the same history back; what contradicts itself is dropped (LOG-17)")
    void entriesRoundTrip() {
        history.assign(1, 0);
        history.assign(4, 70);

        assertThat(LeaderEpochHistory.fromEntries(history.entries()).entries()).isEqualTo(history.entries());
        assertThat(LeaderEpochHistory.fromEntries(List.of(new Entry(5, 3), new Entry(2, 9)))
                        .entries())
                .containsExactly(new Entry(5, 3));
    }

    @Test
    @DisplayName("any sequence of changes agrees with a log of epochs per offset (LOG-17)")
    void agreesWithAModel() {
        SeededRandom random = SeededRandom.fresh();
        for (int round = 0; round < 300; round++) {
            LeaderEpochHistory tested = new LeaderEpochHistory();
            List<Integer> epochs = new ArrayList<>();
            long start = 0;
            int epoch = 0;
            for (int step = 0; step < 60; step++) {
                switch (random.nextInt(5)) {
                    case 0 -> epoch += 1 + random.nextInt(2);
                    case 1 -> {
                        long end = start + random.nextInt(epochs.size() + 1);
                        tested.truncateFromEnd(end);
                        epochs.subList((int) (end - start), epochs.size()).clear();
                    }
                    case 2 -> {
                        int cut = random.nextInt(epochs.size() + 1);
                        start += cut;
                        tested.truncateFromStart(start);
                        epochs.subList(0, cut).clear();
                    }
                    default -> {
                        epoch = Math.max(epoch, tested.latestEpoch());
                        tested.assign(epoch, start + epochs.size());
                        for (int i = random.nextInt(4); i >= 0; i--) {
                            epochs.add(epoch);
                        }
                    }
                }
                assertAgrees(tested, epochs, start, random);
            }
        }
    }

    private static void assertAgrees(LeaderEpochHistory tested, List<Integer> epochs, long start, SeededRandom random) {
        for (int i = 0; i < epochs.size(); i++) {
            assertThat(tested.epochOf(start + i)).as(random.toString()).isEqualTo(epochs.get(i));
        }
        long end = start + epochs.size();
        for (int asked = 0; !epochs.isEmpty() && asked <= tested.latestEpoch(); asked++) {
            long firstLater = start;
            int floor = asked;
            while (firstLater < end && epochs.get((int) (firstLater - start)) <= asked) {
                floor = epochs.get((int) (firstLater - start));
                firstLater++;
            }
            assertThat(tested.endOffsetOf(asked, end))
                    .as("%s, epoch %d", random, asked)
                    .isEqualTo(new OffsetAndEpoch(firstLater, floor));
        }
    }
}
