package io.barnabas.coordination.zookeeper;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import io.barnabas.runtime.time.Clock;
import java.nio.file.Path;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.DisplayName;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class EmbeddedZooKeeperTest {
    @TempDir
    private Path directory;

    @Test
    @DisplayName("the server inside keeps its data and its port over a restart (DESIGN D13)")
    void dataAndPortStay() throws Exception {
        int port;
        try (EmbeddedZooKeeper server = EmbeddedZooKeeper.start(directory, 0);
                ZooKeeperCoordination store = connect(server)) {
            port = server.port();
            assertThat(store.clusterId()
                            .loadOrCreate("one")
                            .toCompletableFuture()
                            .get(10, TimeUnit.SECONDS))
                    .isEqualTo("one");
        }

        try (EmbeddedZooKeeper server = EmbeddedZooKeeper.start(directory, 2181);
                ZooKeeperCoordination store = connect(server)) {
            assertThat(server.port()).isEqualTo(port);
            assertThat(store.clusterId()
                            .loadOrCreate("two")
                            .toCompletableFuture()
                            .get(10, TimeUnit.SECONDS))
                    .isEqualTo("one");
        }
    }

    @Test
    @DisplayName("a taken port makes way for the next free one (DESIGN D13)")
    void nextFreePort() {
        try (EmbeddedZooKeeper first = EmbeddedZooKeeper.start(directory.resolve("a"), 0);
                EmbeddedZooKeeper second = EmbeddedZooKeeper.start(directory.resolve("b"), first.port())) {
            assertThat(second.port()).isGreaterThan(first.port());
        }
    }

    @Test
    @DisplayName("of the server's own snapshots three are kept (DESIGN D13)")
    void oldSnapshotsAreRemoved() {
        for (int start = 0; start < 6; start++) {
            try (EmbeddedZooKeeper server = EmbeddedZooKeeper.start(directory, 0);
                    ZooKeeperCoordination store = connect(server)) {
                assertThat(store.isConnected()).isTrue();
            }
        }

        try (EmbeddedZooKeeper server = EmbeddedZooKeeper.start(directory, 0)) {
            assertThat(server.port()).isPositive();
            await().untilAsserted(() -> {
                String[] snapshots = directory
                        .resolve("snap/version-2")
                        .toFile()
                        .list((folder, name) -> name.startsWith("snapshot."));
                assertThat(snapshots).hasSizeBetween(3, 4);
            });
        }
    }

    private static ZooKeeperCoordination connect(EmbeddedZooKeeper server) {
        return ZooKeeperCoordination.open(
                new ZooKeeperConfig(server.connectString(), 6_000, 6_000), null, Clock.system());
    }
}
