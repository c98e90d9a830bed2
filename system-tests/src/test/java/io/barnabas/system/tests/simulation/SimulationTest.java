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
    private static final long SECONDS = Long.getLong("barnabas.sim.seconds", 35);
    private static final long FROM = Long.getLong("barnabas.sim.from", 1);
    private static final Long ONLY = Long.getLong("barnabas.seed");
    private static final int ENOUGH_FAILURES = 5;

    /** Runs with loss of power get this part of the time, each kind. */
    private static final int POWER_SHARE = 5;

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
        run(PowerLoss.NEVER, SECONDS);
    }

    @Test
    @DisplayName(
            "a machine that loses its power comes back without what it had not fsynced: nothing is lost that others hold"
                    + " (FAULT-22, REPL-27: I1, I2, I3, I4, I6, I7, I8, I10)")
    void powerLossOfOne() throws InterruptedException {
        run(PowerLoss.OF_ONE, SECONDS / POWER_SHARE);
    }

    @Test
    @DisplayName(
            "all machines lose their power at once: only what was not fsynced is lost, order is kept, replicas agree"
                    + " (FAULT-22, PROD-37: I2, I3, I7, I8, I10, and I1 for what was fsynced)")
    void powerLossOfAll() throws InterruptedException {
        run(PowerLoss.OF_ALL, SECONDS / POWER_SHARE);
    }

    private static void run(PowerLoss powerLoss, long seconds) throws InterruptedException {
        if (ONLY != null) {
            assertThat(failures(ONLY, powerLoss)).isEmpty();
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
                while (System.nanoTime() - begun < TimeUnit.SECONDS.toNanos(seconds)
                        && failures.size() < ENOUGH_FAILURES) {
                    long seed = next.getAndIncrement();
                    SimulatedCluster cluster = new SimulatedCluster(seed, false, powerLoss);
                    List<String> wrong = outcome(cluster);
                    events.addAndGet(cluster.world().happened());
                    if (!wrong.isEmpty()) {
                        failures.add(told(seed, cluster, wrong));
                    }
                }
            });
        }
        pool.shutdown();
        assertThat(pool.awaitTermination(seconds + 300, TimeUnit.SECONDS)).isTrue();
        double took = (System.nanoTime() - begun) / 1e9;
        System.out.printf(
                "simulated %d seeds in %.1f s, power loss %s: %.1f seeds/s, %.0f events/ms%n",
                next.get() - FROM, took, powerLoss, (next.get() - FROM) / took, events.get() / took / 1e3);
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
        "3316, a leader made by a new controller serves although the old one knows nothing of it",
        "73892, a coordinator that was deposed without hearing of it is not given its lease back by a vacant office"
    })
    @DisplayName("a seed that once failed does not fail again")
    void once(long seed, String what) {
        assertThat(failures(seed, PowerLoss.NEVER)).as(what).isEmpty();
    }

    @ParameterizedTest(name = "{2} (seed {0}, power loss {1})")
    @CsvSource({
        "3, OF_ONE, a new controller does not tell a leader whose machine crashed that it still leads",
        "155, OF_ONE, a controller that crashed itself does not tell itself that it still leads",
        "5883, OF_ONE, a follower that was followed anew hears of the high watermark although an older answer told it",
        "60136, OF_ONE, a controller cut off from ZooKeeper does not store what it decided before a machine crashed and came back",
        "60631, OF_ONE, a new controller that heard late of a crash does not leave the crashed one alone in the ISR",
        "62901, OF_ONE, as 60631",
        "63394, OF_ONE, as 60631",
        "64338, OF_ONE, as 60631",
        "960, OF_ALL, the same after all machines crashed",
        "60752, OF_ALL, what is appended in place of lost records is not committed because those were"
    })
    @DisplayName("a seed that once failed with loss of power does not fail again")
    void onceWithPowerLoss(long seed, PowerLoss powerLoss, String what) {
        assertThat(failures(seed, powerLoss)).as(what).isEmpty();
    }

    @Test
    @DisplayName("the same seed gives the same run")
    void repeatable() {
        SimulatedCluster first = new SimulatedCluster(FROM, false, PowerLoss.OF_ONE);
        first.run();
        SimulatedCluster second = new SimulatedCluster(FROM, false, PowerLoss.OF_ONE);
        second.run();

        assertThat(second.world().fingerprint()).isEqualTo(first.world().fingerprint());
        assertThat(second.world().happened()).isEqualTo(first.world().happened());
        assertThat(second.ledger().acknowledgedRecords())
                .isEqualTo(first.ledger().acknowledgedRecords())
                .isPositive();
    }

    private static List<String> failures(long seed, PowerLoss powerLoss) {
        SimulatedCluster cluster = new SimulatedCluster(seed, Boolean.getBoolean("barnabas.sim.trace"), powerLoss);
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

    private static String methodOf(PowerLoss powerLoss) {
        return switch (powerLoss) {
            case NEVER -> "seeds";
            case OF_ONE -> "powerLossOfOne";
            case OF_ALL -> "powerLossOfAll";
        };
    }

    private static String told(long seed, SimulatedCluster cluster, List<String> wrong) {
        String text = "seed " + seed + ", " + cluster.shape() + ":\n    " + String.join("\n    ", wrong)
                + "\n  repeat: ./mvnw -pl system-tests -am test -Dtest='SimulationTest#"
                + methodOf(cluster.shape().powerLoss()) + "'"
                + " -Dsurefire.failIfNoSpecifiedTests=false -Dbarnabas.sim.trace=true -Dbarnabas.seed=" + seed;
        System.out.println(text);
        return text;
    }
}
