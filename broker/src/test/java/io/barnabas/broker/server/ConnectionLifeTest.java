package io.barnabas.broker.server;

import static io.barnabas.broker.server.RawClient.heartbeat;
import static io.barnabas.broker.server.RawClient.metadata;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.awaitility.Awaitility.await;

import io.barnabas.broker.api.ApiDispatcher;
import io.barnabas.broker.config.Listener;
import io.barnabas.broker.config.ListenersConfig;
import io.barnabas.broker.server.ServerFixture.Waiting;
import io.barnabas.protocol.ApiKey;
import io.barnabas.protocol.message.ApiVersionsRequestData;
import io.barnabas.protocol.message.HeartbeatRequestData;
import io.barnabas.runtime.time.Clock;
import io.barnabas.runtime.time.ManualClock;
import java.io.IOException;
import java.net.InetAddress;
import java.time.Duration;
import java.util.List;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.DisplayName;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

/** How connections begin, wait, idle and end. */
class ConnectionLifeTest {
    private final ServerFixture server = new ServerFixture();

    @AfterEach
    void stop() {
        server.close();
    }

    @Test
    @DisplayName("idle connections are closed, but not one with a request in progress (WIRE-18)")
    void idleOnesAreClosed() throws Exception {
        server.start(config -> ServerFixture.withIdleMs(config, 150));
        try (RawClient working = server.connect()) {
            working.send(heartbeat(1));
            Waiting<HeartbeatRequestData> waiting = server.heartbeats.poll(10, TimeUnit.SECONDS);
            for (int i = 0; i < 3; i++) {
                try (RawClient idle = server.connect()) {
                    idle.assertClosedWithoutAnswer();
                }
            }

            waiting.reply().send(ServerFixture.beat(0));

            assertThat(working.receiveCorrelationId()).isEqualTo(1);
            working.assertClosedWithoutAnswer();
        }
    }

    @Test
    @DisplayName("connections beyond the limit of one address, or of all, are closed right away (WIRE-19)")
    void limits() throws IOException {
        server.start(config -> ServerFixture.withLimits(config, 100, 2));
        try (RawClient one = server.connect();
                RawClient two = server.connect()) {
            one.send(metadata(1, 0));
            two.send(metadata(1, 0));
            assertThat(one.receiveCorrelationId()).isEqualTo(1);
            assertThat(two.receiveCorrelationId()).isEqualTo(1);

            try (RawClient three = server.connect()) {
                three.assertClosedWithoutAnswer();
            }
        }
        await().until(() -> server.server().connections() == 0);
        try (RawClient again = server.connect()) {
            again.send(metadata(2, 0));
            assertThat(again.receiveCorrelationId()).isEqualTo(2);
        }
    }

    @Test
    @DisplayName("at the total limit the brokers' listener still lets connections in (WIRE-19)")
    void brokersAreLetIn() {
        ConnectionLimits limits = new ConnectionLimits(1, 10);
        InetAddress address = InetAddress.getLoopbackAddress();
        assertThat(limits.admit(address, false)).isTrue();

        assertThat(limits.admit(address, false)).isFalse();
        assertThat(limits.admit(address, true)).isTrue();

        limits.left(address);
        limits.left(address);
        assertThat(limits.total()).isZero();
    }

    @Test
    @DisplayName("each listener has its name, and the brokers' one is told apart")
    void severalListeners() throws Exception {
        var outside = new Listener("OUTSIDE", "PLAINTEXT", "127.0.0.1", 0, "127.0.0.1", 0);
        try (NettyServer two = new NettyServer(
                ServerFixture.config(),
                new ListenersConfig(List.of(outside, ServerFixture.listener(0)), ServerFixture.LISTENER),
                new ApiDispatcher(server.table),
                Clock.system())) {
            two.bind();
            two.serve();
            try (RawClient client = new RawClient(two.port("OUTSIDE"));
                    RawClient broker = new RawClient(two.port(ServerFixture.LISTENER))) {
                client.send(heartbeat(1));
                Waiting<HeartbeatRequestData> asked = server.heartbeats.poll(10, TimeUnit.SECONDS);
                assertThat(asked.context().listener()).isEqualTo("OUTSIDE");
                assertThat(asked.context().privilegedListener()).isFalse();
                broker.send(heartbeat(2));
                asked = server.heartbeats.poll(10, TimeUnit.SECONDS);
                assertThat(asked.context().listener()).isEqualTo(ServerFixture.LISTENER);
                assertThat(asked.context().privilegedListener()).isTrue();
            }
            two.stopAccepting();
            assertThatThrownBy(() -> new RawClient(two.port("OUTSIDE"))).isInstanceOf(IOException.class);
        }
    }

