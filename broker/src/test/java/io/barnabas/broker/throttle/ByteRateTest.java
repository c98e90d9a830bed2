package io.barnabas.broker.throttle;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.Random;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.DisplayName;
import org.junit.jupiter.api.Test;

class ByteRateTest {
    private static final long SECOND = TimeUnit.SECONDS.toNanos(1);

    /** Clocks begin anywhere. */
    private static final long BEGIN = -7 * SECOND;

    private final ByteRate rate = new ByteRate(11, SECOND, BEGIN);

    @Test
    @DisplayName("where nothing has gone by nobody waits, whatever the limit")
    void nothing() {
        assertThat(rate.perSecond(BEGIN)).isZero();
        assertThat(rate.nanosUntilWithin(0, BEGIN)).isZero();
    }

    @Test
    @DisplayName("a burst is waited off: so long that it comes to the limit, measured from its beginning (REPL-31)")
    void burst() {
        rate.record(5_000, BEGIN);

        assertThat(rate.perSecond(BEGIN + SECOND / 2))
                .as("over a window at least")
                .isEqualTo(5_000);
        assertThat(rate.nanosUntilWithin(1_000, BEGIN + SECOND / 2)).isEqualTo(9 * SECOND / 2);
        assertThat(rate.perSecond(BEGIN + 5 * SECOND)).isEqualTo(1_000);
        assertThat(rate.nanosUntilWithin(1_000, BEGIN + 5 * SECOND)).isZero();
    }

    @Test
    @DisplayName("what is as fast as the limit, or slower, does not wait")
    void steady() {
        for (int second = 0; second < 100; second++) {
            rate.record(1_000, BEGIN + second * SECOND);
            assertThat(rate.nanosUntilWithin(1_000, BEGIN + (second + 1) * SECOND - 1))
                    .as("second %d", second)
                    .isLessThanOrEqualTo(1);
        }
        assertThat(rate.perSecond(BEGIN + 100 * SECOND)).isEqualTo(1_000);
    }

    @Test
    @DisplayName("nothing weighs for longer than all windows last: even a limit of 0 lets go then")
    void forgets() {
        rate.record(Integer.MAX_VALUE, BEGIN + SECOND / 4);

        assertThat(rate.nanosUntilWithin(0, BEGIN + SECOND / 4)).isEqualTo(11 * SECOND - SECOND / 4);
        assertThat(rate.nanosUntilWithin(1, BEGIN + 11 * SECOND)).isZero();
        assertThat(rate.perSecond(BEGIN + 11 * SECOND)).isZero();
    }

    @Test
    @DisplayName("after a silence measuring begins anew: the silence does not make room for a larger burst")
    void silence() {
        rate.record(10, BEGIN);
        rate.record(3_000, BEGIN + 60 * SECOND);

        assertThat(rate.perSecond(BEGIN + 60 * SECOND)).isEqualTo(3_000);
        assertThat(rate.nanosUntilWithin(1_000, BEGIN + 60 * SECOND)).isEqualTo(3 * SECOND);
    }

    @Test
    @DisplayName(
            "the wait that is told is the shortest: before its end the rate is above the limit, at its end it is not")
    void shortest() {
        for (int run = 0; run < 300; run++) {
            long seed = run;
            Random random = new Random(seed);
            int windows = 1 + random.nextInt(12);
            long window = 1 + random.nextInt(2_000);
            long now = random.nextInt(100_000) - 50_000;
            ByteRate measured = new ByteRate(windows, window, now);
            for (int step = 0; step < 60; step++) {
                now += random.nextInt((int) (random.nextInt(8) == 0 ? 20 * window : window + 1));
                measured.record(random.nextInt(1_000), now);
                // bytes per second: the windows are some hundreds of nanoseconds
                long limit = (long) (random.nextDouble() * measured.perSecond(now) * 1.5);

                long wait = measured.nanosUntilWithin(limit, now);

                String told = "seed " + seed + " step " + step + " limit " + limit + " wait " + wait;
                assertThat(wait).as(told).isBetween(0L, windows * window);
                if (wait > 0) {
                    assertThat(measured.perSecond(now)).as(told).isGreaterThan(limit);
                    now += random.nextInt((int) wait);
                    assertThat(measured.perSecond(now)).as(told).isGreaterThan(limit);
                    now += measured.nanosUntilWithin(limit, now);
                }
                assertThat(measured.perSecond(now)).as(told).isLessThanOrEqualTo(limit * (1 + 1e-9));
            }
        }
    }
}
