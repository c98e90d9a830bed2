package io.barnabas.benchmarks.compare;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;

/**
 * A broker that can be started from nothing.
 *
 * @param name  as printed
 * @param consumerProtocol whether it serves KIP-848
 * @param steps commands to run in order; all but those marked as servers must end by themselves before the next begins
 */
record Contender(String name, boolean consumerProtocol, Factory steps) {
    /** Makes the commands for a fresh directory and free ports. */
    interface Factory {
        List<Step> commands(Path directory, int port, int otherPort) throws IOException;
    }

    /**
     * One process.
     *
     * @param server    it stays; its CPU and memory are counted
     * @param readyPort a server is waited for by connecting to this port
     */
    record Step(List<String> command, boolean server, int readyPort) {}

    /** The launcher of this repository, ZooKeeper embedded, the given heap. */
    static Contender barnabas(Path root, String heap) {
        return new Contender("barnabas", true, (directory, port, other) -> {
            Path config = directory.resolve("server.properties");
            Files.writeString(
                    config,
                    common(directory, port)
                            + "zookeeper.connect=embedded\n"
                            + "listeners=PLAINTEXT://127.0.0.1:" + port + "\n");
            return List.of(new Step(
                    List.of(
                            "env",
                            "BARNABAS_HEAP_OPTS=" + heap,
                            "BARNABAS_JAVA_HOME=" + System.getProperty("java.home"),
                            root.resolve("bin/barnabas").toString(),
                            "start",
                            config.toString()),
                    true,
                    port));
        });
    }

    /** Kafka with ZooKeeper in a process of its own. */
    static Contender kafkaWithZooKeeper(Path jars, String version, String heap) {
        return new Contender("kafka-" + version, false, (directory, port, zooKeeperPort) -> {
            Path zoo = directory.resolve("zookeeper.properties");
            Files.writeString(
                    zoo,
                    "dataDir=" + directory.resolve("zookeeper") + "\nclientPort=" + zooKeeperPort
                            + "\nclientPortAddress=127.0.0.1\nmaxClientCnxns=0\nadmin.enableServer=false\n");
            Path config = directory.resolve("server.properties");
            Files.writeString(
                    config,
                    common(directory, port)
                            + "broker.id=1\nzookeeper.connect=127.0.0.1:" + zooKeeperPort + "\n"
                            + "listeners=PLAINTEXT://127.0.0.1:" + port + "\n");
            return List.of(
                    new Step(
                            java(jars, "-Xmx512m", "org.apache.zookeeper.server.quorum.QuorumPeerMain", zoo.toString()),
                            true,
                            zooKeeperPort),
                    new Step(java(jars, heap, "kafka.Kafka", config.toString()), true, port));
        });
    }

    /** Kafka with its own Raft, broker and controller in one process. */
    static Contender kafkaWithRaft(Path jars, String version, String heap) {
        return new Contender("kafka-" + version, true, (directory, port, controllerPort) -> {
            Path config = directory.resolve("server.properties");
            Files.writeString(
                    config,
                    common(directory, port)
                            + "process.roles=broker,controller\nnode.id=1\n"
                            + "controller.listener.names=CONTROLLER\n"
                            + "controller.quorum.voters=1@127.0.0.1:" + controllerPort + "\n"
                            + "listener.security.protocol.map=PLAINTEXT:PLAINTEXT,CONTROLLER:PLAINTEXT\n"
                            + "listeners=PLAINTEXT://127.0.0.1:" + port + ",CONTROLLER://127.0.0.1:" + controllerPort
                            + "\n");
            return List.of(
                    new Step(
                            java(
                                    jars,
                                    "-Xmx256m",
                                    "kafka.tools.StorageTool",
                                    "format",
                                    "-t",
                                    "MkU3OEVBNTcwNTJENDM2Qk",
                                    "-c",
                                    config.toString()),
                            false,
                            0),
                    new Step(java(jars, heap, "kafka.Kafka", config.toString()), true, port));
        });
    }

    private static String common(Path directory, int port) {
        return "log.dirs=" + directory.resolve("data") + "\n"
                + "advertised.listeners=PLAINTEXT://127.0.0.1:" + port + "\n"
                + "num.partitions=4\nauto.create.topics.enable=true\n"
                + "offsets.topic.replication.factor=1\ntransaction.state.log.replication.factor=1\n"
                + "transaction.state.log.min.isr=1\n"
                // so that the loss of a member can be measured in seconds
                + "group.consumer.min.session.timeout.ms=6000\ngroup.consumer.session.timeout.ms=6000\n";
    }

    /** Kafka's own start script sets these flags. */
    static List<String> java(Path jars, String heap, String main, String... arguments) {
        List<String> command = new ArrayList<>();
        command.add(Path.of(System.getProperty("java.home"), "bin", "java").toString());
        command.addAll(List.of(heap.split(" ")));
        command.addAll(List.of(
                "-server",
                "-XX:+UseG1GC",
                "-XX:MaxGCPauseMillis=20",
                "-XX:InitiatingHeapOccupancyPercent=35",
                "-XX:+ExplicitGCInvokesConcurrent",
                "-Djava.awt.headless=true",
                "-cp",
                jars + "/*",
                main));
        command.addAll(List.of(arguments));
        return command;
    }
}
