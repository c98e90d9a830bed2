package io.barnabas.coordination.controller;

import static io.barnabas.coordination.controller.DrivenController.brokers;
import static org.assertj.core.api.Assertions.assertThat;

import org.junit.jupiter.api.DisplayName;
import org.junit.jupiter.api.Test;

class AssignmentTest {
    @Test
    @DisplayName("while it moves, the target comes first and the old replicas stay (REPL-28)")
    void moving() {
        Assignment moving = Assignment.of(brokers(1, 2, 3)).movingTo(brokers(4, 2));

        assertThat(moving).isEqualTo(new Assignment(brokers(4, 2, 1, 3), brokers(4), brokers(1, 3)));
        assertThat(moving.target()).isEqualTo(brokers(4, 2));
        assertThat(moving.origin()).containsExactlyInAnyOrderElementsOf(brokers(1, 2, 3));
        assertThat(moving.arrived()).isEqualTo(Assignment.of(brokers(4, 2)));
    }

    @Test
    @DisplayName("another target drops the new replicas of the one before, and nothing else (REPL-29)")
    void replaced() {
        Assignment replaced =
                Assignment.of(brokers(1, 2)).movingTo(brokers(3, 4)).movingTo(brokers(4, 5));

        assertThat(replaced.dropped()).isEqualTo(brokers(3));
        assertThat(replaced.joining()).containsExactlyInAnyOrderElementsOf(brokers(4, 5));
        assertThat(replaced.target()).isEqualTo(brokers(4, 5));
        assertThat(replaced.origin()).containsExactlyInAnyOrderElementsOf(brokers(1, 2));
        assertThat(replaced.shed().replicas()).containsExactlyInAnyOrderElementsOf(brokers(4, 5, 1, 2));
        assertThat(replaced.shed().dropped()).isEmpty();
        assertThat(replaced.shed().origin()).isEqualTo(replaced.origin());
        assertThat(replaced.shed().target()).isEqualTo(replaced.target());
    }

    @Test
    @DisplayName("called off, it is on the way back to where it was, and arrives without the new replicas (REPL-29)")
    void calledOff() {
        Assignment moving = Assignment.of(brokers(1, 2)).movingTo(brokers(3, 1));
        Assignment back = moving.movingTo(moving.origin());

        assertThat(back.joining()).isEmpty();
        assertThat(back.removing()).isEqualTo(brokers(3));
        assertThat(back.arrived()).isEqualTo(Assignment.of(brokers(1, 2)));
    }

    @Test
    @DisplayName("another order of the same replicas is no move (REPL-28)")
    void reordered() {
        Assignment reordered = Assignment.of(brokers(1, 2, 3)).movingTo(brokers(3, 2, 1));

        assertThat(reordered).isEqualTo(Assignment.of(brokers(3, 2, 1)));
        assertThat(reordered.isMoving()).isFalse();
    }
}
