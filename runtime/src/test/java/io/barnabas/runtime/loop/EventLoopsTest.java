package io.barnabas.runtime.loop;

import static org.assertj.core.api.Assertions.assertThat;

import io.barnabas.runtime.time.ManualClock;
import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.DisplayName;
import org.junit.jupiter.api.Test;

class EventLoopsTest {
    @Test
    @DisplayName("tasks run in order on the loop's own thread, and one that fails does not end it")
    void inOrder() throws Exception {
        List<Integer> ran = Collections.synchronizedList(new ArrayList<>());
        try (var loop = EventLoops.start("test-loop")) {
            assertThat(loop.inLoop()).isFalse();
            for (int i = 0; i < 1_000; i++) {
                int number = i;
                loop.execute(() -> ran.add(number));
            }
            loop.execute(() -> {
                throw new IllegalStateException("a task of this test fails on purpose");
            });
            var inLoop = new CompletableFuture<Boolean>();
            loop.execute(() -> inLoop.complete(loop.inLoop()));

            assertThat(inLoop.get(10, TimeUnit.SECONDS)).isTrue();
        }
        assertThat(ran).hasSize(1_000).isSorted();
    }

    @Test
    @DisplayName("the manual loop fires timers in order of their time as its clock is moved")
    void manualTimers() {
        var clock = new ManualClock();
        var loop = new ManualLoop(clock);
        List<String> ran = new ArrayList<>();
        loop.schedule(() -> ran.add("late"), 20);
        loop.schedule(() -> loop.schedule(() -> ran.add("nested"), 5), 10);
        loop.schedule(() -> ran.add("never"), 12).cancel();

        loop.advanceMillis(16);
        assertThat(ran).containsExactly("nested");
        loop.advanceMillis(4);
        assertThat(ran).containsExactly("nested", "late");
        assertThat(loop.pendingTimers()).isZero();
    }
}
