package io.barnabas.tools;

import static org.assertj.core.api.Assertions.assertThat;

import io.barnabas.runtime.time.Clock;
import io.barnabas.tools.placement.PlacementPlan.Move;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.SortedMap;
import java.util.TreeMap;
import java.util.stream.IntStream;
import org.apache.kafka.clients.admin.PartitionReassignment;
import org.apache.kafka.common.TopicPartition;
import org.junit.jupiter.api.DisplayName;
import org.junit.jupiter.api.Test;

/** Moves that are carried out on a cluster that takes its time. */
class ReplicaMovesTest {
    private static final int AT_ONCE = 3;

    private final SlowCluster cluster = new SlowCluster();
    private final List<String> lines = new ArrayList<>();

    private SortedMap<TopicPartition, String> run(List<Move> moves, List<TopicPartition> moving) {
        return new ReplicaMoves(cluster, AT_ONCE, new Progress(lines::add, Clock.system()), millis -> cluster.goOn())
                .run(moves, moving);
    }

    private static TopicPartition partition(int number) {
        return new TopicPartition("t", number);
    }

    private static List<Move> moves(int count) {
        return IntStream.range(0, count)
                .mapToObj(number -> new Move(partition(number), List.of(1, 2), List.of(1, 3)))
                .toList();
    }

    @Test
    @DisplayName("all moves are begun in their order, never more than so many at once, and waited for")
    void boundsWhatIsUnderWay() {
        assertThat(run(moves(10), List.of())).isEmpty();

        assertThat(cluster.begun)
                .containsExactlyElementsOf(
                        moves(10).stream().map(Move::partition).toList());
        assertThat(cluster.mostAtOnce).isEqualTo(AT_ONCE);
        assertThat(cluster.moving).isEmpty();
        assertThat(lines.get(0)).isEqualTo("0 of 10 partitions are done, 3 on the way");
    }

    @Test
    @DisplayName("what moves already is waited for and counts, but is not asked for again")
    void adoptsWhatMoves() {
        cluster.moving.put(partition(20), 2);
        cluster.moving.put(partition(21), 5);

        assertThat(run(moves(2), List.of(partition(20), partition(21)))).isEmpty();

        assertThat(cluster.begun).containsExactly(partition(0), partition(1));
        assertThat(cluster.mostAtOnce).isEqualTo(AT_ONCE);
        assertThat(cluster.moving).isEmpty();
    }

    @Test
    @DisplayName("a partition that is refused is told with the reason, and the others go on")
    void goesOnAfterRefusals() {
        cluster.refuse = Set.of(partition(1), partition(4));

        assertThat(run(moves(5), List.of())).containsOnlyKeys(partition(1), partition(4));

        assertThat(cluster.begun).containsExactly(partition(0), partition(2), partition(3));
        assertThat(cluster.moving).isEmpty();
    }

    @Test
    @DisplayName("nothing to do ends at once")
    void nothingToDo() {
        assertThat(run(List.of(), List.of())).isEmpty();

        assertThat(lines).isEmpty();
    }

    /** Every move takes two pauses. */
    private static final class SlowCluster implements Reassignments {
        private final Map<TopicPartition, Integer> moving = new TreeMap<>(LogOffsets.ORDER);
        private final List<TopicPartition> begun = new ArrayList<>();
        private Set<TopicPartition> refuse = Set.of();
        private int mostAtOnce;

        void goOn() {
            moving.replaceAll((partition, pauses) -> pauses - 1);
            moving.values().removeIf(pauses -> pauses == 0);
        }

        @Override
        public Map<TopicPartition, String> alter(Map<TopicPartition, Optional<List<Integer>>> wanted) {
            Map<TopicPartition, String> refused = new TreeMap<>(LogOffsets.ORDER);
            for (TopicPartition partition : wanted.keySet()) {
                if (refuse.contains(partition)) {
                    refused.put(partition, "no such broker");
                } else {
                    begun.add(partition);
                    moving.put(partition, 2);
                }
            }
            mostAtOnce = Math.max(mostAtOnce, moving.size());
            return refused;
        }

        @Override
        public SortedMap<TopicPartition, PartitionReassignment> active() {
            return active(moving.keySet());
        }

        @Override
        public SortedMap<TopicPartition, PartitionReassignment> active(Set<TopicPartition> partitions) {
            SortedMap<TopicPartition, PartitionReassignment> active = new TreeMap<>(LogOffsets.ORDER);
            partitions.stream()
                    .filter(moving::containsKey)
                    .forEach(partition ->
                            active.put(partition, new PartitionReassignment(List.of(1, 2, 3), List.of(3), List.of(2))));
            return active;
        }
    }
}
