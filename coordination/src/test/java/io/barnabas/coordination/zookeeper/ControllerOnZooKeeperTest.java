package io.barnabas.coordination.zookeeper;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.awaitility.Awaitility.await;

import io.barnabas.coordination.ControllerLoop;
import io.barnabas.coordination.control.ClusterChange;
import io.barnabas.coordination.control.ClusterState;
import io.barnabas.coordination.control.ConfigChange;
import io.barnabas.coordination.control.ConfigEntity;
import io.barnabas.coordination.control.ControlMessage;
import io.barnabas.coordination.control.ElectionType;
import io.barnabas.coordination.control.IsrProposal;
import io.barnabas.coordination.control.NewPartitions;
import io.barnabas.coordination.control.NewTopic;
import io.barnabas.coordination.control.ProducerIdBlock;
import io.barnabas.coordination.control.Reassignment;
import io.barnabas.coordination.control.TopicRef;
import io.barnabas.coordination.control.TopicResult;
import io.barnabas.coordination.controller.ConfigCheck;
import io.barnabas.coordination.controller.ControllerConfig;
import io.barnabas.coordination.store.BrokerRegistration;
import io.barnabas.coordination.store.BrokerRegistry.RegistrationListener;
import io.barnabas.coordination.store.CoordinationException;
import io.barnabas.coordination.store.Term;
import io.barnabas.coordination.store.WriteResult;
import io.barnabas.model.BrokerId;
import io.barnabas.model.Endpoint;
import io.barnabas.model.LeaderAndIsr;
import io.barnabas.model.Refusal;
import io.barnabas.model.Refusal.Reason;
import io.barnabas.model.TopicPartition;
import io.barnabas.runtime.loop.EventLoops;
import io.barnabas.runtime.time.Clock;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermissions;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Random;
import java.util.Set;
import java.util.concurrent.CompletionStage;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.TimeUnit;
import org.apache.curator.test.InstanceSpec;
import org.apache.curator.test.TestingServer;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.DisplayName;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class ControllerOnZooKeeperTest {
    private static final BrokerId ONE = new BrokerId(1);
    private static final TopicPartition ORDERS = new TopicPartition("orders", 0);

    private final List<AutoCloseable> open = new ArrayList<>();

    @TempDir
    private Path directory;

    private TestingServer server;

    @BeforeEach
    void startServer() throws Exception {
        server = new TestingServer(new InstanceSpec(null, -1, -1, -1, true, -1, 200, -1), true);
    }

    @AfterEach
    void closeAll() throws Exception {
        for (int index = open.size() - 1; index >= 0; index--) {
            open.get(index).close();
        }
        server.close();
    }

    @Test
    @DisplayName(
            "a topic is created, found again by the next controller, and deleted (CTRL-13, CTRL-20, CTRL-21, CTRL-22, CTRL-23)")
    void topicLifecycle() throws Exception {
        Node node = new Node(connect(null), 1).serve();
        TopicResult created = get(node.loop.createTopics(List.of(topic("orders", 3)), false, 5_000))
                .get(0);

        assertThat(created.refusal()).isNull();
        assertThat(raw(node, "/brokers/topics/orders/partitions/2/state"))
                .isEqualTo("{\"controller_epoch\":1,\"leader\":1,\"version\":1,\"leader_epoch\":0,\"isr\":[1]}");
        assertThat(raw(node, "/config/topics/orders"))
                .isEqualTo("{\"version\":1,\"config\":{\"retention.ms\":\"1000\"}}");
        assertThat(get(node.loop.createTopics(List.of(topic("orders", 1)), false, 5_000))
                        .get(0)
                        .refusal()
                        .reason())
                .isEqualTo(Reason.TOPIC_ALREADY_EXISTS);

        get(node.loop.resign());
        await().until(() -> node.loop.isController());
        assertThat(raw(node, "/controller_epoch")).isEqualTo("2");
        await().until(() -> node.messages.get(node.messages.size() - 1) instanceof ClusterState state
                && state.controllerEpoch() == 2
                && state.topics().size() == 1
                && state.topics().get(0).topicId().equals(created.topicId()));

        TopicResult deleted = get(node.loop.deleteTopics(List.of(TopicRef.of(created.topicId())), 5_000))
                .get(0);
        assertThat(deleted.refusal()).isNull();
        assertThat(node.children("/brokers/topics")).isEmpty();
        assertThat(node.children("/config/topics")).isEmpty();
        assertThat(node.children("/admin/delete_topics")).isEmpty();
        TopicResult again = get(node.loop.createTopics(List.of(topic("orders", 1)), false, 5_000))
                .get(0);
        assertThat(again.topicId()).isNotEqualTo(created.topicId());
    }

    @Test
    @DisplayName(
            "a topic grows, moves and goes back to its preferred leader as Kafka 3.9 stores it (CTRL-25, REPL-22, REPL-28)")
    void growsAndMoves() throws Exception {
        Node other = new Node(connect(null), 2);
        get(other.store.brokers().register(registration(2), other));
        Node node = new Node(connect(null), 1).serve();
        get(node.loop.createTopics(
                List.of(new NewTopic("orders", -1, -1, Map.of(0, List.of(new BrokerId(1))), Map.of())), false, 5_000));
        TopicPartition zero = new TopicPartition("orders", 0);
        TopicPartition one = new TopicPartition("orders", 1);

        TopicResult grown = get(node.loop.createPartitions(
                        List.of(new NewPartitions("orders", 2, List.of(List.of(new BrokerId(2))))), false, 5_000))
                .get(0);
        assertThat(grown.refusal()).isNull();
        assertThat(get(node.store.partitionStates().load(List.of(zero, one)))).hasSize(2);

        List<Reassignment> moves = List.of(new Reassignment(zero, List.of(new BrokerId(2), new BrokerId(1))));
        assertThat(get(node.loop.alterReassignments(moves, true, 5_000)).get(0).refusal())
                .isNull();
        assertThat(new String(node.store.curator().getData().forPath("/brokers/topics/orders"), UTF_8))
                .contains("\"partitions\":{\"0\":[2,1],\"1\":[2]}")
                .contains("\"adding_replicas\":{\"0\":[2]},\"removing_replicas\":{}");
        LeaderAndIsr led = get(node.store.partitionStates().load(List.of(zero))).get(zero);
        LeaderAndIsr joined = new LeaderAndIsr(
                led.leader(), led.leaderEpoch(), List.of(new BrokerId(1), new BrokerId(2)), led.partitionEpoch());
        get(node.loop.proposeIsr(new IsrProposal(zero, joined, node.epoch, Map.of(new BrokerId(2), other.epoch))));
        await().untilAsserted(() -> assertThat(
                        new String(node.store.curator().getData().forPath("/brokers/topics/orders"), UTF_8))
                .contains("\"partitions\":{\"0\":[2,1],\"1\":[2]}")
                .contains("\"adding_replicas\":{},\"removing_replicas\":{}"));

        assertThat(get(node.loop.electLeaders(ElectionType.PREFERRED, Set.of(zero), 5_000))
                        .get(0)
                        .refusal())
                .isNull();
        assertThat(get(node.store.partitionStates().load(List.of(zero)))
                        .get(zero)
                        .leader())
                .isEqualTo(new BrokerId(2));
        assertThat(get(other.loop.electLeaders(ElectionType.PREFERRED, Set.of(zero), 5_000))
                        .get(0)
                        .refusal()
                        .reason())
                .isEqualTo(Refusal.Reason.NOT_CONTROLLER);
    }

    @Test
    @DisplayName(
            "what old tools write into /admin/reassign_partitions is done and removed, senseless text is left alone (REPL-28)")
    void writtenReassignments() throws Exception {
        Node other = new Node(connect(null), 2);
        get(other.store.brokers().register(registration(2), other));
        Node node = new Node(connect(null), 1).serve();
        get(node.loop.createTopics(
                List.of(new NewTopic("orders", -1, -1, Map.of(0, List.of(new BrokerId(1), new BrokerId(2))), Map.of())),
                false,
                5_000));
        String path = "/admin/reassign_partitions";

        node.store.curator().create().forPath(path, "rubbish".getBytes(UTF_8));
        String wanted = "{\"version\":1,\"partitions\":[{\"topic\":\"orders\",\"partition\":0,\"replicas\":[2]}]}";
        node.store.curator().setData().forPath(path, wanted.getBytes(UTF_8));

        await().until(() -> node.store.curator().checkExists().forPath(path) == null);
        assertThat(new String(node.store.curator().getData().forPath("/brokers/topics/orders"), UTF_8))
                .contains("\"partitions\":{\"0\":[2]}");
        assertThat(node.loop.isController()).isTrue();
    }

    @Test
    @DisplayName("deletions that a controller did not finish are finished by the next (CTRL-22)")
    void deletionIsResumed() throws Exception {
        Node node = new Node(connect(null), 1).serve();
        get(node.loop.createTopics(List.of(topic("orders", 2)), false, 5_000));
        get(node.loop.resign());
        node.store.curator().create().forPath("/admin/delete_topics/orders", null);

        await().untilAsserted(() -> {
            assertThat(node.children("/brokers/topics")).isEmpty();
            assertThat(node.children("/admin/delete_topics")).isEmpty();
        });
    }

    @Test
    @DisplayName(
            "a group's configuration is kept apart from Kafka's, which is not told of it, and read again (GROUP-40)")
    void groupConfigs() throws Exception {
        Node node = new Node(connect(null), 1).serve();
        ConfigEntity entity = ConfigEntity.group("a/b");

        assertThat(get(node.loop.alterConfigs(List.of(change(entity, "k", "1")), false, 30_000))
                        .get(0)
                        .refusal())
                .isNull();

        assertThat(raw(node, "/barnabas/config/groups/a%2Fb")).isEqualTo("{\"version\":1,\"config\":{\"k\":\"1\"}}");
        assertThat(node.children("/config/changes")).isEmpty();
        assertThat(get(node.store.configs().loadAll()).get(entity).config()).isEqualTo(Map.of("k", "1"));
    }

    @Test
    @DisplayName("two who change different keys keep both, a hand's change is seen by its notice (CTRL-15, CTRL-27)")
    void configChanges() throws Exception {
        Node node = new Node(connect(null), 1).serve();
        get(node.loop.createTopics(List.of(topic("orders", 1)), false, 5_000));
        node.store
                .curator()
                .setData()
                .forPath(
                        "/config/topics/orders",
                        "{\"version\":1,\"config\":{\"segment.bytes\":\"99\"}}".getBytes(StandardCharsets.UTF_8));
        ConfigEntity entity = ConfigEntity.topic("orders");

        var a = node.loop.alterConfigs(List.of(change(entity, "a", "1")), false, 30_000);
        var b = node.loop.alterConfigs(List.of(change(entity, "b", "2")), false, 30_000);

        assertThat(get(a).get(0).refusal()).isNull();
        assertThat(get(b).get(0).refusal()).isNull();
        assertThat(raw(node, "/config/topics/orders"))
                .isEqualTo("{\"version\":1,\"config\":{\"a\":\"1\",\"b\":\"2\",\"segment.bytes\":\"99\"}}");
        List<String> changes = new ArrayList<>(node.children("/config/changes"));
        assertThat(changes).hasSize(2);
        assertThat(raw(node, "/config/changes/" + changes.get(0)))
                .isEqualTo("{\"version\":2,\"entity_path\":\"topics/orders\"}");

        node.store
                .curator()
                .create()
                .forPath(
                        "/config/brokers/<default>",
                        "{\"version\":1,\"config\":{\"log.cleaner.threads\":\"2\"}}".getBytes(StandardCharsets.UTF_8));
        node.store
                .curator()
                .create()
                .withMode(org.apache.zookeeper.CreateMode.PERSISTENT_SEQUENTIAL)
                .forPath(
                        "/config/changes/config_change_",
                        "{\"version\":2,\"entity_path\":\"brokers/<default>\"}".getBytes(StandardCharsets.UTF_8));
        await().until(() -> node.messages.stream()
                .anyMatch(message -> message instanceof ClusterChange change
                        && change.configs().containsKey(ConfigEntity.brokerDefault())));
    }

    @Test
    @DisplayName("producer id blocks never overlap, stale brokers get none (CTRL-34)")
    void producerIds() throws Exception {
        Node node = new Node(connect(null), 1).serve();
        List<CompletionStage<io.barnabas.model.Outcome<ProducerIdBlock>>> asked = new ArrayList<>();
        for (int i = 0; i < 20; i++) {
            asked.add(node.loop.allocateProducerIds(ONE, node.epoch));
        }
        Set<Long> first = new HashSet<>();
        for (var each : asked) {
            first.add(get(each).value().first());
        }
        assertThat(first).hasSize(20);
        assertThat(raw(node, "/latest_producer_id_block"))
                .isEqualTo("{\"version\":1,\"broker\":1,\"block_start\":\"19000\",\"block_end\":\"19999\"}");
        assertThat(get(node.loop.allocateProducerIds(ONE, node.epoch - 1))
                        .refusal()
                        .reason())
                .isEqualTo(Reason.STALE_BROKER_EPOCH);
    }

    @Test
    @DisplayName(
            "an expired session ends the term; the broker registers anew and is elected again (CTRL-06, CTRL-12, CTRL-16)")
    void expiry() throws Exception {
        Node node = new Node(connect(null), 1).serve();
        get(node.loop.createTopics(List.of(topic("orders", 1)), false, 5_000));
        long before = node.epoch;

        node.store.curator().getZookeeperClient().getZooKeeper().getTestable().injectSessionExpiration();

        await().atMost(20, TimeUnit.SECONDS).until(() -> node.epoch > before && node.loop.isController());
        assertThat(node.lost).isTrue();
        assertThat(raw(node, "/controller_epoch")).isEqualTo("2");
        await().atMost(10, TimeUnit.SECONDS).untilAsserted(() -> {
            LeaderAndIsr state =
                    get(node.store.partitionStates().load(List.of(ORDERS))).get(ORDERS);
            assertThat(state.leader()).isEqualTo(ONE);
        });
    }

    @Test
    @DisplayName("an admin may delete /controller; there is one controller again, of a new epoch (CTRL-12)")
    void controllerNodeDeleted() throws Exception {
        Node node = new Node(connect(null), 1).serve();
        for (int round = 2; round < 12; round++) {
            node.store.curator().delete().forPath("/controller");
            String epoch = Integer.toString(round);
            await().until(() -> raw(node, "/controller_epoch").equals(epoch) && node.loop.isController());
        }
    }

    @Test
    @DisplayName("of two candidates at once exactly one wins, each time (CTRL-09)")
    void electionRace() throws Exception {
        ZooKeeperCoordination a = connect(null);
        ZooKeeperCoordination b = connect(null);
        for (int round = 1; round <= 200; round++) {
            var first = a.lease().acquire(ONE);
            var second = b.lease().acquire(new BrokerId(2));
            Term one = get(first).term();
            Term two = get(second).term();
            assertThat(one == null).isNotEqualTo(two == null);
            Term won = one != null ? one : two;
            assertThat(won.controllerEpoch()).isEqualTo(round);
            get((one != null ? a : b).lease().release(won));
        }
    }

    @Test
    @DisplayName("after another's election every write of the old controller fails (CTRL-10)")
    void oldControllerIsFenced() throws Exception {
        Node node = new Node(connect(null), 1).serve();
        get(node.loop.createTopics(List.of(topic("orders", 1)), false, 5_000));
        Term old = new Term(1, 1);
        get(node.loop.resign());
        await().until(() -> node.loop.isController());
        LeaderAndIsr state =
                get(node.store.partitionStates().load(List.of(ORDERS))).get(ORDERS);

        assertThat(get(node.store.partitionStates().store(old, Map.of(ORDERS, state), Map.of()))
                        .get(ORDERS))
                .isEqualTo(WriteResult.fenced());
        assertThat(get(node.store.topics().markForDeletion(old, "orders"))).isEqualTo(WriteResult.fenced());
        assertThat(get(node.store.topics().remove(old, "orders"))).isEqualTo(WriteResult.fenced());
        assertThat(get(node.store.configs().store(old, ConfigEntity.topic("orders"), Map.of("a", "b"), 0)))
                .isEqualTo(WriteResult.fenced());
        assertThat(get(node.store.producerIds().nextBlock(old, ONE))).isNull();
    }

    @Test
    @DisplayName("a state written by somebody else is read anew and decided anew, the others go on (CTRL-17)")
    void conflictingStates() throws Exception {
        Node node = new Node(connect(null), 1).serve();
        get(node.loop.createTopics(List.of(topic("orders", 3)), false, 5_000));
        Term term = new Term(1, 1);
        LeaderAndIsr next = new LeaderAndIsr(ONE, 1, List.of(ONE), 0);
        TopicPartition second = new TopicPartition("orders", 1);
        node.store
                .curator()
                .setData()
                .forPath(ZNodes.state(second), raw(node, ZNodes.state(second)).getBytes(StandardCharsets.UTF_8));

        Map<TopicPartition, WriteResult> results =
                get(node.store.partitionStates().store(term, Map.of(ORDERS, next, second, next), Map.of()));

        assertThat(results.get(ORDERS)).isEqualTo(WriteResult.stored(1));
        assertThat(results.get(second)).isEqualTo(WriteResult.conflict());
        assertThat(get(node.store.partitionStates().store(term, Map.of(ORDERS, next), Map.of()))
                        .get(ORDERS))
                .describedAs("the same write again is recognised as ours (CTRL-07)")
                .isEqualTo(WriteResult.stored(1));
    }

    @Test
    @DisplayName("a broker id that another live session holds is refused after a wait, never overwritten (CTRL-04)")
    void duplicateBrokerId() throws Exception {
        Node node = new Node(connect(null), 1).serve();
        ZooKeeperCoordination other = ZooKeeperCoordination.open(
                new ZooKeeperConfig(server.getConnectString(), 1_000, 5_000), null, Clock.system());
        open.add(other);

        assertThatThrownBy(() -> get(other.brokers().register(registration(1), new Node(other, 1))))
                .hasRootCauseInstanceOf(CoordinationException.class)
                .hasMessageContaining("broker id 1 is registered by another live broker");
        assertThat(get(other.brokers().liveBrokers(() -> {})).get(0).brokerEpoch())
                .isEqualTo(node.epoch);
    }

    @Test
    @DisplayName("a killed broker starts again at once: the session kept in its file is ended (CTRL-05)")
    void fastRestart() throws Exception {
        Path file = directory.resolve("zookeeper-session");
        Node node = new Node(connect(file), 1).serve();
        assertThat(PosixFilePermissions.toString(Files.getPosixFilePermissions(file)))
                .isEqualTo("rw-------");
        byte[] kept = Files.readAllBytes(file);
        node.loop.close();
        Path copy = directory.resolve("as-after-a-kill");
        Files.write(copy, kept);

        long started = System.nanoTime();
        Node next = new Node(connect(copy), 1);
        next.epoch = get(next.store.brokers().register(registration(1), next));

        assertThat(next.epoch).isGreaterThan(node.epoch);
        assertThat((System.nanoTime() - started) / 1_000_000).isLessThan(5_000);
        assertThat(new SessionFile(copy, "another machine altogether").load()).isNull();
    }

    @Test
    @DisplayName("the layout under a chroot is that of Kafka 3.9, with one node of our own; ids are given out once")
    void layoutAndIds() throws Exception {
        ZooKeeperCoordination store = ZooKeeperCoordination.open(
                new ZooKeeperConfig(server.getConnectString() + "/a/kafka", 10_000, 10_000), null, Clock.system());
        open.add(store);

        assertThat(store.curator().getChildren().forPath("/"))
                .containsExactlyInAnyOrder(
                        "admin",
                        "barnabas",
                        "brokers",
                        "cluster",
                        "config",
                        "consumers",
                        "feature",
                        "isr_change_notification",
                        "latest_producer_id_block",
                        "log_dir_event_notification");
        assertThat(get(store.clusterId().loadOrCreate("first"))).isEqualTo("first");
        assertThat(get(store.clusterId().loadOrCreate("second"))).isEqualTo("first");
        assertThat(get(store.brokerIds().next(1000))).isEqualTo(new BrokerId(1001));
        assertThat(get(store.brokerIds().next(1000))).isEqualTo(new BrokerId(1002));
    }

    @Test
    @DisplayName("what must not be used is refused with one sentence (DESIGN D14)")
    void refusals() throws Exception {
        ZooKeeperCoordination store = connect(null);
        store.curator()
                .create()
                .forPath(
                        "/brokers/topics/old",
                        "{\"version\":1,\"partitions\":{\"0\":[1]}}".getBytes(StandardCharsets.UTF_8));
        assertThatThrownBy(() -> connect(null)).hasMessageContaining("topic old has no topic id");
        store.curator().create().forPath("/migration", null);
        assertThatThrownBy(() -> connect(null)).hasMessageContaining("migrated to KRaft");
        int dead = server.getPort();
        server.stop();
        assertThatThrownBy(() -> ZooKeeperCoordination.open(
                        new ZooKeeperConfig("127.0.0.1:" + dead, 6_000, 700), null, Clock.system()))
                .isInstanceOf(CoordinationException.class)
                .hasMessageContaining("no answer from ZooKeeper");
    }

    private ZooKeeperCoordination connect(Path sessionFile) {
        ZooKeeperCoordination store = ZooKeeperCoordination.open(
                new ZooKeeperConfig(server.getConnectString(), 10_000, 10_000), sessionFile, Clock.system());
        open.add(store);
        return store;
    }

    private static String raw(Node node, String path) throws Exception {
        return new String(node.store.curator().getData().forPath(path), StandardCharsets.UTF_8);
    }

    private static <T> T get(CompletionStage<T> stage) throws Exception {
        return stage.toCompletableFuture().get(20, TimeUnit.SECONDS);
    }

    private static NewTopic topic(String name, int partitions) {
        return new NewTopic(name, partitions, 1, Map.of(), Map.of("retention.ms", "1000"));
    }

    private static ConfigChange change(ConfigEntity entity, String key, String value) {
        return new ConfigChange(entity, List.of(ConfigChange.Op.set(key, value)), false);
    }

    private static BrokerRegistration registration(int id) {
        return new BrokerRegistration(
                new BrokerId(id), List.of(new Endpoint("PLAINTEXT", "PLAINTEXT", "127.0.0.1", 9092)), null);
    }

    /** One broker as far as coordination goes. */
    private final class Node implements RegistrationListener {
        final ZooKeeperCoordination store;
        final ControllerLoop loop;
        final List<ControlMessage> messages = new CopyOnWriteArrayList<>();
        final BrokerId id;
        volatile long epoch;
        volatile boolean lost;

        Node(ZooKeeperCoordination store, int id) {
            this.store = store;
            this.id = new BrokerId(id);
            EventLoops.RunningLoop thread = EventLoops.start("controller-" + id);
            open.add(open.size() - 1, thread);
            ControllerConfig config = new ControllerConfig(1, 1, true, false, ConfigCheck.none());
            loop = new ControllerLoop(
                    this.id,
                    store,
                    (to, brokerEpoch, message) -> messages.add(message),
                    config,
                    thread,
                    Clock.system(),
                    new Random(7));
            open.add(loop);
        }

        Node serve() throws Exception {
            epoch = get(store.brokers().register(registration(id.value()), this));
            loop.start();
            await().until(loop::isController);
            return this;
        }

        List<String> children(String path) throws Exception {
            return store.curator().getChildren().forPath(path);
        }

        @Override
        public void onRegistered(long brokerEpoch) {
            epoch = brokerEpoch;
        }

        @Override
        public void onLost() {
            lost = true;
        }

        @Override
        public void onRefused(String sentence) {
            throw new AssertionError(sentence);
        }
    }
}
