package io.barnabas.broker.control;

import static org.assertj.core.api.Assertions.assertThat;

import io.barnabas.model.Outcome;
import io.barnabas.model.Refusal.Reason;
import io.barnabas.model.TopicPartition;
import io.barnabas.runtime.loop.ManualLoop;
import io.barnabas.runtime.time.ManualClock;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Set;
import java.util.concurrent.CompletableFuture;
import org.junit.jupiter.api.DisplayName;
import org.junit.jupiter.api.Test;

class LostReplicaReportsTest {
    private static final TopicPartition A = new TopicPartition("t", 0);
    private static final TopicPartition B = new TopicPartition("t", 1);

    private final ManualLoop loop = new ManualLoop(new ManualClock());
    private final Set<TopicPartition> lost = new HashSet<>();
    private final List<Set<TopicPartition>> sent = new ArrayList<>();
    private CompletableFuture<Outcome<Void>> answer = new CompletableFuture<>();
    private final LostReplicaReports reports = new LostReplicaReports(
            () -> lost,
            partitions -> {
                sent.add(partitions);
                answer = new CompletableFuture<>();
                return answer;
            },
            loop);

    private void lose(TopicPartition partition) {
        lost.add(partition);
        reports.onLost();
        loop.runAll();
    }

    private void answer(Outcome<Void> outcome) {
        answer.complete(outcome);
        loop.runAll();
    }

    @Test
    @DisplayName("(LOG-40) what is lost is told once, what is lost meanwhile right after")
    void once() {
        lose(A);
        lose(B);
        assertThat(sent).containsExactly(Set.of(A));

        answer(Outcome.done(null));
        answer(Outcome.done(null));
        reports.onLost();
        loop.runAll();

        assertThat(sent).containsExactly(Set.of(A), Set.of(A, B));
    }

    @Test
    @DisplayName("(LOG-40) it is told again until it is heard")
    void untilHeard() {
        lose(A);
        answer(Outcome.refused(Reason.NOT_CONTROLLER, "not yet"));
        assertThat(sent).hasSize(1);
        loop.advanceMillis(250);
        answer.completeExceptionally(new IllegalStateException("the connection is gone"));
        loop.runAll();
        loop.advanceMillis(250);
        answer(Outcome.done(null));
        loop.advanceMillis(1_000);

        assertThat(sent).containsExactly(Set.of(A), Set.of(A), Set.of(A));
    }

    @Test
    @DisplayName(
            "(LOG-40, CTRL-13) another controller is told anew, also if it comes while the one before is being told")
    void everyController() {
        lose(A);
        reports.onCompleteState();
        loop.runAll();
        answer(Outcome.done(null));
        assertThat(sent).hasSize(2);
        answer(Outcome.done(null));
        reports.onCompleteState();
        loop.runAll();

        assertThat(sent).hasSize(3);
    }

    @Test
    @DisplayName("while nothing is lost nothing is told")
    void nothingLost() {
        reports.onCompleteState();
        loop.runAll();

        assertThat(sent).isEmpty();
    }
}
