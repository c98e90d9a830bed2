package io.barnabas.coordination.zookeeper;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import io.barnabas.coordination.ControllerLoop;
import io.barnabas.coordination.control.BrokerInfo;
import io.barnabas.coordination.control.ClusterChange;
import io.barnabas.coordination.control.ClusterState;
import io.barnabas.coordination.control.ControlMessage;
import io.barnabas.coordination.control.LastShutdown;
import io.barnabas.coordination.control.TopicInfo;
import io.barnabas.coordination.controller.ConfigCheck;
import io.barnabas.coordination.controller.ControllerConfig;
import io.barnabas.coordination.store.BrokerRegistration;
import io.barnabas.coordination.store.ControllerLease.Attempt;
import io.barnabas.coordination.store.StoredTopic;
import io.barnabas.coordination.store.Term;
import io.barnabas.coordination.store.WriteResult;
import io.barnabas.model.BrokerId;
import io.barnabas.model.LeaderAndIsr;
import io.barnabas.model.TopicPartition;
import io.barnabas.runtime.loop.EventLoops;
import io.barnabas.runtime.time.Clock;
import java.io.IOException;
import java.net.Socket;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Collections;
import java.util.Deque;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Random;
import java.util.TreeMap;
import java.util.UUID;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionStage;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.apache.curator.test.TestingServer;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.DisplayName;
import org.junit.jupiter.api.Test;

/** The office changes hands, and with it many partitions, on a real server. */
class FailoverOnZooKeeperTest {
    private static final BrokerId ONE = new BrokerId(1);
    private static final BrokerId TWO = new BrokerId(2);
    private static final BrokerId THREE = new BrokerId(3);
    private static final Duration PATIENCE = Duration.ofSeconds(120);

    private final Deque<AutoCloseable> open = new ArrayDeque<>();
    private TestingServer server;

    @BeforeEach
    void startServer() throws Exception {
        server = new TestingServer(true);
        open.push(server);
    }

    @AfterEach
    void closeAll() throws Exception {
        while (!open.isEmpty()) {
            open.pop().close();
        }
    }

    @Test
    @DisplayName(
            "(FFD-13) one transaction deposes a controller whose session lives, and fences it; its end takes nothing with it")
    void usurped() throws Exception {
        ZooKeeperCoordination first = connect();
        ZooKeeperCoordination second = connect();
        Term old = get(first.lease().acquire(ONE)).term();
        CompletableFuture<Void> noticed = new CompletableFuture<>();
        assertThat(get(first.lease().holder(() -> noticed.complete(null))).isMine())
                .isTrue();

        assertThat(get(second.lease().usurp(TWO, ONE, old.controllerEpoch() - 1)))
                .isEqualTo(new Attempt(null));
        assertThat(get(second.lease().usurp(TWO, THREE, old.controllerEpoch()))).isEqualTo(new Attempt(null));
        Term term = get(second.lease().usurp(TWO, ONE, old.controllerEpoch())).term();

        assertThat(term).isEqualTo(new Term(old.controllerEpoch() + 1, old.epochVersion() + 1));
        noticed.get(20, TimeUnit.SECONDS);
        assertThat(get(first.lease().holder(() -> {})).broker()).isEqualTo(TWO);
        assertThat(get(first.topics().markForDeletion(old, "t"))).isEqualTo(WriteResult.fenced());
        get(first.lease().release(old));
        first.close();
        assertThat(get(second.lease().holder(() -> {})).isMine()).isTrue();
        assertThat(get(second.topics().markForDeletion(term, "t"))).isEqualTo(WriteResult.stored(0));
    }

    @Test
    @DisplayName("(FFD-13) of many that usurp at once one wins, a hundred times")
    void race() throws Exception {
        List<ZooKeeperCoordination> candidates = List.of(connect(), connect(), connect());
        int holder = 0;
        int epoch =
                get(candidates.get(0).lease().acquire(new BrokerId(0))).term().controllerEpoch();
        for (int round = 0; round < 100; round++) {
            Map<Integer, CompletionStage<Attempt>> attempts = new HashMap<>();
            for (int each = 0; each < candidates.size(); each++) {
                if (each != holder) {
                    attempts.put(
                            each, candidates.get(each).lease().usurp(new BrokerId(each), new BrokerId(holder), epoch));
                }
            }
            List<Integer> winners = attempts.entrySet().stream()
                    .filter(attempt -> join(attempt.getValue()).won())
                    .map(Map.Entry::getKey)
                    .toList();
            assertThat(winners).hasSize(1);
            holder = winners.get(0);
            epoch++;
            assertThat(get(candidates.get(holder).lease().holder(() -> {})).isMine())
                    .isTrue();
        }
    }

