package io.barnabas.broker.app;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatCode;

import io.barnabas.broker.config.BrokerConfig;
import io.barnabas.coordination.control.ClusterState;
import io.barnabas.coordination.control.FeatureLevels;
import io.barnabas.coordination.control.KryoControlCodec;
import io.barnabas.coordination.control.PeerReply;
import io.barnabas.coordination.control.PeerRequest;
import io.barnabas.model.BrokerId;
import io.barnabas.runtime.time.Clock;
import java.io.DataInputStream;
import java.io.DataOutputStream;
import java.io.EOFException;
import java.io.IOException;
import java.net.InetAddress;
import java.net.Socket;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import java.util.Random;
import java.util.UUID;
import org.apache.kafka.clients.admin.Admin;
import org.apache.kafka.clients.admin.AdminClientConfig;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.DisplayName;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

/** Somebody who is no broker speaks as if he were one. He is not listened to, and nobody else notices. */
@Timeout(120)
class HostilePeersTest {
    private static final short PRIVATE_KEY = 32_000;
    private static final int PATIENCE_MS = 20_000;

    @TempDir
    private Path directory;

    private final KryoControlCodec codec = new KryoControlCodec();
    private BrokerServer server;

    @BeforeEach
    void start() {
        server = BrokerServer.start(
                BrokerConfig.from(Map.of(
                        "broker.id",
                        "1",
                        "listeners",
                        "CLIENTS://127.0.0.1:0,BROKERS://127.0.0.1:0",
                        "listener.security.protocol.map",
                        "CLIENTS:PLAINTEXT,BROKERS:PLAINTEXT",
                        "inter.broker.listener.name",
                        "BROKERS",
                        "log.dirs",
                        directory.resolve("data").toString())),
                Clock.system(),
                new Random(1),
                sentence -> {
                    throw new AssertionError(sentence);
                });
    }

    @AfterEach
    void stop() {
        serves();
        server.close();
    }

    @Test
    @DisplayName("a private request before the hello ends the connection")
    void withoutHello() throws IOException {
        try (Stranger stranger = new Stranger("BROKERS")) {
            stranger.send(codec.encode(new PeerRequest.ShutDown(new BrokerId(1), 1)));

            assertThat(stranger.isClosed()).isTrue();
        }
    }

    @Test
    @DisplayName("a state of the cluster told by a stranger is not obeyed")
    void strangersStateIsNotObeyed() throws IOException {
        var before = server.cluster().controllerEpoch();
        var nothing = new ClusterState(1_000, new BrokerId(7), 0, List.of(), List.of(), Map.of(), FeatureLevels.NONE);
        try (Stranger stranger = new Stranger("BROKERS")) {
            stranger.send(codec.encode(new PeerRequest.Tell(1, nothing)));

            assertThat(stranger.isClosed()).isTrue();
        }
        assertThat(server.cluster().controllerEpoch()).isEqualTo(before);
    }

    @Test
    @DisplayName("garbage, nothing at all, and more than a handshake needs end the connection")
    void garbage() throws IOException {
        Random random = new Random(20_26);
        byte[] noise = new byte[300];
        random.nextBytes(noise);
        byte[] tooMuch = new byte[10_000];
        for (byte[] message : List.of(noise, new byte[0], tooMuch, new byte[] {1, 127, 127})) {
            try (Stranger stranger = new Stranger("BROKERS")) {
                stranger.send(message);

                assertThat(stranger.isClosed()).isTrue();
            }
        }
    }

    @Test
    @DisplayName("a hello of another cluster is refused in words, and nothing is heard after it")
    void anotherCluster() throws IOException {
        try (Stranger stranger = new Stranger("BROKERS")) {
            stranger.send(codec.encode(hello("another-cluster")));

            assertThat(codec.decodeReply(stranger.answer()))
                    .isInstanceOfSatisfying(
                            PeerReply.Refused.class,
                            no -> assertThat(no.refusal().message()).contains("another-cluster"));
            stranger.send(codec.encode(hello(server.clusterId())));
            assertThat(stranger.isClosed()).isTrue();
        }
    }

    @Test
    @DisplayName("without the cluster's secret no proof is good: not a made-up one, and not the broker's own sent back")
    void wrongProof() throws IOException {
        for (boolean reflected : List.of(false, true)) {
            try (Stranger stranger = new Stranger("BROKERS")) {
                stranger.send(codec.encode(hello(server.clusterId())));
                PeerReply.Challenge challenge = (PeerReply.Challenge) codec.decodeReply(stranger.answer());
                stranger.send(codec.encode(new PeerRequest.Proof(reflected ? challenge.proof() : new byte[32])));

                assertThat(codec.decodeReply(stranger.answer())).isInstanceOf(PeerReply.Refused.class);
                stranger.send(codec.encode(new PeerRequest.ShutDown(new BrokerId(1), 1)));
                assertThat(stranger.isClosed()).isTrue();
            }
        }
    }

    @Test
    @DisplayName("over a listener of clients nothing private is heard at all, and ApiVersions does not tell of it")
    void notOverClientsListeners() throws Exception {
        try (Stranger stranger = new Stranger("CLIENTS")) {
            stranger.send(codec.encode(hello(server.clusterId())));

            assertThat(stranger.isClosed()).isTrue();
        }
    }

    private static PeerRequest.Hello hello(String clusterId) {
        return new PeerRequest.Hello(
                clusterId, new BrokerId(2), 77, UUID.nameUUIDFromBytes(new byte[] {2}), new BrokerId(1), new byte[32]);
    }

    /** Whoever is honest goes on as if nothing had been. */
    private void serves() {
        assertThatCode(() -> {
                    try (Admin admin = Admin.create(Map.of(
                            AdminClientConfig.BOOTSTRAP_SERVERS_CONFIG, "127.0.0.1:" + server.port("CLIENTS")))) {
                        assertThat(admin.describeCluster().clusterId().get()).isEqualTo(server.clusterId());
                    }
                })
                .doesNotThrowAnyException();
    }

    /** Speaks the private frames by hand. */
    private final class Stranger implements AutoCloseable {
        private final Socket socket;
        private final DataInputStream in;
        private final DataOutputStream out;
        private int lastCorrelationId;

        Stranger(String listener) throws IOException {
            socket = new Socket(InetAddress.getLoopbackAddress(), server.port(listener));
            socket.setSoTimeout(PATIENCE_MS);
            in = new DataInputStream(socket.getInputStream());
            out = new DataOutputStream(socket.getOutputStream());
        }

        void send(byte[] message) throws IOException {
            out.writeInt(10 + message.length);
            out.writeShort(PRIVATE_KEY);
            out.writeShort(0);
            out.writeInt(++lastCorrelationId);
            out.writeShort(-1);
            out.write(message);
            out.flush();
        }

        byte[] answer() throws IOException {
            int size = in.readInt();
            assertThat(in.readInt()).isEqualTo(lastCorrelationId);
            return in.readNBytes(size - Integer.BYTES);
        }

        boolean isClosed() throws IOException {
            try {
                in.readByte();
                return false;
            } catch (EOFException ended) {
                return true;
            } catch (java.net.SocketException reset) {
                return true;
            }
        }

        @Override
        public void close() throws IOException {
            socket.close();
        }
    }
}
