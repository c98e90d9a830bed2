package io.barnabas.consumer.coordinator.assignor;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import java.util.Map;
import java.util.Random;
import java.util.Set;
import java.util.UUID;
import java.util.function.Consumer;
import org.junit.jupiter.api.DisplayName;
import org.junit.jupiter.api.Test;

/** Rules that hold for whatever groups there are, and Kafka's own assignors as oracle. */
class AssignorsPropertiesTest {
    private static final int GROUPS = 400;
    private static final int CHANGES = 6;

    private final Assignor uniform = new UniformAssignor();
    private final Assignor range = new RangeAssignor();

    @Test
    @DisplayName(
            "(GROUP-34) each partition of a subscribed topic goes to one subscriber, the same one in whatever order the members come")
    void assignmentsAreValidAndRepeatable() {
        forEveryRound(GROUPS, true, group -> {
            for (Assignor assignor : List.of(uniform, range)) {
                AssignmentTask task = group.task();
                var assignment = assignor.assign(task);
                AssignmentCheck.isValid(task, assignment);
                List<Subscriber> otherwise = new ArrayList<>(task.subscribers());
                Collections.reverse(otherwise);
                assertThat(assignor.assign(new AssignmentTask(task.topics(), otherwise)))
                        .isEqualTo(assignment);
            }
            group.accept(uniform.assign(group.task()));
        });
    }

    @Test
    @DisplayName("(GROUP-34) range gives what Kafka's range gives")
    void rangeIsKafkas() {
        var kafka = new org.apache.kafka.coordinator.group.assignor.RangeAssignor();
        for (boolean mixed : new boolean[] {false, true}) {
            forEveryRound(GROUPS, mixed, group -> {
                var assignment = range.assign(group.task());
                assertThat(assignment).isEqualTo(KafkaAssignment.of(kafka, group.task()));
                group.accept(assignment);
            });
        }
    }

    @Test
    @DisplayName(
            "(GROUP-34) uniform, everyone subscribed to the same: within one, as even as Kafka's, moving no more than it and no more than must")
    void uniformIsEvenAndSticky() {
        var kafka = new org.apache.kafka.coordinator.group.assignor.UniformAssignor();
        forEveryRound(GROUPS, false, group -> {
            AssignmentTask task = group.task();
            var assignment = uniform.assign(task);
            var theirs = KafkaAssignment.of(kafka, task);

            List<Integer> loads = AssignmentCheck.loads(assignment);
            assertThat(loads.get(0) - loads.get(loads.size() - 1)).isLessThanOrEqualTo(1);
            assertThat(loads).isEqualTo(AssignmentCheck.loads(theirs));
            assertThat(AssignmentCheck.moves(task, assignment)).isEqualTo(leastMoves(task, loads));
            assertThat(AssignmentCheck.moves(task, assignment))
                    .isLessThanOrEqualTo(AssignmentCheck.moves(task, theirs));
            group.accept(assignment);
        });
    }

    @Test
    @DisplayName(
            "(GROUP-34) uniform, mixed subscriptions: never less even than Kafka's, and where equally even, moving no more")
    void uniformIsEvenAndStickyForMixedSubscriptions() {
        var kafka = new org.apache.kafka.coordinator.group.assignor.UniformAssignor();
        int[] moves = new int[2];
        forEveryRound(GROUPS, true, group -> {
            AssignmentTask task = group.task();
            var assignment = uniform.assign(task);
            var theirs = KafkaAssignment.of(kafka, task);

            int evenness = AssignmentCheck.compare(AssignmentCheck.loads(assignment), AssignmentCheck.loads(theirs));
            assertThat(evenness).isLessThanOrEqualTo(0);
            if (evenness == 0) {
                moves[0] += AssignmentCheck.moves(task, assignment);
                moves[1] += AssignmentCheck.moves(task, theirs);
            }
            group.accept(assignment);
        });
        assertThat(moves[0]).isLessThanOrEqualTo(moves[1]);
    }

    @Test
    @DisplayName("(GROUP-34) uniform moves nothing when nothing has changed")
    void uniformRestsWhenNothingChanges() {
        forEveryRound(GROUPS, true, group -> {
            var assignment = uniform.assign(group.task());
            group.accept(assignment);
            assertThat(uniform.assign(group.task())).isEqualTo(assignment);
        });
    }

    @Test
    @DisplayName(
            "(GROUP-34) uniform levels until nothing is left to move: a way that only opened when others had moved")
    void uniformLooksAgain() {
        RandomGroup group = new RandomGroup(new Random(7053271056117376818L), true);
        for (int round = 0; round < 5; round++) {
            var assignment = uniform.assign(group.task());
            group.accept(assignment);
            assertThat(uniform.assign(group.task())).isEqualTo(assignment);
            group.change();
        }
    }

    /** Homogeneous groups: of those that have too many, as many as possible keep the higher of both loads. */
    private static int leastMoves(AssignmentTask task, List<Integer> loads) {
        int low = loads.get(loads.size() - 1);
        int higher = (int) loads.stream().filter(load -> load > low).count();
        int must = 0;
        for (Subscriber member : task.subscribers()) {
            int valid = 0;
            int gone = 0;
            for (Map.Entry<UUID, Set<Integer>> current : member.current().entrySet()) {
                TopicShape shape = task.topics().get(current.getKey());
                for (int partition : current.getValue()) {
                    boolean keepable = shape != null
                            && partition < shape.partitionCount()
                            && member.topics().contains(current.getKey());
                    valid += keepable ? 1 : 0;
                    gone += keepable ? 0 : 1;
                }
            }
            must += gone + Math.max(0, valid - low);
            if (valid > low && higher > 0) {
                must--;
                higher--;
            }
        }
        return must;
    }

    private void forEveryRound(int groups, boolean mixed, Consumer<RandomGroup> rule) {
        long first = new Random().nextLong();
        for (int number = 0; number < groups; number++) {
            long seed = first + number;
            RandomGroup group = new RandomGroup(new Random(seed), mixed);
            int round = 0;
            try {
                for (; round < CHANGES; round++) {
                    rule.accept(group);
                    group.change();
                }
            } catch (AssertionError | RuntimeException failed) {
                throw new AssertionError("seed " + seed + ", round " + round + ", " + group.task(), failed);
            }
        }
    }
}