    @Test
    @DisplayName(
            "(CTRL-30) the failure of a broker with a third of 10,000 partitions costs one write for a hundred of them, and no reads")
    void failoverOfTenThousand() throws Exception {
        ZooKeeperCoordination store = connect();
        List<BrokerId> brokers = List.of(ONE, TWO, THREE);
        fill(store, 1, 10_000, brokers);
        ZooKeeperCoordination dying = connect();
        get(store.brokers().register(registration(ONE), null));
        get(dying.brokers().register(registration(TWO), null));
        get(connect().brokers().register(registration(THREE), null));
        Controller controller = new Controller(store);
        long packetsBefore = packets();

        long epoch = get(store.brokers().liveBrokers(() -> {})).get(1).brokerEpoch();
        controller.partitionsTold.set(0);
        controller.loop.suspect(TWO, epoch);
        await().atMost(PATIENCE).until(() -> controller.partitionsTold.get() >= 10_000);

        // 10,000 partitions in blocks of 100, and what this test itself and pings ask
        assertThat(packets() - packetsBefore).isLessThan(100 + 30);
        Map<TopicPartition, LeaderAndIsr> states = get(store.partitionStates()
                .load(List.of(new TopicPartition("t0", 0), new TopicPartition("t0", 1), new TopicPartition("t0", 2))));
        assertThat(states.values()).allSatisfy(state -> {
            assertThat(state.leader()).isNotEqualTo(TWO);
            assertThat(state.inSyncReplicas()).hasSize(2).doesNotContain(TWO);
        });
        // only what it led has another leader now
        assertThat(states.values()).extracting(LeaderAndIsr::leaderEpoch).containsExactlyInAnyOrder(0, 0, 1);
    }

    @Test
    @DisplayName(
            "(CTRL-13, CTRL-30) a new controller reads 100,000 states five hundred at a time, and writes none of them")
    void takeoverOfAHundredThousand() throws Exception {
        ZooKeeperCoordination store = connect();
        List<BrokerId> brokers = List.of(ONE);
        fill(store, 10, 10_000, brokers);
        get(store.brokers().register(registration(ONE), null));
        long packetsBefore = packets();

        Controller controller = new Controller(store);

        assertThat(controller.partitionsTold.get()).isEqualTo(100_000);
        // 200 blocks of states, topics one by one, and the rest once each
        assertThat(packets() - packetsBefore).isLessThan(200 + 60);
        assertThat(get(store.partitionStates().load(List.of(new TopicPartition("t3", 77))))
                        .values())
                .containsExactly(new LeaderAndIsr(ONE, 0, brokers, 0));
    }

    @Test
    @DisplayName(
            "(REPL-27) how a broker stopped is stored with its registration, and told until it is handled or another process comes")
    void lastShutdown() throws Exception {
        ZooKeeperCoordination store = connect();
        Term term = get(store.lease().acquire(ONE)).term();
        BrokerRegistration crashed = new BrokerRegistration(TWO, List.of(), null, new UUID(0, 1), LastShutdown.MACHINE);
        long first = get(store.brokers().register(crashed, null));
        assertThat(told(store)).isEqualTo(LastShutdown.MACHINE);

        get(store.brokers().unregister());
        get(store.brokers()
                .register(new BrokerRegistration(TWO, List.of(), null, new UUID(0, 9), LastShutdown.PROCESS), null));
        assertThat(told(store)).describedAs("nobody has handled it").isEqualTo(LastShutdown.MACHINE);
        get(store.brokers().unregister());
        long second = get(store.brokers().register(crashed, null));
        assertThat(told(store)).isEqualTo(LastShutdown.MACHINE);
        assertThat(get(store.brokers().startHandled(term, TWO, first))).isEqualTo(WriteResult.conflict());
        assertThat(get(store.brokers().startHandled(term, TWO, second))).isInstanceOf(WriteResult.Stored.class);
        assertThat(told(store)).isEqualTo(LastShutdown.CLEAN);
        assertThat(new String(store.curator().getData().forPath("/barnabas/starts/2"), StandardCharsets.UTF_8))
                .isEqualTo("{\"version\":1,\"incarnation\":\"00000000-0000-0000-0000-000000000001\","
                        + "\"last_shutdown\":\"machine\",\"handled\":true}");

        get(store.brokers().unregister());
        get(store.brokers().register(crashed, null));
        assertThat(told(store)).describedAs("the same process again").isEqualTo(LastShutdown.CLEAN);
        get(store.brokers().unregister());
        get(store.brokers()
                .register(new BrokerRegistration(TWO, List.of(), null, new UUID(0, 2), LastShutdown.PROCESS), null));
        assertThat(told(store)).isEqualTo(LastShutdown.PROCESS);
    }

