package io.barnabas.broker.app;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.PrintStream;
import java.net.InetAddress;
import java.net.ServerSocket;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.DisplayName;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

/** {@code barnabas dev}. */
@Timeout(120)
class DevMainTest {
    @TempDir
    private Path directory;

    private final ByteArrayOutputStream out = new ByteArrayOutputStream();
    private final ByteArrayOutputStream err = new ByteArrayOutputStream();
    private final List<DevCluster> running = new ArrayList<>();

    @AfterEach
    void stop() {
        running.forEach(DevCluster::close);
    }

    @Test
    @DisplayName("a cluster of one starts, says where it is, stops, and starts again with its data")
    void startsAndStarts() {
        assertThat(run("--brokers", "1", "--port=0", "--data", data())).isZero();
        String clusterId = running.get(0).brokers().get(0).clusterId();

        assertThat(output().lines().toList())
                .hasSize(2)
                .first()
                .asString()
                .matches("started broker\\.id=1 listeners=PLAINTEXT://localhost:\\d+ http=127\\.0\\.0\\.1:\\d+");
        assertThat(output().lines().toList().get(1))
                .matches("cluster brokers=1 bootstrap=localhost:\\d+ zookeeper=127\\.0\\.0\\.1:\\d+ data=.*dev");

        running.remove(0).close();
        assertThat(run("--brokers=1", "--port", "0", "--data", data())).isZero();

        assertThat(running.get(0).brokers().get(0).clusterId()).isEqualTo(clusterId);
    }

    @Test
    @DisplayName("without --data everything lies in a temporary directory that is removed at the end")
    void leavesNothing() {
        assertThat(run("--brokers", "1", "--port", "0")).isZero();
        Path data = running.get(0).data();
        assertThat(data).isDirectory();

        running.remove(0).close();

        assertThat(data).doesNotExist();
    }

    @Test
    @DisplayName("a directory serves one cluster at a time")
    void directoryInUse() {
        assertThat(run("--brokers", "1", "--port", "0", "--data", data())).isZero();

        assertThat(run("--brokers", "1", "--port", "0", "--data", data())).isEqualTo(1);

        assertThat(errors()).contains("is in use by another process").hasLineCount(1);
    }

    @Test
    @DisplayName("mistakes are told together, and nothing is started (D14)")
    void mistakes() {
        assertThat(run("--brokers", "none", "--port", "70000", "more", "--data="))
                .isEqualTo(1);
        assertThat(errors())
                .contains("--brokers=none: must be a whole number")
                .contains("--port=70000: must be between 0 and ")
                .contains("more: not understood; usage: dev ")
                .contains("--data: give a directory");

        assertThat(run("--brokers", "1", "--override", "num.partitions=none", "--data", data()))
                .isEqualTo(1);
        assertThat(errors()).contains("num.partitions=none: must be a whole number");
        assertThat(directory.resolve("dev")).doesNotExist();
        assertThat(out.size()).isZero();
    }

    @Test
    @DisplayName("a port in use: one line that names it, and the directory can be used again")
    void portInUse() throws IOException {
        try (ServerSocket taken = new ServerSocket(0, 1, InetAddress.getLoopbackAddress())) {
            assertThat(run("--brokers", "1", "--port", "" + taken.getLocalPort(), "--data", data()))
                    .isEqualTo(1);
        }
        assertThat(errors()).startsWith("cannot start: cannot listen on ").hasLineCount(1);

        assertThat(run("--brokers", "1", "--port", "0", "--data", data())).isZero();
    }

    private String data() {
        return directory.resolve("dev").toString();
    }

    private int run(String... arguments) {
        return DevMain.run(
                List.of(arguments),
                new PrintStream(out, true, StandardCharsets.UTF_8),
                new PrintStream(err, true, StandardCharsets.UTF_8),
                running::add);
    }

    private String output() {
        return out.toString(StandardCharsets.UTF_8);
    }

    private String errors() {
        return err.toString(StandardCharsets.UTF_8);
    }
}
