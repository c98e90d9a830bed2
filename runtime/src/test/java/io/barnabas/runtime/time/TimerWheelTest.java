package io.barnabas.runtime.time;

import static org.assertj.core.api.Assertions.assertThat;

import io.barnabas.runtime.loop.SeededRandom;
import java.util.ArrayList;
import java.util.List;
import java.util.TreeMap;
import org.junit.jupiter.api.DisplayName;
import org.junit.jupiter.api.Test;

class TimerWheelTest {
    private static final long MS = 1_000_000L;

    @Test
    @DisplayName("a deadline fires at its time, never before, and once")
    void firesOnce() {
        var wheel = new TimerWheel(0, 10, 8);
        List<String> ran = new ArrayList<>();
        wheel.schedule(() -> ran.add("a"), 25 * MS);

        wheel.advanceTo(24 * MS);
        assertThat(ran).isEmpty();
        wheel.advanceTo(30 * MS);
        wheel.advanceTo(200 * MS);
        assertThat(ran).containsExactly("a");
    }

    @Test
    @DisplayName("a cancelled deadline does not fire, and cancelling says whether it was in time")
    void cancelled() {
        var wheel = new TimerWheel(0, 10, 8);
        List<String> ran = new ArrayList<>();
        Timer timer = wheel.schedule(() -> ran.add("a"), 25 * MS);

        assertThat(timer.cancel()).isTrue();
        assertThat(timer.cancel()).isFalse();
        wheel.advanceTo(100 * MS);
        assertThat(ran).isEmpty();
        assertThat(wheel.size()).isZero();
    }

    @Test
    @DisplayName("whatever is scheduled, cancelled and however time jumps: due is exactly what a sorted map says")
    void againstAModel() {
        var random = SeededRandom.fresh();
        var wheel = new TimerWheel(0, 1, 16);
        TreeMap<Long, List<Integer>> model = new TreeMap<>();
        List<Integer> ran = new ArrayList<>();
        List<Integer> expected = new ArrayList<>();
        long now = 0;
        for (int i = 0; i < 5_000; i++) {
            int number = i;
            long at = now + (1 + random.nextInt(200)) * MS;
            Timer timer = wheel.schedule(() -> ran.add(number), at);
            if (random.nextInt(3) == 0) {
                assertThat(timer.cancel()).isTrue();
            } else {
                model.computeIfAbsent(at, k -> new ArrayList<>()).add(number);
            }
            if (random.nextInt(4) == 0) {
                now += random.nextInt(100) * MS;
                wheel.advanceTo(now);
                var due = model.headMap(now, true);
                due.values().forEach(expected::addAll);
                due.clear();
                assertThat(ran).as("%s", random).containsExactlyInAnyOrderElementsOf(expected);
            }
        }
    }
}