    @Test
    @DisplayName(
            "(REPL-26, REPL-27) what was decided for a process is not stored once its broker has started anew, whether that has been read or not")
    void decidedForAnotherProcess() throws Exception {
        TopicPartition partition = new TopicPartition("t0", 0);
        TopicPartition another = new TopicPartition("t0", 1);
        ZooKeeperCoordination store = connect();
        fill(store, 1, 2, List.of(TWO, THREE));
        Term term = get(store.lease().acquire(ONE)).term();
        ZooKeeperCoordination dying = connect();
        long before = get(dying.brokers().register(process(1), null));
        get(store.brokers().liveBrokers(() -> {}));
        LeaderAndIsr alone = new LeaderAndIsr(TWO, 1, List.of(TWO), 0);
        LeaderAndIsr without = new LeaderAndIsr(THREE, 1, List.of(THREE), 0);
        get(dying.brokers().unregister());
        long after = get(dying.brokers().register(process(2), null));

        assertThat(get(store.partitionStates()
                        .store(term, Map.of(partition, alone, another, without), Map.of(TWO, before))))
                .describedAs("not read")
                .containsOnly(Map.entry(partition, WriteResult.conflict()), Map.entry(another, WriteResult.stored(1)));
        assertThat(get(store.partitionStates().store(term, Map.of(partition, alone), Map.of(TWO, before))))
                .describedAs("read")
                .containsOnly(Map.entry(partition, WriteResult.conflict()));

        get(store.brokers().startHandled(term, TWO, after));
        assertThat(get(store.partitionStates().store(term, Map.of(partition, alone), Map.of(TWO, after))))
                .containsValue(WriteResult.stored(1));

        get(dying.brokers().unregister());
        get(dying.brokers().register(process(2), null));
        LeaderAndIsr next = new LeaderAndIsr(TWO, 2, List.of(TWO), 1);
        assertThat(get(store.partitionStates().store(term, Map.of(partition, next), Map.of(TWO, after))))
                .describedAs("another registration of the same process, which has what it had")
                .containsValue(WriteResult.stored(2));
        get(store.brokers().liveBrokers(() -> {}));
        LeaderAndIsr last = new LeaderAndIsr(TWO, 3, List.of(TWO), 2);
        assertThat(get(store.partitionStates().store(term, Map.of(partition, last), Map.of(TWO, after))))
                .describedAs("once it is known, decisions are made for it")
                .containsValue(WriteResult.conflict());
    }

    private static BrokerRegistration process(long incarnation) {
        return new BrokerRegistration(TWO, List.of(), null, new UUID(0, incarnation), LastShutdown.MACHINE);
    }

    private static LastShutdown told(ZooKeeperCoordination store) throws Exception {
        return get(store.brokers().liveBrokers(() -> {})).get(0).lastShutdown();
    }

