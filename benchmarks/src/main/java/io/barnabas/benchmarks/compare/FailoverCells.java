package io.barnabas.benchmarks.compare;

import java.nio.file.Path;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.concurrent.TimeUnit;
import java.util.stream.IntStream;

/**
 * How long clients wait when a broker is killed: the longest gap between two acknowledged acks=all records, or two commits. Java clients
 * with their default settings; after each run the broker is started again and everything is as before.
 */
final class FailoverCells {
    private static final String OFFSETS = "__consumer_offsets";
    private static final long STEADY_MS = 2_000;
    private static final long CALM_MS = 5_000;
    private static final long PATIENCE_MS = 120_000;

    private final Path scratch;
    private final int runs;

    FailoverCells(Path scratch, int runs) {
        this.scratch = scratch;
        this.runs = runs;
    }

    /** Who is killed. */
    private enum Victim {
        LEADER("kill -9 of the leader"),
        CONTROLLER("kill -9 of the controller, which is a follower"),
        BOTH("kill -9 of the leader, which is the controller"),
        COORDINATOR("kill -9 of the group's coordinator");

        private final String cell;

        Victim(String cell) {
            this.cell = cell;
        }
    }

    /** Told of each run as soon as it is over. */
    interface RunListener {
        void onRun(Map<String, Figures> cells);
    }

    void measure(ClusterContender contender, RunListener listener) throws Exception {
        try (RunningCluster cluster = RunningCluster.start(contender, scratch)) {
            for (int leader = 1; leader <= ClusterContender.BROKERS; leader++) {
                int first = leader;
                List<Integer> replicas = IntStream.range(0, ClusterContender.BROKERS)
                        .mapToObj(step -> (first - 1 + step) % ClusterContender.BROKERS + 1)
                        .toList();
                cluster.create(ledBy(leader), List.of(replicas));
            }
            // the coordinator's topic is made by the first commit
            try (AckedLoad first = AckedLoad.commits(cluster.bootstrap(), "first", ledBy(1))) {
                first.awaitCalm(1_000, PATIENCE_MS);
            }
            for (int run = 1; run <= runs; run++) {
                for (Victim victim : Victim.values()) {
                    Figures figures = run(cluster, victim);
                    System.err.println(contender.name() + ", run " + run + " of " + runs + ", " + victim.cell + ": "
                            + figures.values());
                    Map<String, Figures> cells = new LinkedHashMap<>();
                    cells.put(victim.cell, figures);
                    listener.onRun(cells);
                }
            }
        }
    }

    private static String ledBy(int broker) {
        return "led-by-" + broker;
    }

    private static Figures run(RunningCluster cluster, Victim victim) throws Exception {
        cluster.settle();
        int controller = cluster.controller();
        int other = controller % ClusterContender.BROKERS + 1;
        int killed = victim == Victim.CONTROLLER || victim == Victim.BOTH ? controller : other;
        double gapMillis;
        double failures;
        try (AckedLoad load = load(cluster, victim, controller, other)) {
            load.awaitCalm(STEADY_MS, PATIENCE_MS);
            load.forgetGaps();
            cluster.kill(killed);
            load.awaitCalm(CALM_MS, PATIENCE_MS);
            gapMillis = load.longestGapMillis();
            failures = load.failures();
        }
        long begin = System.nanoTime();
        cluster.restart(killed);
        cluster.settle();
        return new Figures()
                .put("longest gap ms", gapMillis)
                .put("calls that failed", failures)
                .put(
                        "s from restart to all in sync",
                        (System.nanoTime() - begin) / (double) TimeUnit.SECONDS.toNanos(1));
    }

    private static AckedLoad load(RunningCluster cluster, Victim victim, int controller, int other) throws Exception {
        return switch (victim) {
            case LEADER, CONTROLLER -> AckedLoad.records(cluster.bootstrap(), ledBy(other));
            case BOTH -> AckedLoad.records(cluster.bootstrap(), ledBy(controller));
            case COORDINATOR ->
                AckedLoad.commits(cluster.bootstrap(), groupCoordinatedBy(cluster, other), ledBy(controller));
        };
    }

    /** A group lives where the partition of the offsets topic is led that its name's hash says. */
    private static String groupCoordinatedBy(RunningCluster cluster, int broker) throws Exception {
        int partitions = cluster.admin()
                .describeTopics(List.of(OFFSETS))
                .allTopicNames()
                .get()
                .get(OFFSETS)
                .partitions()
                .size();
        for (int number = 0; number < 10_000; number++) {
            String group = "committers-" + number;
            if (cluster.leader(OFFSETS, (group.hashCode() & Integer.MAX_VALUE) % partitions) == broker) {
                return group;
            }
        }
        throw new IllegalStateException("broker " + broker + " leads no partition of " + OFFSETS);
    }
}