    @Test
    @DisplayName("until the broker serves, ApiVersions is answered and other requests wait (WIRE-26)")
    void requestsWaitForTheBroker() throws IOException {
        server.bind(config -> config);
        try (RawClient early = server.connect();
                RawClient asking = server.connect()) {
            early.send(metadata(1, 4), metadata(2, 5));
            asking.send(RawClient.request(ApiKey.API_VERSIONS, 3, 3, "raw", software()));
            assertThat(asking.receiveCorrelationId()).isEqualTo(3);
            assertThat(early.socket().getInputStream().available()).isZero();

            server.server().serve();

            assertThat(early.receiveCorrelationId()).isEqualTo(1);
            assertThat(early.receiveCorrelationId()).isEqualTo(2);
        }
    }

    @Test
    @DisplayName("requests do not wait for ever, and one that is gone is forgotten (WIRE-26)")
    void waitingEnds() throws IOException {
        server.bind(config ->
                new ServerConfig(config.transport(), 2, 1000, -1, -1, 50, -1, 10, 10, 100, 10, 1000, 65_536, 65_536));
        try (RawClient early = server.connect();
                RawClient gone = server.connect()) {
            gone.send(metadata(1, 4)).reset();
            early.send(metadata(1, 4));

            early.assertClosedWithoutAnswer();
        }
        await().until(() -> server.server().connections() == 0);
        server.server().serve();
    }

    private static ApiVersionsRequestData software() {
        var request = new ApiVersionsRequestData();
        request.clientSoftwareName = "raw";
        request.clientSoftwareVersion = "1";
        return request;
    }

    @ParameterizedTest
    @EnumSource(names = {"EPOLL", "NIO"})
    @DisplayName("a port in use is one clear sentence")
    void portInUse(Transport transport) {
        server.start();
        int port = server.server().port(ServerFixture.LISTENER);
        try (NettyServer second = new NettyServer(
                ServerFixture.withTransport(ServerFixture.config(), transport),
                new ListenersConfig(List.of(ServerFixture.listener(port)), ServerFixture.LISTENER),
                new ApiDispatcher(server.table),
                Clock.system())) {
            assertThatThrownBy(second::bind)
                    .isInstanceOf(ListenException.class)
                    .hasMessageContaining("PLAINTEXT://127.0.0.1:" + port)
                    .hasMessageContaining("in use");
        }
    }

    @Test
    @DisplayName("requests sent before an orderly end of sending are answered")
    void halfClose() throws IOException {
        server.start();
        try (RawClient client = server.connect()) {
            client.send(metadata(1, 0));
            client.socket().shutdownOutput();

            assertThat(client.receiveCorrelationId()).isEqualTo(1);
            client.assertClosedWithoutAnswer();
        }
    }

    @Test
    @DisplayName("complaints about one client are logged once a second (WIRE-06)")
    void complaintsAreRare() {
        ManualClock clock = new ManualClock();
        ComplaintLog complaints = new ComplaintLog(clock);
        InetAddress client = InetAddress.getLoopbackAddress();

        assertThat(complaints.mayLog(client)).isTrue();
        assertThat(complaints.mayLog(client)).isFalse();
        clock.advanceMillis(Duration.ofSeconds(1).toMillis());
        assertThat(complaints.mayLog(client)).isTrue();
        assertThat(complaints.mayLog(client)).isFalse();
    }
}