    /** Topics t0, t1, …, partition p of each led by the brokers in turn. */
    private static void fill(ZooKeeperCoordination store, int topics, int partitions, List<BrokerId> brokers)
            throws Exception {
        Term term = get(store.lease().acquire(ONE)).term();
        for (int each = 0; each < topics; each++) {
            TreeMap<Integer, List<BrokerId>> assignment = new TreeMap<>();
            Map<TopicPartition, LeaderAndIsr> states = new HashMap<>();
            for (int number = 0; number < partitions; number++) {
                List<BrokerId> replicas = new ArrayList<>(brokers);
                Collections.rotate(replicas, number);
                assignment.put(number, replicas);
                states.put(new TopicPartition("t" + each, number), new LeaderAndIsr(replicas.get(0), 0, replicas, 0));
            }
            get(store.topics().create(term, StoredTopic.fresh("t" + each, new UUID(1, each), assignment), Map.of()));
            assertThat(get(store.partitionStates().create(term, states)).values())
                    .containsOnly(WriteResult.stored(0));
        }
        get(store.lease().release(term));
    }

    @Test
    @DisplayName(
            "(CTRL-06, FAULT-10) while ZooKeeper does not answer no session ends, however long that is: registration and office are the same afterwards")
    void silence() throws Exception {
        ZooKeeperCoordination store = ZooKeeperCoordination.open(
                new ZooKeeperConfig(server.getConnectString(), 2_000, 2_000), null, Clock.system());
        open.push(store);
        EndedSessions ended = new EndedSessions();
        store.session().listen(ended);
        long epoch = get(store.brokers().register(new BrokerRegistration(ONE, List.of(), null), null));
        get(store.lease().acquire(ONE));

        server.stop();
        await().atMost(PATIENCE).until(() -> !store.session().isConnected());
        // more than two times as long as a session that nobody hears of lives
        await().during(Duration.ofSeconds(5)).atMost(PATIENCE).until(() -> ended.count() == 0);
        server.restart();

        assertThat(get(store.lease().holder(() -> {})).isMine()).isTrue();
        assertThat(get(store.brokers().liveBrokers(() -> {})))
                .extracting(BrokerInfo::brokerEpoch)
                .containsExactly(epoch);
        assertThat(ended.count()).isEqualTo(0);
    }

    private ZooKeeperCoordination connect() {
        ZooKeeperCoordination store = ZooKeeperCoordination.open(
                new ZooKeeperConfig(server.getConnectString(), 20_000, 20_000), null, Clock.system());
        open.push(store);
        return store;
    }

    private static BrokerRegistration registration(BrokerId id) {
        return new BrokerRegistration(id, List.of(), null);
    }

    private static <T> T get(CompletionStage<T> stage) throws Exception {
        return stage.toCompletableFuture().get(PATIENCE.toSeconds(), TimeUnit.SECONDS);
    }

    private static <T> T join(CompletionStage<T> stage) {
        return stage.toCompletableFuture().join();
    }

    /** Requests that the server has received, as it says itself. */
    private long packets() throws IOException {
        try (Socket socket = new Socket("127.0.0.1", server.getPort())) {
            socket.getOutputStream().write("srvr".getBytes(StandardCharsets.US_ASCII));
            socket.getOutputStream().flush();
            String answer = new String(socket.getInputStream().readAllBytes(), StandardCharsets.US_ASCII);
            Matcher received = Pattern.compile("Received: (\\d+)").matcher(answer);
            assertThat(received.find()).describedAs(answer).isTrue();
            return Long.parseLong(received.group(1));
        }
    }

    private static int partitionsIn(ControlMessage message) {
        List<TopicInfo> topics =
                message instanceof ClusterState state ? state.topics() : ((ClusterChange) message).topics();
        return topics.stream().mapToInt(topic -> topic.partitions().size()).sum();
    }

    private final class Controller {
        /** Of the last message to broker 1. */
        final AtomicInteger partitionsTold = new AtomicInteger();

        final ControllerLoop loop;

        Controller(ZooKeeperCoordination store) {
            EventLoops.RunningLoop thread = EventLoops.start("controller");
            open.push(thread);
            loop = new ControllerLoop(
                    ONE,
                    store,
                    (to, epoch, message) -> {
                        if (to.equals(ONE)) {
                            partitionsTold.set(partitionsIn(message));
                        }
                    },
                    new ControllerConfig(1, 1, true, false, ConfigCheck.none()),
                    thread,
                    Clock.system(),
                    new Random(7));
            open.push(loop);
            loop.start();
            await().atMost(PATIENCE).until(() -> partitionsTold.get() > 0);
        }
    }
}
