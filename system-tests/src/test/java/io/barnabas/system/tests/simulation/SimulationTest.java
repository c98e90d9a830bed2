package io.barnabas.system.tests.simulation;

import static org.assertj.core.api.Assertions.assertThat;

import ch.qos.logback.classic.Level;
import ch.qos.logback.classic.Logger;
import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicLong;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.DisplayName;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.slf4j.LoggerFactory;

/**
 * As many seeds as there is time for: {@code -Dbarnabas.sim.seconds}, from {@code -Dbarnabas.sim.from} on; or one seed,
 * {@code -Dbarnabas.seed}, of which {@code -Dbarnabas.sim.trace=true} tells all that happens.
 */
class SimulationTest {
    private static final long SECONDS = Long.getLong("barnabas.sim.seconds", 60);
    private static final long FROM = Long.getLong("barnabas.sim.from", 1);
    private static final Long ONLY = Long.getLong("barnabas.seed");
    private static final int ENOUGH_FAILURES = 5;

    private static Level before;

    /** What brokers log in a million lines nobody reads; who repeats a seed may want to. */
    @BeforeAll
    static void silence() {
        Logger root = (Logger) LoggerFactory.getLogger(org.slf4j.Logger.ROOT_LOGGER_NAME);
        before = root.getLevel();
        root.setLevel(Boolean.getBoolean("barnabas.sim.logs") ? Level.INFO : Level.OFF);
    }

    @AfterAll
    static void speakAgain() {
        ((Logger) LoggerFactory.getLogger(org.slf4j.Logger.ROOT_LOGGER_NAME)).setLevel(before);
    }

    @Test
    @DisplayName(
            "whatever goes wrong, nothing acknowledged is lost, reordered or doubled, replicas agree, and all becomes well again"
                    + " (FAULT: I1, I2, I3, I4, I6, I7, I8, I10)")
    void seeds() throws InterruptedException {
        if (ONLY != null) {
            assertThat(failures(ONLY)).isEmpty();
            return;
        }
        List<String> failures = Collections.synchronizedList(new ArrayList<>());
        AtomicLong next = new AtomicLong(FROM);
        AtomicLong events = new AtomicLong();
        long begun = System.nanoTime();
        int threads = Math.max(1, Runtime.getRuntime().availableProcessors());
        ExecutorService pool = Executors.newFixedThreadPool(threads);
        for (int i = 0; i < threads; i++) {
            pool.execute(() -> {
                while (System.nanoTime() - begun < TimeUnit.SECONDS.toNanos(SECONDS)
                        && failures.size() < ENOUGH_FAILURES) {
                    long seed = next.getAndIncrement();
                    SimulatedCluster cluster = new SimulatedCluster(seed, false);
                    List<String> wrong = outcome(cluster);
                    events.addAndGet(cluster.world().happened());
                    if (!wrong.isEmpty()) {
                        failures.add(told(seed, cluster, wrong));
                    }
                }
            });
        }
        pool.shutdown();
        assertThat(pool.awaitTermination(SECONDS + 300, TimeUnit.SECONDS)).isTrue();
        double seconds = (System.nanoTime() - begun) / 1e9;
        System.out.printf(
                "simulated %d seeds in %.1f s: %.1f seeds/s, %.0f events/ms%n",
                next.get() - FROM, seconds, (next.get() - FROM) / seconds, events.get() / seconds / 1e3);
        assertThat(failures).isEmpty();
    }

    @ParameterizedTest(name = "{1} (seed {0})")
    @CsvSource({
        "121, a broker that was started again knows the last batch only",
        "266, a follower hears of the high watermark again after it passed over an outdated answer",
        "684, a controller that was deposed does not fence leaders that its successor made",
        "999, the high watermark of an idle partition reaches its followers",
        "1044, a broker whose registration was in doubt is taken back into the ISR",
        "1179, a deposed coordinator does not tell an older commit while its lease lasts",
        "3694, a follower that begins anew where it was hears of the high watermark again",
        "3316, a leader made by a new controller serves although the old one knows nothing of it"
    })
    @DisplayName("a seed that once failed does not fail again")
    void once(long seed, String what) {
        assertThat(failures(seed)).as(what).isEmpty();
    }

    @Test
    @DisplayName("the same seed gives the same run")
    void repeatable() {
        SimulatedCluster first = new SimulatedCluster(FROM, false);
        first.run();
        SimulatedCluster second = new SimulatedCluster(FROM, false);
        second.run();

        assertThat(second.world().fingerprint()).isEqualTo(first.world().fingerprint());
        assertThat(second.world().happened()).isEqualTo(first.world().happened());
        assertThat(second.ledger().acknowledgedRecords())
                .isEqualTo(first.ledger().acknowledgedRecords())
                .isPositive();
    }

    private static List<String> failures(long seed) {
        SimulatedCluster cluster = new SimulatedCluster(seed, Boolean.getBoolean("barnabas.sim.trace"));
        List<String> wrong = outcome(cluster);
        return wrong.isEmpty() ? wrong : List.of(told(seed, cluster, wrong));
    }

    private static List<String> outcome(SimulatedCluster cluster) {
        try {
            return cluster.run();
        } catch (RuntimeException | Error thrown) {
            cluster.verdicts().uncaught("the simulation", thrown);
            return cluster.verdicts().violations();
        }
    }

    private static String told(long seed, SimulatedCluster cluster, List<String> wrong) {
        String text = "seed " + seed + ", " + cluster.shape() + ":\n    " + String.join("\n    ", wrong)
                + "\n  repeat: ./mvnw -pl system-tests -am test -Dtest='SimulationTest#seeds'"
                + " -Dsurefire.failIfNoSpecifiedTests=false -Dbarnabas.sim.trace=true -Dbarnabas.seed=" + seed;
        System.out.println(text);
        return text;
    }
}
