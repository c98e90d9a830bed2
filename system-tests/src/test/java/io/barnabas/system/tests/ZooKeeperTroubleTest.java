package io.barnabas.system.tests;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Random;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;
import org.apache.curator.test.InstanceSpec;
import org.apache.curator.test.TestingServer;
import org.apache.kafka.clients.admin.Admin;
import org.apache.kafka.clients.admin.NewTopic;
import org.apache.kafka.clients.producer.KafkaProducer;
import org.apache.kafka.clients.producer.ProducerRecord;
import org.apache.zookeeper.Watcher.Event.KeeperState;
import org.apache.zookeeper.ZooKeeper;
import org.apache.zookeeper.data.Stat;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.DisplayName;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** A live broker on a ZooKeeper of somebody else's that loses sessions, restarts, and comes back. */
class ZooKeeperTroubleTest {
    private static final String TOPIC = "through";
    private static final String REGISTRATION = "/brokers/ids/5";

    @TempDir
    Path directory;

    private TestingServer server;
    private LiveBroker broker;
    private KafkaProducer<byte[], byte[]> producer;
    private int sent;

    @BeforeEach
    void start() throws Exception {
        server = new TestingServer(
                new InstanceSpec(directory.resolve("ensemble").toFile(), -1, -1, -1, false, -1, 500, -1), true);
        broker = LiveBroker.start(directory, settings());
        producer = Clients.producer(broker.bootstrap(), Map.of());
        try (Admin admin = Clients.admin(broker.bootstrap())) {
            admin.createTopics(List.of(new NewTopic(TOPIC, 1, (short) 1))).all().get(20, TimeUnit.SECONDS);
        }
        produceOne();
    }

    @AfterEach
    void stop() throws Exception {
        producer.close(Duration.ZERO);
        broker.close();
        server.close();
    }

    @Test
    @DisplayName(
            "the session expires while records are produced: the gap is short, a new registration has a new epoch (CTRL-06)")
    void sessionExpires() throws Exception {
        try (ZooKeeper watcher = connect(0, null)) {
            for (int round = 0; round < 3; round++) {
                Stat before = watcher.exists(REGISTRATION, false);
                expire(before.getEphemeralOwner());
                long longestGap = 0;
                long deadline = System.nanoTime() + TimeUnit.SECONDS.toNanos(30);
                for (Stat now = before;
                        now == null || now.getCzxid() == before.getCzxid();
                        now = watcher.exists(REGISTRATION, false)) {
                    long began = System.nanoTime();
                    produceOne();
                    longestGap = Math.max(longestGap, System.nanoTime() - began);
                    assertThat(System.nanoTime() - deadline)
                            .as("registered again")
                            .isNegative();
                }
                Stat after = watcher.exists(REGISTRATION, false);
                assertThat(after.getCzxid()).isGreaterThan(before.getCzxid());
                assertThat(after.getEphemeralOwner()).isNotEqualTo(before.getEphemeralOwner());
                long began = System.nanoTime();
                produceOne();
                longestGap = Math.max(longestGap, System.nanoTime() - began);
                assertThat(Duration.ofNanos(longestGap)).as("gap").isLessThan(Duration.ofSeconds(5));
            }
            await().atMost(Duration.ofSeconds(20)).until(() -> watcher.exists("/controller", false) != null);
        }
        assertControls("after-expiry");
        assertAllThere();
    }

    @Test
    @DisplayName(
            "ZooKeeper restarts under the broker: records are taken all the while, later topics are created (CTRL-06, CTRL-12)")
    void zooKeeperRestarts() throws Exception {
        server.stop();
        for (int i = 0; i < 50; i++) {
            produceOne();
        }
        server.restart();
        for (int i = 0; i < 50; i++) {
            produceOne();
        }
        assertControls("after-restart");
        assertAllThere();
    }

