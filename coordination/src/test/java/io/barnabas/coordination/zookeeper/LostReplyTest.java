package io.barnabas.coordination.zookeeper;

import static org.assertj.core.api.Assertions.assertThat;

import io.barnabas.coordination.control.BrokerInfo;
import io.barnabas.coordination.control.ConfigEntity;
import io.barnabas.coordination.store.BrokerRegistration;
import io.barnabas.coordination.store.StoredTopic;
import io.barnabas.coordination.store.Term;
import io.barnabas.coordination.store.WriteResult;
import io.barnabas.model.BrokerId;
import io.barnabas.model.Endpoint;
import io.barnabas.model.LeaderAndIsr;
import io.barnabas.model.TopicPartition;
import io.barnabas.runtime.time.Clock;
import java.io.IOException;
import java.io.InputStream;
import java.net.InetAddress;
import java.net.ServerSocket;
import java.net.Socket;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import java.util.UUID;
import java.util.concurrent.CompletionStage;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.TimeUnit;
import org.apache.curator.test.TestingServer;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.DisplayName;
import org.junit.jupiter.api.Test;

/** ZooKeeper has done it, but the answer never came. */
class LostReplyTest {
    private static final BrokerId ONE = new BrokerId(1);

    private TestingServer server;
    private DroppingProxy proxy;
    private ZooKeeperCoordination store;

    @BeforeEach
    void start() throws Exception {
        server = new TestingServer(true);
        proxy = new DroppingProxy(server.getPort());
        store = ZooKeeperCoordination.open(
                new ZooKeeperConfig("127.0.0.1:" + proxy.port(), 10_000, 10_000), null, Clock.system());
    }

    @AfterEach
    void stop() throws Exception {
        store.close();
        proxy.close();
        server.close();
    }

    @Test
    @DisplayName("a registration whose answer is lost is made once, with the right epoch (CTRL-03, CTRL-07)")
    void registration() throws Exception {
        var broker = new BrokerRegistration(ONE, List.of(new Endpoint("PLAINTEXT", "PLAINTEXT", "h", 1)), null);

        proxy.dropNextReply();
        long epoch = get(store.brokers().register(broker, null));

        assertThat(proxy.dropped()).isTrue();
        assertThat(get(store.brokers().liveBrokers(() -> {})))
                .containsExactly(new BrokerInfo(ONE, epoch, broker.endpoints(), null));
    }

    @Test
    @DisplayName(
            "whose election's answer is lost knows that it won; every write after it is done once (CTRL-07, CTRL-09, REPL-06)")
    void electionAndWrites() throws Exception {
        get(store.lease().release(get(store.lease().acquire(ONE)).term()));
        TopicPartition partition = new TopicPartition("t", 0);
        StoredTopic topic = StoredTopic.fresh("t", new UUID(1, 2), new TreeMap<>(Map.of(0, List.of(ONE))));
        LeaderAndIsr first = new LeaderAndIsr(ONE, 0, List.of(ONE), 0);
        LeaderAndIsr second = new LeaderAndIsr(ONE, 1, List.of(ONE), 0);

        // Election reads the epoch first, so the answer after that one is the election's.
        proxy.dropReplyAfter(1);
        Term term = get(store.lease().acquire(ONE)).term();
        assertThat(term).isEqualTo(new Term(2, 2));
        proxy.dropNextReply();
        assertThat(get(store.topics().create(term, topic, Map.of("a", "b")))).isEqualTo(WriteResult.stored(0));
        StoredTopic moving = new StoredTopic(
                "t",
                topic.topicId(),
                new TreeMap<>(Map.of(0, List.of(new BrokerId(2), ONE))),
                Map.of(0, List.of(new BrokerId(2))),
                Map.of(0, List.of(ONE)),
                0);
        proxy.dropNextReply();
        assertThat(get(store.topics().store(term, moving))).isEqualTo(WriteResult.stored(1));
        assertThat(get(store.topics().store(term, moving)))
                .describedAs("ours still, asked once more")
                .isEqualTo(WriteResult.stored(1));
        assertThat(get(store.topics().store(term, topic))).isEqualTo(WriteResult.conflict());
        assertThat(get(store.topics().loadAll()).get(0).adding()).isEqualTo(moving.adding());
        proxy.dropNextReply();
        assertThat(get(store.partitionStates().create(term, Map.of(partition, first))))
                .containsEntry(partition, WriteResult.stored(0));
        proxy.dropNextReply();
        assertThat(get(store.partitionStates().store(term, Map.of(partition, second), Map.of())))
                .containsEntry(partition, WriteResult.stored(1));
        proxy.dropNextReply();
        assertThat(get(store.configs().store(term, ConfigEntity.topic("t"), Map.of("a", "c"), 0)))
                .isEqualTo(WriteResult.stored(1));
        proxy.dropNextReply();
        assertThat(get(store.producerIds().nextBlock(term, ONE)).count()).isEqualTo(1000);
        proxy.dropNextReply();
        assertThat(get(store.topics().markForDeletion(term, "t"))).isEqualTo(WriteResult.stored(0));
        proxy.dropReplyAfter(1);
        assertThat(get(store.topics().remove(term, "t"))).isEqualTo(WriteResult.stored(0));
        assertThat(get(store.topics().loadAll())).isEmpty();
        assertThat(get(store.topics().deletionMarks(() -> {}))).isEmpty();
    }

