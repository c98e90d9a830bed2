package io.barnabas.coordination.zookeeper;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import io.barnabas.coordination.control.BrokerInfo;
import io.barnabas.coordination.store.BrokerRegistration;
import io.barnabas.coordination.store.BrokerRegistry.RegistrationListener;
import io.barnabas.coordination.store.Term;
import io.barnabas.model.BrokerId;
import io.barnabas.runtime.time.Clock;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.concurrent.CompletionStage;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicInteger;
import org.apache.zookeeper.ZooKeeper;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.DisplayName;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

@DisplayName("(CTRL-06) a session that ended while its client was cut off for longer than clients wait")
class EnduringSessionTest {
    private static final BrokerId ONE = new BrokerId(1);
    private static final Duration PATIENCE = Duration.ofSeconds(60);
    private static final int SESSION_MS = 2_000;

    @TempDir
    private Path directory;

    private EmbeddedZooKeeper server;
    private ZooKeeperCoordination store;
    private final EndedSessions ended = new EndedSessions();
    private final List<Long> registered = new CopyOnWriteArrayList<>();
    private final AtomicInteger lost = new AtomicInteger();
    private final List<String> refused = new CopyOnWriteArrayList<>();

    @BeforeEach
    void register() throws Exception {
        server = EmbeddedZooKeeper.start(directory.resolve("first"), 0);
        store = connect(server, SESSION_MS);
        store.session().listen(ended);
        get(store.brokers().register(new BrokerRegistration(ONE, List.of(), null), new RegistrationListener() {
            @Override
            public void onRegistered(long brokerEpoch) {
                registered.add(brokerEpoch);
            }

            @Override
            public void onLost() {
                lost.incrementAndGet();
            }

            @Override
            public void onRefused(String sentence) {
                refused.add(sentence);
            }
        }));
    }

    @AfterEach
    void close() {
        store.close();
        server.close();
    }

    @Test
    @DisplayName("is told as ended once, when the servers say so and not before; then there is a new registration")
    void endedElsewhere() throws Exception {
        Term before = get(store.lease().acquire(ONE)).term();
        int port = server.port();
        server.close();
        waitUntilClientGaveUp();

        server = elsewhere("first");
        try (ZooKeeperCoordination other = connect(server, 20_000)) {
            await().atMost(PATIENCE)
                    .until(() -> get(other.brokers().liveBrokers(() -> {})).isEmpty());
        }
        server.close();
        assertThat(ended.count()).as("what clients guess is nothing").isZero();
        server = at(port, "first");

        assertAnotherRegistration();
        Term after = get(store.lease().acquire(ONE)).term();
        assertThat(after.controllerEpoch()).isGreaterThan(before.controllerEpoch());
    }

    @Test
    @DisplayName("is told as ended once, too, by servers that never knew it")
    void unknownToOthers() throws Exception {
        int port = server.port();
        server.close();
        server = elsewhere("second");
        connect(server, 20_000).close(); // leaves the nodes that brokers hang theirs on
        server.close();
        waitUntilClientGaveUp();
        assertThat(ended.count()).isEqualTo(0);

        server = at(port, "second");

        assertAnotherRegistration();
    }

    private void assertAnotherRegistration() throws Exception {
        await().atMost(PATIENCE).until(() -> registered.size() == 2);
        assertThat(get(store.brokers().liveBrokers(() -> {})))
                .extracting(BrokerInfo::brokerEpoch)
                .containsExactly(registered.get(1));
        assertThat(ended.count()).isEqualTo(1);
        assertThat(lost).hasValue(1);
        assertThat(refused).isEmpty();
        assertThat(registered).hasSize(2).doesNotHaveDuplicates();
    }

    /** Until another client has taken the place of the first, for the same session. */
    private void waitUntilClientGaveUp() throws Exception {
        ZooKeeper first = store.curator().getZookeeperClient().getZooKeeper();
        await().atMost(PATIENCE).ignoreExceptions().until(() -> {
            ZooKeeper successor = store.curator().getZookeeperClient().getZooKeeper();
            return successor != first && successor.getSessionId() == first.getSessionId();
        });
    }

    private EmbeddedZooKeeper elsewhere(String data) throws IOException {
        return at(0, data);
    }

    private EmbeddedZooKeeper at(int port, String data) throws IOException {
        Files.deleteIfExists(directory.resolve(data).resolve("port"));
        EmbeddedZooKeeper started = EmbeddedZooKeeper.start(directory.resolve(data), port);
        assertThat(port == 0 || started.port() == port).isTrue();
        return started;
    }

    private static ZooKeeperCoordination connect(EmbeddedZooKeeper to, int sessionMs) {
        return ZooKeeperCoordination.open(
                new ZooKeeperConfig(to.connectString(), sessionMs, 20_000), null, Clock.system());
    }

    private static <T> T get(CompletionStage<T> stage) throws Exception {
        return stage.toCompletableFuture().get(PATIENCE.toSeconds(), TimeUnit.SECONDS);
    }
}
