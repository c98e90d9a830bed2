package io.barnabas.broker.app;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.PrintStream;
import java.net.InetAddress;
import java.net.ServerSocket;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import org.junit.jupiter.api.DisplayName;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

/** Starts that must not succeed: each ends with status 1 and says what is wrong. */
@Timeout(60)
class BrokerMainTest {
    @TempDir
    private Path directory;

    private final ByteArrayOutputStream out = new ByteArrayOutputStream();
    private final ByteArrayOutputStream err = new ByteArrayOutputStream();

    @Test
    @DisplayName("all mistakes of the file and the overrides in one message (D14)")
    void wrongProperties() throws IOException {
        Path file = Files.writeString(
                directory.resolve("server.properties"), "num.partitions=none\nprocess.roles=broker\n");

        assertThat(run(file.toString(), "--override", "log.segment.bytes=1")).isEqualTo(1);

        assertThat(errors())
                .contains("num.partitions=none: must be a whole number")
                .contains("process.roles=broker: ")
                .contains("log.segment.bytes=1: must be at least 14");
        assertThat(out.size()).isZero();
    }

    @Test
    @DisplayName("arguments that are not understood, and a file that is not there")
    void wrongArguments() {
        assertThat(run("--verbose")).isEqualTo(1);
        assertThat(errors()).contains("--verbose: not understood");

        assertThat(run(directory.resolve("nowhere.properties").toString())).isEqualTo(1);
        assertThat(errors()).contains("no such file");
    }

    @Test
    @DisplayName("a port in use: one line that names it")
    void portInUse() throws IOException {
        try (ServerSocket taken = new ServerSocket(0, 1, InetAddress.getLoopbackAddress())) {
            String listener = "PLAINTEXT://127.0.0.1:" + taken.getLocalPort();

            assertThat(run("--override", "listeners=" + listener, "--override", logDirs()))
                    .isEqualTo(1);

            assertThat(errors())
                    .startsWith("cannot start: cannot listen on " + listener)
                    .hasLineCount(1);
        }
    }

    @Test
    @DisplayName("ZooKeeper that does not answer: one line that names it, soon after its time-out")
    void noZooKeeper() throws IOException {
        int nobody;
        try (ServerSocket closed = new ServerSocket(0, 1, InetAddress.getLoopbackAddress())) {
            nobody = closed.getLocalPort();
        }

        assertThat(run(
                        "--override",
                        "zookeeper.connect=127.0.0.1:" + nobody,
                        "--override",
                        "zookeeper.connection.timeout.ms=500",
                        "--override",
                        "listeners=PLAINTEXT://127.0.0.1:0",
                        "--override",
                        logDirs()))
                .isEqualTo(1);

        assertThat(errors()).startsWith("cannot start: ").contains("127.0.0.1:" + nobody);
    }

    @Test
    @DisplayName("a directory that was formatted for KRaft is refused (D13, D14)")
    void kraftDirectory() throws IOException {
        Path logs = Files.createDirectories(directory.resolve("log"));
        Files.writeString(logs.resolve("meta.properties"), "version=1\nnode.id=1\ncluster.id=x\ndirectory.id=y\n");

        assertThat(run("--override", "listeners=PLAINTEXT://127.0.0.1:0", "--override", logDirs()))
                .isEqualTo(1);

        assertThat(errors()).contains("KRaft");
    }

    @Test
    @DisplayName("data of a cluster whose ZooKeeper is elsewhere is not served with an embedded one (D13)")
    void foreignData() throws IOException {
        Path logs = Files.createDirectories(directory.resolve("log"));
        Files.writeString(logs.resolve("meta.properties"), "version=0\nbroker.id=1\ncluster.id=elsewhere\n");

        assertThat(run("--override", "listeners=PLAINTEXT://127.0.0.1:0", "--override", logDirs()))
                .isEqualTo(1);

        assertThat(errors()).contains("cluster elsewhere").contains("zookeeper.connect");
        assertThat(directory.resolve("log-zookeeper")).doesNotExist();
    }

    @Test
    @DisplayName("two directories of different brokers are refused (LOG-09)")
    void twoOwners() throws IOException {
        Files.writeString(
                Files.createDirectories(directory.resolve("a")).resolve("meta.properties"),
                "version=0\nbroker.id=1\ncluster.id=c\n");
        Files.writeString(
                Files.createDirectories(directory.resolve("b")).resolve("meta.properties"),
                "version=0\nbroker.id=2\ncluster.id=c\n");

        assertThat(run(
                        "--override",
                        "listeners=PLAINTEXT://127.0.0.1:0",
                        "--override",
                        "log.dirs=" + directory.resolve("a") + "," + directory.resolve("b")))
                .isEqualTo(1);

        assertThat(errors()).contains("belongs to broker 2").contains("to broker 1");
    }

    private String logDirs() {
        return "log.dirs=" + directory.resolve("log");
    }

    private int run(String... arguments) {
        return BrokerMain.run(
                List.of(arguments),
                new PrintStream(out, true, StandardCharsets.UTF_8),
                new PrintStream(err, true, StandardCharsets.UTF_8));
    }

    private String errors() {
        return err.toString(StandardCharsets.UTF_8);
    }
}
