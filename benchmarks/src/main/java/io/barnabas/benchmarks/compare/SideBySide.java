package io.barnabas.benchmarks.compare;

import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;

/**
 * Runs every contender in turn, round after round, and prints the figures as Markdown.
 *
 * <p>Started by {@code benchmarks/side-by-side}; its arguments are {@code --root}, {@code --kafka-jars} (a directory with one directory of
 * jars per release), {@code --rounds}, {@code --seconds}, {@code --warm-up}, {@code --heap}, {@code --only} (contenders) {@code --loads} (log, groups, commits, compaction,
 * replication, failover, scale; only the first two when none is named), {@code --compaction-mb} (written before each compaction) and {@code --runs}
 * (kills of each kind in a round of failover) and {@code --partitions} (of a cluster at scale). Replication, failover and scale are put to clusters of three brokers.
 */
public final class SideBySide {
    private SideBySide() {}

    public static void main(String[] arguments) throws Exception {
        Map<String, String> options = options(arguments);
        Path root = Path.of(options.getOrDefault("--root", ".")).toAbsolutePath();
        Path jars = Path.of(options.getOrDefault("--kafka-jars", root + "/benchmarks/target/kafka"))
                .toAbsolutePath();
        int rounds = Integer.parseInt(options.getOrDefault("--rounds", "3"));
        double seconds = Double.parseDouble(options.getOrDefault("--seconds", "8"));
        double warmUp = Double.parseDouble(options.getOrDefault("--warm-up", "20"));
        String heap = options.getOrDefault("--heap", "-Xms1g -Xmx1g");
        String only = options.getOrDefault("--only", "");
        String loads = options.getOrDefault("--loads", "log groups");

        List<Contender> contenders = new ArrayList<>(List.of(
                Contender.barnabas(root, heap),
                Contender.kafkaWithZooKeeper(jars.resolve("3.9.2"), "3.9.2", heap),
                Contender.kafkaWithRaft(jars.resolve("4.3.1"), "4.3.1", heap)));
        contenders.removeIf(contender -> !only.isEmpty() && !only.contains(contender.name()));
        List<ClusterContender> clusters = new ArrayList<>(List.of(
                ClusterContender.barnabas(root, jars.resolve("3.9.2"), heap),
                ClusterContender.kafkaWithZooKeeper(jars.resolve("3.9.2"), "3.9.2", heap),
                ClusterContender.kafkaWithRaft(jars.resolve("4.3.1"), "4.3.1", heap)));
        clusters.removeIf(cluster -> !only.isEmpty() && !only.contains(cluster.name()));

        Path scratch = Files.createTempDirectory("barnabas-side-by-side");
        Report report = new Report();
        Cells cells = new Cells(scratch, seconds, warmUp);
        GroupCells groups = new GroupCells(scratch, seconds);
        CompactionCells compaction =
                new CompactionCells(scratch, Long.parseLong(options.getOrDefault("--compaction-mb", "500")));
        ReplicationCells replication = new ReplicationCells(scratch, seconds, warmUp);
        FailoverCells failover = new FailoverCells(scratch, Integer.parseInt(options.getOrDefault("--runs", "10")));
        ScaleCells scale = new ScaleCells(scratch, Integer.parseInt(options.getOrDefault("--partitions", "10000")));
        try {
            for (int round = 1; round <= rounds; round++) {
                for (Contender contender : contenders) {
                    System.err.println("round " + round + " of " + rounds + ": " + contender.name());
                    if (loads.contains("log")) {
                        report.add(contender.name(), cells.measure(contender));
                    }
                    if (loads.contains("groups")) {
                        report.add(contender.name(), groups.measure(contender));
                    }
                    if (loads.contains("commits")) {
                        report.add(contender.name(), groups.measureCommits(contender));
                    }
                    if (loads.contains("compaction")) {
                        report.add(contender.name(), compaction.measure(contender));
                    }
                }
                for (ClusterContender cluster : clusters) {
                    if (loads.contains("replication")) {
                        System.err.println("round " + round + " of " + rounds + ": replication, " + cluster.name());
                        report.add(cluster.name(), replication.measure(cluster));
                    }
                    if (loads.contains("failover")) {
                        System.err.println("round " + round + " of " + rounds + ": failover, " + cluster.name());
                        failover.measure(cluster, run -> report.add(cluster.name(), run));
                    }
                    if (loads.contains("scale")) {
                        System.err.println("round " + round + " of " + rounds + ": scale, " + cluster.name());
                        report.add(cluster.name(), scale.measure(cluster));
                    }
                }
            }
        } finally {
            Files.deleteIfExists(scratch);
        }
        System.out.println("Heap " + heap + ", " + rounds + " rounds, " + seconds + " s a cell after " + warmUp
                + " s of warm-up; Java " + Runtime.version() + ", "
                + Runtime.getRuntime().availableProcessors() + " cores, " + System.getProperty("os.name") + " "
                + System.getProperty("os.version"));
        report.print(System.out, "barnabas");
    }

    private static Map<String, String> options(String[] arguments) {
        if (arguments.length % 2 != 0) {
            throw new IllegalArgumentException("options come in pairs: --name value");
        }
        Map<String, String> options = new java.util.LinkedHashMap<>();
        for (int i = 0; i < arguments.length; i += 2) {
            options.put(arguments[i], arguments[i + 1]);
        }
        return options;
    }
}
