package io.barnabas.system.tests;

import static org.assertj.core.api.Assertions.assertThat;

import java.net.InetAddress;
import java.net.ServerSocket;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.HashMap;
import java.util.Map;
import org.junit.jupiter.api.DisplayName;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** A broker that cannot serve says why in one line that a person can act on, exits with 1, and touches nothing. */
class RefusalToStartTest {
    @TempDir
    Path directory;

    @Test
    @DisplayName("a port in use")
    void portInUse() throws Exception {
        try (ServerSocket taken = new ServerSocket(0, 1, InetAddress.getLoopbackAddress())) {
            String error = refused(Map.of("listeners", "PLAINTEXT://127.0.0.1:" + taken.getLocalPort()));

            assertThat(error).contains("" + taken.getLocalPort()).contains("in use");
        }
    }

    @Test
    @DisplayName("a ZooKeeper that nobody answers for")
    void zooKeeperUnreachable() throws Exception {
        int free;
        try (ServerSocket socket = new ServerSocket(0, 1, InetAddress.getLoopbackAddress())) {
            free = socket.getLocalPort();
        }

        String error =
                refused(Map.of("zookeeper.connect", "127.0.0.1:" + free, "zookeeper.connection.timeout.ms", "1500"));

        assertThat(error).containsIgnoringCase("zookeeper").contains("" + free);
    }

    @Test
    @DisplayName("wrong values: every mistake in one message")
    void wrongValues() throws Exception {
        String error = refused(Map.of("num.partitions", "many", "log.segment.bytes", "3", "broker.id", "-7"));

        assertThat(error).contains("num.partitions=many", "log.segment.bytes=3", "broker.id=-7");
    }

    @Test
    @DisplayName("less protection than the file asks for (D14)")
    void lessProtection() throws Exception {
        assertThat(refused(Map.of("authorizer.class.name", "kafka.security.authorizer.AclAuthorizer")))
                .contains("authorizer.class.name");
        assertThat(refused(Map.of("listeners", "SSL://127.0.0.1:0"))).contains("SSL");
        assertThat(refused(Map.of("zookeeper.set.acl", "true"))).contains("zookeeper.set.acl");
        assertThat(refused(Map.of("process.roles", "broker"))).contains("process.roles");
    }

    @Test
    @DisplayName("a data directory of another broker or of another cluster (LOG-09)")
    void foreignDirectory() throws Exception {
        try (LiveBroker broker = LiveBroker.start(directory, Map.of("broker.id", "1"))) {
            broker.terminate();
        }
        assertThat(refused(Map.of("broker.id", "2")))
                .contains("meta.properties")
                .contains("broker");

        Path meta = directory.resolve("data/meta.properties");
        Files.writeString(
                meta, Files.readString(meta).replaceAll("cluster.id=.*", "cluster.id=AAAAAAAAAAAAAAAAAAAAAA"));
        assertThat(refused(Map.of("broker.id", "1"))).contains("cluster");
    }

    @Test
    @DisplayName("a data directory of KRaft")
    void kraftDirectory() throws Exception {
        Files.createDirectories(directory.resolve("data"));
        Files.writeString(
                directory.resolve("data/meta.properties"),
                "version=1\nnode.id=1\ncluster.id=MkU3OEVBNTcwNTJENDM2Qk\ndirectory.id=AAAAAAAAAAAAAAAAAAAAAA\n");

        assertThat(refused(Map.of())).contains("KRaft");
    }

    @Test
    @DisplayName("a data directory that another process holds (LOG-11)")
    void heldDirectory() throws Exception {
        try (LiveBroker broker = LiveBroker.start(directory, Map.of())) {
            assertThat(refused(Map.of())).contains("lock");
            assertThat(broker.isAlive()).isTrue();
        }
    }

    /** Starts a broker that must refuse; gives back its one line of complaint. */
    private String refused(Map<String, String> settings) throws Exception {
        Path errors = directory.resolve("errors.txt");
        Files.deleteIfExists(errors);
        try (LiveBroker broker = LiveBroker.launch(directory, new HashMap<>(settings))) {
            assertThat(broker.awaitExit()).isEqualTo(1);
            assertThat(broker.errors()).doesNotContain("\tat ");
            return broker.errors();
        }
    }
}