    @Test
    @DisplayName(
            "kill -9 and at once a new start on the same ensemble: registered again without waiting for the session (CTRL-04, CTRL-05)")
    void quickRestart() throws Exception {
        for (int round = 0; round < 3; round++) {
            broker.kill();
            long began = System.nanoTime();
            broker = LiveBroker.start(directory, settings());
            assertThat(Duration.ofNanos(System.nanoTime() - began))
                    .as("not the session timeout of 18 s")
                    .isLessThan(Duration.ofSeconds(12));
        }
        producer.close(Duration.ZERO);
        producer = Clients.producer(broker.bootstrap(), Map.of());
        produceOne();
        assertControls("after-kills");
        assertAllThere();
    }

    @Test
    @DisplayName(
            "somebody deletes /controller, again and again: there is a controller again each time, with a higher epoch (CTRL-12)")
    void controllerDeleted() throws Exception {
        try (ZooKeeper hand = connect(0, null)) {
            int epoch = epoch(hand);
            for (int round = 0; round < 10; round++) {
                hand.delete("/controller", -1);
                await().atMost(Duration.ofSeconds(10)).until(() -> hand.exists("/controller", false) != null);
                produceOne();
            }
            assertThat(epoch(hand)).isGreaterThanOrEqualTo(epoch + 10);
        }
        assertControls("after-elections");
        assertAllThere();
    }

    private Map<String, String> settings() {
        return Map.of("zookeeper.connect", server.getConnectString(), "broker.id", "5");
    }

    private void produceOne() throws Exception {
        byte[] value = ("record " + sent).getBytes(StandardCharsets.UTF_8);
        var written = producer.send(new ProducerRecord<>(TOPIC, value)).get(30, TimeUnit.SECONDS);
        assertThat(written.offset()).isEqualTo(sent++);
    }

    private void assertAllThere() {
        List<String> expected = new ArrayList<>();
        for (int i = 0; i < sent; i++) {
            expected.add("record " + i);
        }
        assertThat(Clients.readPartition(broker.bootstrap(), TOPIC, 0))
                .extracting(record -> new String(record.value(), StandardCharsets.UTF_8))
                .isEqualTo(expected);
    }

    /** The broker is controller and leads what is created. */
    private void assertControls(String topic) throws Exception {
        try (Admin admin = Clients.admin(broker.bootstrap());
                KafkaProducer<byte[], byte[]> fresh = Clients.producer(broker.bootstrap(), Map.of())) {
            await().atMost(Duration.ofSeconds(30))
                    .ignoreExceptions()
                    .until(() -> admin.createTopics(List.of(new NewTopic(topic, 1, (short) 1)))
                                    .all()
                                    .get(20, TimeUnit.SECONDS)
                            == null);
            var written =
                    fresh.send(new ProducerRecord<>(topic, new byte[] {1})).get(20, TimeUnit.SECONDS);
            assertThat(written.offset()).isZero();
        }
    }

    private static int epoch(ZooKeeper zooKeeper) throws Exception {
        return Integer.parseInt(
                new String(zooKeeper.getData("/controller_epoch", false, null), StandardCharsets.UTF_8));
    }

    /** As the ensemble would: whoever knows a session's password may end it, and the server makes that from the session's id. */
    private void expire(long session) throws Exception {
        byte[] password = new byte[16];
        new Random(session ^ 0xB3415C00L).nextBytes(password);
        connect(session, password).close();
    }

    private ZooKeeper connect(long session, byte[] password) throws Exception {
        var connected = new CountDownLatch(1);
        ZooKeeper zooKeeper = session == 0
                ? new ZooKeeper(server.getConnectString(), 10_000, event -> count(event.getState(), connected))
                : new ZooKeeper(
                        server.getConnectString(),
                        10_000,
                        event -> count(event.getState(), connected),
                        session,
                        password);
        assertThat(connected.await(20, TimeUnit.SECONDS))
                .as("connected to ZooKeeper")
                .isTrue();
        return zooKeeper;
    }

    private static void count(KeeperState state, CountDownLatch connected) {
        if (state == KeeperState.SyncConnected) {
            connected.countDown();
        }
    }
}
