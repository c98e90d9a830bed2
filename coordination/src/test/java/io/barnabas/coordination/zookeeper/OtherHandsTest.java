package io.barnabas.coordination.zookeeper;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.awaitility.Awaitility.await;

import io.barnabas.coordination.ControllerLoop;
import io.barnabas.coordination.control.ControlMessage;
import io.barnabas.coordination.control.NewTopic;
import io.barnabas.coordination.control.TopicRef;
import io.barnabas.coordination.control.TopicResult;
import io.barnabas.coordination.controller.ConfigCheck;
import io.barnabas.coordination.controller.ControllerConfig;
import io.barnabas.coordination.store.BrokerRegistration;
import io.barnabas.coordination.store.BrokerRegistry.RegistrationListener;
import io.barnabas.coordination.store.CoordinationException;
import io.barnabas.coordination.store.StoredTopic;
import io.barnabas.coordination.store.Term;
import io.barnabas.model.BrokerId;
import io.barnabas.model.Endpoint;
import io.barnabas.model.TopicPartition;
import io.barnabas.runtime.loop.EventLoops;
import io.barnabas.runtime.time.Clock;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Random;
import java.util.TreeMap;
import java.util.UUID;
import java.util.concurrent.CompletionStage;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;
import org.apache.curator.test.InstanceSpec;
import org.apache.curator.test.TestingServer;
import org.apache.zookeeper.CreateMode;
import org.apache.zookeeper.Watcher.Event.KeeperState;
import org.apache.zookeeper.ZooKeeper;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.DisplayName;
import org.junit.jupiter.api.Test;

/** A controller at a real ZooKeeper in which others put their hands, too. */
class OtherHandsTest {
    private static final BrokerId ONE = new BrokerId(1);
    private static final BrokerId TWO = new BrokerId(2);

    private final List<ControlMessage> told = new CopyOnWriteArrayList<>();
    private TestingServer server;
    private ZooKeeperCoordination store;
    private EventLoops.RunningLoop thread;
    private ControllerLoop controller;
    private volatile long epoch;

    @BeforeEach
    void start() throws Exception {
        server = new TestingServer(new InstanceSpec(null, -1, -1, -1, true, -1, 200, -1), true);
        store = connect();
        thread = EventLoops.start("controller");
        controller = new ControllerLoop(
                ONE,
                store,
                (to, brokerEpoch, message) -> told.add(message),
                new ControllerConfig(1, 1, true, false, ConfigCheck.none()),
                thread,
                Clock.system(),
                new Random(7));
        get(store.brokers().register(registration(ONE), new Listener()));
        controller.start();
        await().until(controller::isController);
    }

    @AfterEach
    void stop() throws Exception {
        controller.close();
        store.close();
        thread.close();
        server.close();
    }

    @Test
    @DisplayName("the server ends the session by its id: a new registration, a new term, the work goes on (CTRL-06)")
    void sessionKilledAtTheServer() throws Exception {
        get(controller.createTopics(List.of(topic("orders")), false, 5_000));
        long before = epoch;

        endSessionAtTheServer();

        await().atMost(20, TimeUnit.SECONDS).until(() -> epoch > before && controller.isController());
        assertThat(raw("/controller_epoch")).isEqualTo("2");
        assertThat(get(store.brokers().liveBrokers(() -> {})).get(0).brokerEpoch())
                .isEqualTo(epoch);
        assertThat(get(controller.allocateProducerIds(ONE, epoch)).isDone()).isTrue();
        assertThat(get(controller.allocateProducerIds(ONE, before)).isDone()).isFalse();
    }

    @Test
    @DisplayName("a topic that somebody else makes gets its leaders during the term (CTRL-13, CTRL-15)")
    void topicMadeByHand() throws Exception {
        make("/brokers/topics/theirs", topicNode("\"0\":[1],\"1\":[1]"));

        await().untilAsserted(() ->
                assertThat(raw("/brokers/topics/theirs/partitions/1/state")).contains("\"leader\":1"));
        assertThat(get(controller.deleteTopics(List.of(TopicRef.named("theirs")), 5_000))
                        .get(0)
                        .refusal())
                .isNull();
    }

    @Test
    @DisplayName("a thousand nodes come and go while the controller works: its picture is the last one (CTRL-15)")
    void thousandNodes() throws Exception {
        for (int round = 0; round < 500; round++) {
            store.curator()
                    .create()
                    .forPath("/brokers/ids/77", "{\"endpoints\":[\"P://h:1\"]}".getBytes(StandardCharsets.UTF_8));
            store.curator().delete().forPath("/brokers/ids/77");
        }
        make("/brokers/ids/2", "{\"endpoints\":[\"P://h:1\"]}");

        await().untilAsserted(() -> {
            TopicResult result = get(controller.createTopics(
                            List.of(new NewTopic("two", 1, 2, Map.of(), Map.of())), true, 5_000))
                    .get(0);
            assertThat(result.refusal()).isNull();
        });
        TopicResult three = get(controller.createTopics(
                        List.of(new NewTopic("three", 1, 3, Map.of(), Map.of())), true, 5_000))
                .get(0);
        assertThat(three.refusal()).isNotNull();
    }

