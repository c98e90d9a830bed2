package io.barnabas.system.tests;

import java.io.IOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.Socket;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import java.util.concurrent.TimeUnit;

/** Apache Kafka or ZooKeeper themselves, from a directory of jars, in a process of their own. */
final class KafkaProcess implements AutoCloseable {
    private static final long PATIENCE_SECONDS = 120;

    private final Process process;
    private final Path output;

    private KafkaProcess(Process process, Path output) {
        this.process = process;
        this.output = output;
    }

    static KafkaProcess zooKeeper(Path jars, Path directory, int port) throws Exception {
        Files.createDirectories(directory);
        Path properties = write(
                directory.resolve("zookeeper.properties"),
                Map.of(
                        "dataDir",
                        directory.resolve("zookeeper").toString(),
                        "clientPort",
                        "" + port,
                        "clientPortAddress",
                        "127.0.0.1",
                        "admin.enableServer",
                        "false"));
        return start(
                jars,
                "org.apache.zookeeper.server.quorum.QuorumPeerMain",
                properties,
                directory.resolve("zookeeper.txt"),
                port);
    }

    /** @param settings of {@code server.properties}, all of them */
    static KafkaProcess broker(Path jars, Path directory, Map<String, String> settings, int port) throws Exception {
        Files.createDirectories(directory);
        Path properties = write(directory.resolve("kafka.properties"), settings);
        return start(jars, "kafka.Kafka", properties, directory.resolve("kafka.txt"), port);
    }

    /** SIGTERM, and waits for the orderly end. */
    void terminate() throws InterruptedException {
        process.destroy();
        if (!process.waitFor(PATIENCE_SECONDS, TimeUnit.SECONDS)) {
            throw new AssertionError("did not stop within " + PATIENCE_SECONDS + " s");
        }
    }

    String output() throws IOException {
        return Files.readString(output);
    }

    @Override
    public void close() throws InterruptedException {
        process.destroyForcibly().waitFor();
    }

    private static Path write(Path file, Map<String, String> settings) throws IOException {
        List<String> lines = new ArrayList<>();
        new TreeMap<>(settings).forEach((key, value) -> lines.add(key + "=" + value));
        return Files.write(file, lines);
    }

    private static KafkaProcess start(Path jars, String main, Path properties, Path output, int port) throws Exception {
        Process process = new ProcessBuilder(
                        Path.of(System.getProperty("java.home"), "bin", "java").toString(),
                        "-Xmx512m",
                        "-XX:TieredStopAtLevel=1",
                        "-cp",
                        jars + "/*",
                        main,
                        properties.toString())
                .redirectErrorStream(true)
                .redirectOutput(ProcessBuilder.Redirect.appendTo(output.toFile()))
                .start();
        KafkaProcess started = new KafkaProcess(process, output);
        long deadline = System.nanoTime() + TimeUnit.SECONDS.toNanos(PATIENCE_SECONDS);
        while (System.nanoTime() - deadline < 0) {
            if (!process.isAlive()) {
                throw new AssertionError(main + " ended:\n" + started.output());
            }
            try (Socket socket = new Socket()) {
                socket.connect(new InetSocketAddress(InetAddress.getLoopbackAddress(), port), 200);
                return started;
            } catch (IOException notYet) {
                process.waitFor(50, TimeUnit.MILLISECONDS);
            }
        }
        started.close();
        throw new AssertionError(main + " does not answer:\n" + started.output());
    }
}
