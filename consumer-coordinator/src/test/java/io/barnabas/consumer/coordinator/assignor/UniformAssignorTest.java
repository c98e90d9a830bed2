package io.barnabas.consumer.coordinator.assignor;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.UUID;
import org.junit.jupiter.api.DisplayName;
import org.junit.jupiter.api.Test;

class UniformAssignorTest {
    private static final UUID ORDERS = new UUID(0, 1);
    private static final UUID PAYMENTS = new UUID(0, 2);

    private final UniformAssignor uniform = new UniformAssignor();

    @Test
    @DisplayName("partitions go to members of their rack where everyone still gets as many")
    void racksArePreferred() {
        List<Set<String>> racks = new ArrayList<>();
        for (int partition = 0; partition < 6; partition++) {
            racks.add(Set.of(List.of("c", "b", "a").get(partition % 3)));
        }
        var task = new AssignmentTask(
                Map.of(ORDERS, new TopicShape(6, racks)),
                List.of(member("1", "a", Map.of()), member("2", "b", Map.of()), member("3", "c", Map.of())));

        var assignment = uniform.assign(task);

        assertThat(AssignmentCheck.near(task, assignment)).isEqualTo(6);
        assertThat(AssignmentCheck.loads(assignment)).containsExactly(2, 2, 2);
    }

    @Test
    @DisplayName("a rack never makes a member's share larger, nor takes from anyone what it has")
    void racksCostNeitherBalanceNorMoves() {
        var task = new AssignmentTask(
                Map.of(ORDERS, new TopicShape(4, List.of(Set.of("a"), Set.of("a"), Set.of("a"), Set.of("a")))),
                List.of(member("1", "b", Map.of(ORDERS, Set.of(0, 1))), member("2", "a", Map.of())));

        assertThat(uniform.assign(task))
                .isEqualTo(Map.of("1", Map.of(ORDERS, Set.of(0, 1)), "2", Map.of(ORDERS, Set.of(2, 3))));
    }

    @Test
    @DisplayName("where a newcomer can take nothing from the loaded one, it takes it from somebody who can")
    void levelsOverOthers() {
        // 1 has only ORDERS to give, 3 wants only PAYMENTS; 2 passes on.
        var task = new AssignmentTask(
                Map.of(ORDERS, TopicShape.of(4), PAYMENTS, TopicShape.of(2)),
                List.of(
                        new Subscriber("1", null, null, Set.of(ORDERS), Map.of(ORDERS, Set.of(0, 1, 2, 3))),
                        new Subscriber("2", null, null, Set.of(ORDERS, PAYMENTS), Map.of(PAYMENTS, Set.of(0, 1))),
                        new Subscriber("3", null, null, Set.of(PAYMENTS), Map.of())));

        var assignment = uniform.assign(task);

        AssignmentCheck.isValid(task, assignment);
        assertThat(AssignmentCheck.loads(assignment)).containsExactly(2, 2, 2);
    }

    @Test
    @DisplayName("what two members claim stays with one of them, and what is gone or not subscribed to is let go")
    void strangeClaimsAreTaken() {
        var task = new AssignmentTask(
                Map.of(ORDERS, TopicShape.of(2)),
                List.of(
                        member("1", null, Map.of(ORDERS, Set.of(0, 1, 7), PAYMENTS, Set.of(0))),
                        member("2", null, Map.of(ORDERS, Set.of(0, 1)))));

        var assignment = uniform.assign(task);

        AssignmentCheck.isValid(task, assignment);
        assertThat(AssignmentCheck.loads(assignment)).containsExactly(1, 1);
    }

    @Test
    @DisplayName("nobody, or nobody who subscribes to anything, gets nothing")
    void emptyTasks() {
        assertThat(uniform.assign(new AssignmentTask(Map.of(), List.of()))).isEmpty();
        assertThat(uniform.assign(new AssignmentTask(Map.of(), List.of(member("1", null, Map.of())))))
                .isEqualTo(Map.of("1", Map.of()));
    }

    private static Subscriber member(String id, String rackId, Map<UUID, Set<Integer>> current) {
        return new Subscriber(id, null, rackId, Set.of(ORDERS), current);
    }
}