    @Test
    @DisplayName(
            "a leader that comes back with a new czxid has failed first: its old leadership ends, another's death in the same moment too (CTRL-16, REPL-25)")
    void bounce() throws Exception {
        make("/brokers/ids/2", "{\"endpoints\":[\"P://h:1\"]}");
        make("/brokers/ids/3", "{\"endpoints\":[\"P://h:1\"]}");
        make("/brokers/topics/t", topicNode("\"0\":[2,1],\"1\":[3,1]"));
        await().untilAsserted(() -> {
            assertThat(raw("/brokers/topics/t/partitions/0/state")).contains("\"leader\":2");
            assertThat(raw("/brokers/topics/t/partitions/1/state")).contains("\"leader\":3");
        });

        store.curator()
                .transaction()
                .forOperations(
                        store.curator().transactionOp().delete().forPath("/brokers/ids/2"),
                        store.curator()
                                .transactionOp()
                                .create()
                                .forPath(
                                        "/brokers/ids/2",
                                        "{\"endpoints\":[\"P://h:1\"]}".getBytes(StandardCharsets.UTF_8)),
                        store.curator().transactionOp().delete().forPath("/brokers/ids/3"));

        await().untilAsserted(() -> {
            assertThat(raw("/brokers/topics/t/partitions/0/state"))
                    .contains("\"leader\":1")
                    .contains("\"isr\":[1]")
                    .contains("\"leader_epoch\":1");
            assertThat(raw("/brokers/topics/t/partitions/1/state"))
                    .contains("\"leader\":1")
                    .contains("\"isr\":[1]");
        });
        assertThat(controller.isController()).isTrue();
    }

    @Test
    @DisplayName("nodes that make no sense are passed over: the controller stays (CTRL-01, CTRL-15)")
    void nonsense() throws Exception {
        make("/config/changes/x", "no json");
        make("/config/changes/config_change_00000000zz", "{\"version\":2,\"entity_path\":\"topics/t\"}");
        make("/brokers/ids/not-a-number", "no json");
        make("/admin/delete_topics/never-was", "");

        await().until(() -> store.curator().checkExists().forPath("/admin/delete_topics/never-was") == null);
        assertThat(get(controller.createTopics(List.of(topic("orders")), false, 5_000))
                        .get(0)
                        .refusal())
                .isNull();
        assertThat(raw("/controller_epoch")).isEqualTo("1");
    }

    @Test
    @DisplayName("a topic with nodes below it that nobody knows is deleted all the same (CTRL-22)")
    void unknownNodesBelow() throws Exception {
        get(controller.createTopics(List.of(topic("orders")), false, 5_000));
        make("/brokers/topics/orders/partitions/0/what/is/this", "");

        assertThat(get(controller.deleteTopics(List.of(TopicRef.named("orders")), 5_000))
                        .get(0)
                        .refusal())
                .isNull();
        assertThat(store.curator().checkExists().forPath("/brokers/topics/orders"))
                .isNull();
    }

    @Test
    @DisplayName(
            "topics whose nodes together exceed one answer of ZooKeeper are loaded; a write beyond its limit is not sent (CTRL-32)")
    void largeNodes() throws Exception {
        StringBuilder partitions = new StringBuilder();
        for (int partition = 0; partition < 30_000; partition++) {
            partitions
                    .append(partition == 0 ? "" : ",")
                    .append('"')
                    .append(partition)
                    .append("\":[9,8]");
        }
        get(controller.resign());
        for (int topic = 0; topic < 4; topic++) {
            make("/brokers/topics/large-" + topic, topicNode(partitions.toString()));
        }
        await().until(() -> get(store.topics().loadAll()).size() == 4);

        TreeMap<Integer, List<BrokerId>> tooMany = new TreeMap<>();
        for (int partition = 0; partition < 90_000; partition++) {
            tooMany.put(partition, List.of(ONE, TWO));
        }
        StoredTopic tooLarge = StoredTopic.fresh("too-large", new UUID(1, 1), tooMany);
        assertThatThrownBy(() -> get(store.topics().create(new Term(1, 1), tooLarge, Map.of())))
                .hasRootCauseInstanceOf(CoordinationException.class)
                .hasMessageContaining("more than ZooKeeper takes at once");
        assertThat(store.isConnected()).isTrue();
    }

