package io.barnabas.coordination.zookeeper;

import static org.assertj.core.api.Assertions.assertThat;

import io.barnabas.coordination.store.CoordinationException;
import io.barnabas.model.TopicPartition;
import io.barnabas.runtime.time.Clock;
import java.io.DataInputStream;
import java.io.DataOutputStream;
import java.io.IOException;
import java.net.InetAddress;
import java.net.ServerSocket;
import java.net.Socket;
import java.nio.ByteBuffer;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.CompletionStage;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.TimeUnit;
import java.util.function.Supplier;
import org.apache.curator.test.TestingServer;
import org.apache.zookeeper.ZooDefs.OpCode;
import org.junit.jupiter.api.DisplayName;
import org.junit.jupiter.api.Test;

class SyncBeforeReadTest {
    @Test
    @DisplayName("before every read that decides something the server is asked to catch up (CTRL-08)")
    void syncComesFirst() throws Exception {
        try (TestingServer server = new TestingServer(true);
                RecordingProxy proxy = new RecordingProxy(server.getPort());
                ZooKeeperCoordination store = ZooKeeperCoordination.open(
                        new ZooKeeperConfig("127.0.0.1:" + proxy.port(), 10_000, 10_000), null, Clock.system())) {
            List<Supplier<CompletionStage<?>>> reads = List.of(
                    () -> store.lease().holder(() -> {}),
                    () -> store.brokers().liveBrokers(() -> {}),
                    () -> store.topics().names(() -> {}),
                    () -> store.topics().loadAll(),
                    () -> store.topics().deletionMarks(() -> {}),
                    () -> store.partitionStates().load(List.of(new TopicPartition("t", 0))),
                    () -> store.configs().loadAll(),
                    () -> store.configs().notices(() -> {}),
                    () -> store.clusterId().loadOrCreate("x"));

            for (Supplier<CompletionStage<?>> read : reads) {
                proxy.operations.clear();
                read.get().toCompletableFuture().get(10, TimeUnit.SECONDS);
                assertThat(new ArrayList<>(proxy.operations))
                        .filteredOn(operation -> operation != OpCode.ping)
                        .startsWith(OpCode.sync)
                        .hasSizeGreaterThan(1);
            }
        }
    }

    /** Forwards everything and notes the kind of each request. */
    private static final class RecordingProxy implements AutoCloseable {
        final List<Integer> operations = new CopyOnWriteArrayList<>();
        private final ServerSocket listening = new ServerSocket(0, 50, InetAddress.getByName("127.0.0.1"));
        private final List<Socket> sockets = new CopyOnWriteArrayList<>();
        private final int target;

        RecordingProxy(int target) throws IOException {
            this.target = target;
            start(this::accept);
        }

        int port() {
            return listening.getLocalPort();
        }

        private void accept() {
            while (true) {
                try {
                    Socket client = listening.accept();
                    Socket server = new Socket("127.0.0.1", target);
                    sockets.add(client);
                    sockets.add(server);
                    start(() -> pump(client, server, true));
                    start(() -> pump(server, client, false));
                } catch (IOException closed) {
                    return;
                }
            }
        }

        /** Frames are a length and a body; a request begins with its number and its kind, the first frame is a handshake. */
        private void pump(Socket from, Socket to, boolean requests) {
            try (from;
                    to) {
                DataInputStream in = new DataInputStream(from.getInputStream());
                DataOutputStream out = new DataOutputStream(to.getOutputStream());
                for (boolean handshake = true; ; handshake = false) {
                    byte[] frame = new byte[in.readInt()];
                    in.readFully(frame);
                    if (requests && !handshake) {
                        operations.add(ByteBuffer.wrap(frame).getInt(4));
                    }
                    out.writeInt(frame.length);
                    out.write(frame);
                    out.flush();
                }
            } catch (IOException closed) {
                // one side has gone: the other one follows
            }
        }

        private static void start(Runnable task) {
            Thread thread = new Thread(task, "recording-proxy");
            thread.setDaemon(true);
            thread.start();
        }

        @Override
        public void close() {
            try {
                listening.close();
                for (Socket socket : sockets) {
                    socket.close();
                }
            } catch (IOException failed) {
                throw new CoordinationException("cannot close", failed);
            }
        }
    }
}
