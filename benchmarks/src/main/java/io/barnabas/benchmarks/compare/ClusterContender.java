package io.barnabas.benchmarks.compare;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.stream.Collectors;
import java.util.stream.IntStream;

/**
 * A cluster of three brokers that can be started from nothing: with their own defaults, except that topics have three replicas of which two
 * must be in sync.
 *
 * @param name    as printed
 * @param raft    whether the brokers elect the controller among themselves, without ZooKeeper
 * @param factory makes the commands
 */
record ClusterContender(String name, boolean raft, Factory factory) {
    static final int BROKERS = 3;

    private static final String CLUSTER_ID = "MkU3OEVBNTcwNTJENDM2Qk";

    /** Makes the commands for a fresh directory and free ports. */
    interface Factory {
        /**
         * @param ports           of the brokers, broker 1 first
         * @param controllerPorts as many, for whoever needs them; the first is ZooKeeper's
         */
        Commands commands(Path directory, List<Integer> ports, List<Integer> controllerPorts) throws IOException;
    }

    /**
     * What is run.
     *
     * @param before  run first, in this order; servers among them stay
     * @param brokers the command of each, broker 1 first
     */
    record Commands(List<Contender.Step> before, List<List<String>> brokers) {}

    /** This repository's launcher, and a ZooKeeper in a process of its own. */
    static ClusterContender barnabas(Path root, Path zooKeeperJars, String heap) {
        return new ClusterContender("barnabas", false, (directory, ports, others) -> {
            List<List<String>> brokers = new ArrayList<>();
            for (int id = 1; id <= BROKERS; id++) {
                Path config = write(directory, id, ports.get(id - 1), zooKeeper(id, others.get(0), ports.get(id - 1)));
                brokers.add(List.of(
                        "env",
                        "BARNABAS_HEAP_OPTS=" + heap,
                        "BARNABAS_JAVA_HOME=" + System.getProperty("java.home"),
                        root.resolve("bin/barnabas").toString(),
                        "start",
                        config.toString()));
            }
            return new Commands(List.of(zooKeeper(zooKeeperJars, directory, others.get(0))), brokers);
        });
    }

    static ClusterContender kafkaWithZooKeeper(Path jars, String version, String heap) {
        return new ClusterContender("kafka-" + version, false, (directory, ports, others) -> {
            List<List<String>> brokers = new ArrayList<>();
            for (int id = 1; id <= BROKERS; id++) {
                Path config = write(directory, id, ports.get(id - 1), zooKeeper(id, others.get(0), ports.get(id - 1)));
                brokers.add(Contender.java(jars, heap, "kafka.Kafka", config.toString()));
            }
            return new Commands(List.of(zooKeeper(jars, directory, others.get(0))), brokers);
        });
    }

    /** Three processes, each broker and controller at once. */
    static ClusterContender kafkaWithRaft(Path jars, String version, String heap) {
        return new ClusterContender("kafka-" + version, true, (directory, ports, others) -> {
            String voters = IntStream.rangeClosed(1, BROKERS)
                    .mapToObj(id -> id + "@127.0.0.1:" + others.get(id - 1))
                    .collect(Collectors.joining(","));
            List<Contender.Step> format = new ArrayList<>();
            List<List<String>> brokers = new ArrayList<>();
            for (int id = 1; id <= BROKERS; id++) {
                String listeners =
                        "PLAINTEXT://127.0.0.1:" + ports.get(id - 1) + ",CONTROLLER://127.0.0.1:" + others.get(id - 1);
                Path config = write(
                        directory,
                        id,
                        ports.get(id - 1),
                        "process.roles=broker,controller\nnode.id=" + id + "\ncontroller.listener.names=CONTROLLER\n"
                                + "controller.quorum.voters=" + voters + "\nlisteners=" + listeners + "\n"
                                + "listener.security.protocol.map=PLAINTEXT:PLAINTEXT,CONTROLLER:PLAINTEXT\n");
                format.add(new Contender.Step(
                        Contender.java(
                                jars,
                                "-Xmx256m",
                                "kafka.tools.StorageTool",
                                "format",
                                "-t",
                                CLUSTER_ID,
                                "-c",
                                config.toString()),
                        false,
                        0));
                brokers.add(Contender.java(jars, heap, "kafka.Kafka", config.toString()));
            }
            return new Commands(format, brokers);
        });
    }

    private static Contender.Step zooKeeper(Path jars, Path directory, int port) throws IOException {
        Path config = directory.resolve("zookeeper.properties");
        Files.writeString(
                config,
                "dataDir=" + directory.resolve("zookeeper") + "\nclientPort=" + port
                        + "\nclientPortAddress=127.0.0.1\nmaxClientCnxns=0\nadmin.enableServer=false\n");
        return new Contender.Step(
                Contender.java(
                        jars, "-Xmx512m", "org.apache.zookeeper.server.quorum.QuorumPeerMain", config.toString()),
                true,
                port);
    }

    private static String zooKeeper(int id, int zooKeeperPort, int port) {
        return "broker.id=" + id + "\nzookeeper.connect=127.0.0.1:" + zooKeeperPort
                + "\nlisteners=PLAINTEXT://127.0.0.1:" + port + "\n";
    }

    private static Path write(Path directory, int id, int port, String own) throws IOException {
        return Files.writeString(
                directory.resolve("broker-" + id + ".properties"),
                own + "log.dirs=" + directory.resolve("data-" + id) + "\n"
                        + "advertised.listeners=PLAINTEXT://127.0.0.1:" + port + "\n"
                        + "default.replication.factor=3\nmin.insync.replicas=2\n"
                        + "offsets.topic.replication.factor=3\n");
    }
}