    @Test
    @DisplayName(
            "ids are never handed out from a block that does not say where it ends; the controller stays (CTRL-34)")
    void unreadableProducerIds() throws Exception {
        store.curator()
                .setData()
                .forPath("/latest_producer_id_block", "{\"version\":1}".getBytes(StandardCharsets.UTF_8));

        assertThat(get(controller.allocateProducerIds(ONE, epoch)).isDone()).isFalse();
        assertThat(controller.isController()).isTrue();
    }

    @Test
    @DisplayName(
            "of 300 partitions written while another hand writes the same, each ends with a live leader in its ISR (CTRL-17)")
    void massFailover() throws Exception {
        make("/brokers/ids/2", "{\"endpoints\":[\"P://h:1\"]}");
        StringBuilder partitions = new StringBuilder();
        for (int partition = 0; partition < 300; partition++) {
            partitions
                    .append(partition == 0 ? "" : ",")
                    .append('"')
                    .append(partition)
                    .append("\":[2,1]");
        }
        make("/brokers/topics/t", topicNode(partitions.toString()));
        await().untilAsserted(() ->
                assertThat(raw("/brokers/topics/t/partitions/299/state")).contains("\"leader\":2"));

        for (int partition = 0; partition < 300; partition += 7) {
            String path = "/brokers/topics/t/partitions/" + partition + "/state";
            store.curator().setData().forPath(path, raw(path).getBytes(StandardCharsets.UTF_8));
        }
        store.curator().delete().forPath("/brokers/ids/2");

        await().atMost(30, TimeUnit.SECONDS).untilAsserted(() -> {
            List<TopicPartition> all = new ArrayList<>();
            for (int partition = 0; partition < 300; partition++) {
                all.add(new TopicPartition("t", partition));
            }
            assertThat(get(store.partitionStates().load(all)).values())
                    .hasSize(300)
                    .allSatisfy(state -> {
                        assertThat(state.leader()).isEqualTo(ONE);
                        assertThat(state.inSyncReplicas()).containsExactly(ONE);
                        assertThat(state.leaderEpoch()).isEqualTo(1);
                    });
        });
    }

    /** From a second handle on it: for the server, and for us, that is the end of this session by its id. */
    private void endSessionAtTheServer() throws Exception {
        ZooKeeper ours = store.curator().getZookeeperClient().getZooKeeper();
        CountDownLatch attached = new CountDownLatch(1);
        ZooKeeper second = new ZooKeeper(
                server.getConnectString(),
                10_000,
                event -> {
                    if (event.getState() == KeeperState.SyncConnected) {
                        attached.countDown();
                    }
                },
                ours.getSessionId(),
                ours.getSessionPasswd());
        assertThat(attached.await(10, TimeUnit.SECONDS)).isTrue();
        second.close();
    }

    private ZooKeeperCoordination connect() {
        return ZooKeeperCoordination.open(
                new ZooKeeperConfig(server.getConnectString(), 10_000, 10_000), null, Clock.system());
    }

    private void make(String path, String data) throws Exception {
        store.curator()
                .create()
                .creatingParentsIfNeeded()
                .withMode(CreateMode.PERSISTENT)
                .forPath(path, data.getBytes(StandardCharsets.UTF_8));
    }

    private String raw(String path) throws Exception {
        if (store.curator().checkExists().forPath(path) == null) {
            return "";
        }
        return new String(store.curator().getData().forPath(path), StandardCharsets.UTF_8);
    }

    private static String topicNode(String partitions) {
        return "{\"version\":3,\"partitions\":{" + partitions + "},\"topic_id\":\"PB9f2bjgRbWEjObIZnR66A\","
                + "\"adding_replicas\":{},\"removing_replicas\":{}}";
    }

    private static <T> T get(CompletionStage<T> stage) throws Exception {
        return stage.toCompletableFuture().get(20, TimeUnit.SECONDS);
    }

    private static NewTopic topic(String name) {
        return new NewTopic(name, 1, 1, Map.of(), Map.of());
    }

    private static BrokerRegistration registration(BrokerId id) {
        return new BrokerRegistration(id, List.of(new Endpoint("PLAINTEXT", "PLAINTEXT", "127.0.0.1", 9092)), null);
    }

    private final class Listener implements RegistrationListener {
        @Override
        public void onRegistered(long brokerEpoch) {
            epoch = brokerEpoch;
        }

        @Override
        public void onLost() {
            // told again when it is registered anew
        }

        @Override
        public void onRefused(String sentence) {
            throw new AssertionError(sentence);
        }
    }
}
