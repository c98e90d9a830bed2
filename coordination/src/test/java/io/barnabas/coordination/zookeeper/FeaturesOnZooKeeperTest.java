package io.barnabas.coordination.zookeeper;

import static org.assertj.core.api.Assertions.assertThat;

import io.barnabas.coordination.store.FeatureStore.StoredFeatures;
import io.barnabas.coordination.store.Term;
import io.barnabas.coordination.store.WriteResult;
import io.barnabas.model.BrokerId;
import io.barnabas.runtime.time.Clock;
import java.nio.charset.StandardCharsets;
import java.util.Map;
import java.util.concurrent.CompletionStage;
import java.util.concurrent.TimeUnit;
import org.apache.curator.test.TestingServer;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.DisplayName;
import org.junit.jupiter.api.Test;

class FeaturesOnZooKeeperTest {
    private static final Map<String, Short> ON = Map.of("group.version", (short) 1);

    private TestingServer server;
    private ZooKeeperCoordination store;

    @BeforeEach
    void start() throws Exception {
        server = new TestingServer(true);
        store = ZooKeeperCoordination.open(
                new ZooKeeperConfig(server.getConnectString(), 10_000, 10_000), null, Clock.system());
    }

    @AfterEach
    void stop() throws Exception {
        store.close();
        server.close();
    }

    @Test
    @DisplayName("(WIRE-11) a new cluster begins with group.version at 1, kept where Kafka 3.9 does not look")
    void newClustersHaveThemOn() throws Exception {
        get(store.clusterId().loadOrCreate("fresh"));

        assertThat(get(store.features().load())).isEqualTo(new StoredFeatures(ON, 0));
        assertThat(data("/barnabas/features")).isEqualTo("{\"version\":1,\"features\":{\"group.version\":1}}");
        assertThat(data("/feature")).isEqualTo("{\"features\":{},\"version\":2,\"status\":1}");
    }

    @Test
    @DisplayName("a cluster that was taken over, with an id or with topics, has none until somebody switches them on")
    void olderClustersHaveNone() throws Exception {
        store.curator().create().forPath("/brokers/topics/old", "{}".getBytes(StandardCharsets.UTF_8));

        get(store.clusterId().loadOrCreate("fresh"));
        assertThat(get(store.features().load())).isEqualTo(StoredFeatures.NONE);
        store.curator().delete().forPath("/brokers/topics/old");
        get(store.clusterId().loadOrCreate("other"));
        assertThat(get(store.features().load())).isEqualTo(StoredFeatures.NONE);
    }

    @Test
    @DisplayName("writes compare the version, and those of an old term are fenced (CTRL-10)")
    void writesAreFenced() throws Exception {
        Term term = get(store.lease().acquire(new BrokerId(1))).term();

        assertThat(get(store.features().store(term, ON, -1))).isEqualTo(WriteResult.stored(0));
        assertThat(get(store.features().store(term, Map.of(), -1))).isEqualTo(WriteResult.conflict());
        assertThat(get(store.features().store(term, Map.of(), 0))).isEqualTo(WriteResult.stored(1));
        Term old = new Term(term.controllerEpoch(), term.epochVersion() + 1);
        assertThat(get(store.features().store(old, ON, 1))).isEqualTo(WriteResult.fenced());
        assertThat(get(store.features().load())).isEqualTo(new StoredFeatures(Map.of(), 1));
    }

    @Test
    @DisplayName("what holds no levels counts as none, and can be replaced")
    void unreadableIsNone() throws Exception {
        Term term = get(store.lease().acquire(new BrokerId(1))).term();
        for (String broken :
                new String[] {"", "nonsense", "{}", "{\"version\":1,\"features\":{\"group.version\":\"x\"}}"}) {
            if (store.curator().checkExists().forPath("/barnabas/features") != null) {
                store.curator().delete().forPath("/barnabas/features");
            }
            store.curator().create().forPath("/barnabas/features", broken.getBytes(StandardCharsets.UTF_8));
            assertThat(get(store.features().load())).isEqualTo(new StoredFeatures(Map.of(), 0));
            assertThat(get(store.features().store(term, ON, 0))).isEqualTo(WriteResult.stored(1));
        }
    }

    private String data(String path) throws Exception {
        return new String(store.curator().getData().forPath(path), StandardCharsets.UTF_8);
    }

    private static <T> T get(CompletionStage<T> stage) throws Exception {
        return stage.toCompletableFuture().get(20, TimeUnit.SECONDS);
    }
}
