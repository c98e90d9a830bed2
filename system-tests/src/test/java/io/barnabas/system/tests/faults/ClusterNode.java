package io.barnabas.system.tests.faults;

import io.barnabas.system.tests.LiveBroker;
import java.io.IOException;
import java.nio.file.FileVisitResult;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.SimpleFileVisitor;
import java.nio.file.attribute.BasicFileAttributes;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;

/** One broker of a {@link LiveCluster}: its settings, its directories and the process it lives in, if any. */
final class ClusterNode {
    private final int id;
    private final Path directory;
    private final String host;
    private final int port;
    private final Path kafkaJars;
    private final Map<String, String> settings;
    private final List<String> prefix = new ArrayList<>();
    private final Map<String, String> environment = new HashMap<>();

    private NodeProcess process;

    /** @param kafkaJars where Apache Kafka's jars are if this is to be Kafka itself; null for Barnabas */
    ClusterNode(int id, Path directory, String host, int port, Path kafkaJars, Map<String, String> settings) {
        this.id = id;
        this.directory = directory;
        this.host = host;
        this.port = port;
        this.kafkaJars = kafkaJars;
        this.settings = new TreeMap<>(settings);
    }

    int id() {
        return id;
    }

    /** Where it really listens to clients; what it advertises may be a {@link FaultProxy}. */
    int port() {
        return port;
    }

    Path directory() {
        return directory;
    }

    /** Effective at the next start. */
    ClusterNode with(String key, String value) {
        settings.put(key, value);
        return this;
    }

    String setting(String key) {
        return settings.get(key);
    }

    /** The command that runs the broker's command, such as one that enters a network namespace. */
    ClusterNode under(List<String> command) {
        prefix.addAll(command);
        return this;
    }

    ClusterNode environment(String key, String value) {
        environment.put(key, value);
        return this;
    }

    List<Path> logDirectories() {
        return java.util.Arrays.stream(settings.get("log.dirs").split(","))
                .map(Path::of)
                .toList();
    }

    /** Where the replica of a partition lies. */
    Path replica(String topic, int partition) {
        for (Path logs : logDirectories()) {
            Path replica = logs.resolve(topic + "-" + partition);
            if (Files.isDirectory(replica)) {
                return replica;
            }
        }
        throw new AssertionError("broker " + id + " has no replica of " + topic + "-" + partition);
    }

    /** Starts without waiting. */
    void launch() throws IOException {
        Files.createDirectories(directory);
        List<String> lines = new ArrayList<>();
        settings.forEach((key, value) -> lines.add(key + "=" + value));
        Path properties = Files.write(directory.resolve("server.properties"), lines);
        List<String> command = new ArrayList<>(prefix);
        command.addAll(List.of(LiveBroker.java(), "-Xmx256m", "-XX:+UseSerialGC", "-XX:TieredStopAtLevel=1"));
        if (kafkaJars == null) {
            command.addAll(List.of("-ea", "-cp", LiveBroker.classPath(), "io.barnabas.broker.app.BrokerMain"));
        } else {
            command.addAll(List.of("-cp", kafkaJars + "/*", "kafka.Kafka"));
        }
        command.add(properties.toString());
        process = NodeProcess.start(command, environment, directory.resolve("output.txt"));
    }

    /** Waits until it serves clients. */
    void awaitServing() throws Exception {
        NodeProcess starting = process;
        starting.await("broker " + id + " serves", () -> {
            try {
                return kafkaJars == null
                        ? starting.output().contains("started broker.id=")
                        : Listening.answers(host, port);
            } catch (IOException e) {
                throw new java.io.UncheckedIOException(e);
            }
        });
    }

    void start() throws Exception {
        launch();
        awaitServing();
    }

    NodeProcess process() {
        return process;
    }

    boolean isAlive() {
        return process != null && process.isAlive();
    }

    void kill() throws InterruptedException {
        process.kill();
    }

    void pause() throws Exception {
        process.pause();
    }

    void resume() throws Exception {
        process.resume();
    }

    void terminate() throws InterruptedException {
        int code = process.terminate();
        if (code != 0 && code != 143) {
            throw new AssertionError("broker " + id + " ended with " + code);
        }
    }

    /** Its disks are replaced by empty ones. */
    void wipe() throws IOException {
        for (Path logs : logDirectories()) {
            deleteAll(logs);
        }
    }

    static void deleteAll(Path root) throws IOException {
        Files.walkFileTree(root, new SimpleFileVisitor<>() {
            @Override
            public FileVisitResult visitFile(Path file, BasicFileAttributes attributes) throws IOException {
                Files.delete(file);
                return FileVisitResult.CONTINUE;
            }

            @Override
            public FileVisitResult postVisitDirectory(Path directory, IOException failure) throws IOException {
                Files.delete(directory);
                return FileVisitResult.CONTINUE;
            }
        });
    }
}