    private static <T> T get(CompletionStage<T> stage) throws Exception {
        return stage.toCompletableFuture().get(20, TimeUnit.SECONDS);
    }

    /** Forwards everything, but when told closes a connection instead of delivering the server's answer. */
    private static final class DroppingProxy implements AutoCloseable {
        /** ZooKeeper answers with frames; an answer to a ping is as short as 20 bytes. */
        private static final int PING_ANSWER_BYTES = 20;

        private final ServerSocket listening = new ServerSocket(0, 50, InetAddress.getByName("127.0.0.1"));
        private final List<Socket> sockets = new CopyOnWriteArrayList<>();
        private final int target;
        private int repliesUntilDrop = -1;
        private boolean dropped;

        DroppingProxy(int target) throws IOException {
            this.target = target;
            start(this::accept);
        }

        int port() {
            return listening.getLocalPort();
        }

        void dropNextReply() {
            dropReplyAfter(0);
        }

        synchronized void dropReplyAfter(int replies) {
            repliesUntilDrop = replies;
            dropped = false;
        }

        synchronized boolean dropped() {
            return dropped;
        }

        private synchronized boolean drops() {
            boolean drop = repliesUntilDrop == 0;
            repliesUntilDrop--;
            dropped |= drop;
            return drop;
        }

        private void accept() {
            while (true) {
                try {
                    Socket client = listening.accept();
                    Socket server = new Socket("127.0.0.1", target);
                    sockets.add(client);
                    sockets.add(server);
                    start(() -> pump(client, server, false));
                    start(() -> pump(server, client, true));
                } catch (IOException closed) {
                    return;
                }
            }
        }

        private void pump(Socket from, Socket to, boolean answers) {
            byte[] buffer = new byte[1 << 16];
            try (from;
                    to) {
                InputStream in = from.getInputStream();
                for (int read = in.read(buffer); read > 0; read = in.read(buffer)) {
                    if (answers && read > PING_ANSWER_BYTES && drops()) {
                        return;
                    }
                    to.getOutputStream().write(buffer, 0, read);
                    to.getOutputStream().flush();
                }
            } catch (IOException closed) {
                // one side has gone: the other one follows
            }
        }

        private static void start(Runnable task) {
            Thread thread = new Thread(task, "dropping-proxy");
            thread.setDaemon(true);
            thread.start();
        }

        @Override
        public void close() throws IOException {
            listening.close();
            for (Socket socket : sockets) {
                socket.close();
            }
        }
    }
}
