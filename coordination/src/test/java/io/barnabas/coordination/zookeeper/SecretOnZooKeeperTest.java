package io.barnabas.coordination.zookeeper;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.barnabas.coordination.store.CoordinationException;
import io.barnabas.runtime.time.Clock;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionStage;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.TimeUnit;
import org.apache.curator.test.TestingServer;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.DisplayName;
import org.junit.jupiter.api.Test;

@DisplayName("the cluster's secret")
class SecretOnZooKeeperTest {
    private TestingServer server;
    private ZooKeeperCoordination store;
    private ZooKeeperCoordination other;

    @BeforeEach
    void start() throws Exception {
        server = new TestingServer(true);
        store = open();
        other = open();
    }

    private ZooKeeperCoordination open() {
        return ZooKeeperCoordination.open(
                new ZooKeeperConfig(server.getConnectString(), 10_000, 10_000), null, Clock.system());
    }

    @AfterEach
    void stop() throws Exception {
        store.close();
        other.close();
        server.close();
    }

    @Test
    @DisplayName("is the first that was drawn, for all brokers and for good")
    void oneForAll() throws Exception {
        List<CompletableFuture<byte[]>> answers = new ArrayList<>();
        for (int drawn = 1; drawn <= 10; drawn++) {
            ZooKeeperCoordination broker = drawn % 2 == 0 ? store : other;
            answers.add(broker.clusterSecret().loadOrCreate(secret(drawn)).toCompletableFuture());
        }

        byte[] first = get(answers.get(0));
        for (CompletableFuture<byte[]> answer : answers) {
            assertThat(get(answer)).isEqualTo(first).hasSize(32);
        }
        assertThat(get(other.clusterSecret().loadOrCreate(secret(99)))).isEqualTo(first);
    }

    @Test
    @DisplayName("is kept where Kafka does not look")
    void format() throws Exception {
        get(store.clusterSecret().loadOrCreate(secret(1)));

        assertThat(new String(store.curator().getData().forPath("/barnabas/secret"), StandardCharsets.UTF_8))
                .isEqualTo("{\"version\":1,\"secret\":\"AQEBAQEBAQEBAQEBAQEBAQEBAQEBAQEBAQEBAQEBAQE=\"}");
    }

    @Test
    @DisplayName("is not replaced by another when it cannot be read, and not told in the complaint")
    void unreadable() throws Exception {
        store.curator()
                .create()
                .forPath(
                        "/barnabas/secret", "{\"version\":1,\"secret\":\"c2hvcnQ=\"}".getBytes(StandardCharsets.UTF_8));

        assertThatThrownBy(() -> get(store.clusterSecret().loadOrCreate(secret(1))))
                .isInstanceOf(ExecutionException.class)
                .cause()
                .isInstanceOf(CoordinationException.class)
                .hasMessageContaining("/barnabas/secret")
                .hasMessageNotContaining("c2hvcnQ");
    }

    private static byte[] secret(int value) {
        byte[] secret = new byte[32];
        Arrays.fill(secret, (byte) value);
        return secret;
    }

    private static <T> T get(CompletionStage<T> stage) throws Exception {
        return stage.toCompletableFuture().get(20, TimeUnit.SECONDS);
    }
}
