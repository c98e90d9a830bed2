package io.barnabas.broker.server;

import static org.assertj.core.api.Assertions.assertThat;

import io.barnabas.broker.peer.LinkEnd;
import io.barnabas.broker.peer.PeerLink;
import io.barnabas.broker.peer.PeerNetwork;
import io.barnabas.broker.peer.PeerService;
import io.barnabas.model.Endpoint;
import io.barnabas.runtime.loop.EventLoop;
import io.barnabas.runtime.loop.EventLoops;
import io.barnabas.runtime.time.Clock;
import java.io.IOException;
import java.net.InetAddress;
import java.net.ServerSocket;
import java.net.Socket;
import java.nio.charset.StandardCharsets;
import java.util.concurrent.BlockingQueue;
import java.util.concurrent.LinkedBlockingQueue;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.DisplayName;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

/** Links between brokers over real sockets, and what their ends tell (FFD-01). */
@Timeout(60)
class PeerLinkTest {
    private static final long LONG_MS = 30_000;

    private final PeerClient client = new PeerClient(
            new PeerClientConfig(Transport.AUTO, 2, "broker-1", LONG_MS, -1, PeerClientConfig.ANY_ANSWER),
            broker -> null,
            Runnable::run,
            Clock.system());
    private final EventLoop own = client.loops().get(0);
    private final BlockingQueue<String> heard = new LinkedBlockingQueue<>();
    private final BlockingQueue<PeerLink> opened = new LinkedBlockingQueue<>();
    private final BlockingQueue<PeerService.Reply> asked = new LinkedBlockingQueue<>();
    private final BlockingQueue<String> visits = new LinkedBlockingQueue<>();
    private ServerFixture fixture;

    @AfterEach
    void stop() {
        client.close();
        if (fixture != null) {
            fixture.close();
        }
    }

    @Test
    @DisplayName("answers come in the order in which they are given, not in that of the requests")
    void answersOvertake() throws Exception {
        PeerLink link = open(own, serve());
        own.execute(() -> {
            link.send(bytes("slow"), LONG_MS, answerTo("slow"));
            link.send(bytes("quick"), LONG_MS, answerTo("quick"));
        });
        PeerService.Reply slow = asked.take();
        PeerService.Reply quick = asked.take();

        quick.send(bytes("b"));
        assertThat(heard.take()).isEqualTo("quick b");
        slow.send(bytes("a"));
        assertThat(heard.take()).isEqualTo("slow a");
    }

    @Test
    @DisplayName("a link is used from the loop it was made for, also if that is no loop of sockets")
    void anyLoop() throws Exception {
        try (EventLoops.RunningLoop other = EventLoops.start("other")) {
            PeerLink link = open(other, serve());
            BlockingQueue<Boolean> onLoop = new LinkedBlockingQueue<>();
            other.execute(() -> link.send(bytes("x"), LONG_MS, new PeerLink.Answer() {
                @Override
                public void onAnswer(byte[] response) {
                    onLoop.add(other.inLoop());
                }

                @Override
                public void onLost(LinkEnd how) {
                    onLoop.add(false);
                }
            }));
            asked.take().send(bytes("y"));

            assertThat(onLoop.take()).isTrue();
        }
    }

    @Test
    @DisplayName(
            "what the other side ends is a reset, on both sides by who ended it; requests under way are lost first (FFD-01)")
    void resetByTheOtherSide() throws Exception {
        PeerLink link = open(own, serve());
        own.execute(() -> link.send(bytes("x"), LONG_MS, answerTo("x")));

        asked.take().close("for the test");

        assertThat(heard.take()).isEqualTo("x lost RESET");
        assertThat(heard.take()).isEqualTo("ended RESET");
        assertThat(visits.take()).isEqualTo("ended LOCAL");
    }

    @Test
    @DisplayName("what we end is local here and a reset there; a request after that is lost")
    void closedHere() throws Exception {
        PeerLink link = open(own, serve());
        own.execute(() -> link.send(bytes("x"), LONG_MS, answerTo("x")));
        asked.take().send(bytes("y"));
        assertThat(heard.take()).isEqualTo("x y");

        own.execute(link::close);

        assertThat(heard.take()).isEqualTo("ended LOCAL");
        assertThat(visits.take()).isEqualTo("ended RESET");
        own.execute(() -> link.send(bytes("z"), LONG_MS, answerTo("z")));
        assertThat(heard.take()).isEqualTo("z lost LOCAL");
    }

    @Test
    @DisplayName("silence is no reset: a link on which an answer is missing too long has timed out (FFD-01)")
    void silence() throws Exception {
        PeerLink link = open(own, serve());

        own.execute(() -> link.send(bytes("x"), 50, answerTo("x")));

        assertThat(heard.take()).isEqualTo("x lost TIMED_OUT");
        assertThat(heard.take()).isEqualTo("ended TIMED_OUT");
    }

    @Test
    @DisplayName("where nobody listens a connect is refused; where the name is not known it fails otherwise (FFD-01)")
    void refusedIsNotFailed() throws Exception {
        int free;
        try (ServerSocket taken = new ServerSocket(0, 1, InetAddress.getLoopbackAddress())) {
            free = taken.getLocalPort();
        }
        client.connect(endpoint("127.0.0.1", free), own, LONG_MS, listener());
        assertThat(heard.take()).isEqualTo("failed REFUSED");

        client.connect(endpoint("no-such-host.invalid", free), own, LONG_MS, listener());
        assertThat(heard.take()).isEqualTo("failed OTHER");
    }

    @Test
    @DisplayName("a reset by the other machine is one, and an answer to nothing that was asked ends the link here")
    void rawPeer() throws Exception {
        try (ServerSocket server = new ServerSocket(0, 5, InetAddress.getLoopbackAddress())) {
            client.connect(endpoint("127.0.0.1", server.getLocalPort()), own, LONG_MS, listener());
            try (Socket socket = server.accept()) {
                opened.take();
                socket.setSoLinger(true, 0);
            }
            assertThat(heard.take()).isEqualTo("ended RESET");

            client.connect(endpoint("127.0.0.1", server.getLocalPort()), own, LONG_MS, listener());
            try (Socket socket = server.accept()) {
                socket.getOutputStream().write(new byte[] {0, 0, 0, 4, 0, 0, 0, 99});
                assertThat(heard.take()).isEqualTo("ended LOCAL");
            }
        }
    }

    @Test
    @DisplayName("a link that ends as soon as it is there is told to be open first and then to have ended, every time")
    void endsAtOnce() throws Exception {
        try (ServerSocket server = new ServerSocket(0, 5, InetAddress.getLoopbackAddress())) {
            Thread rude = new Thread(() -> answerUnasked(server));
            rude.start();
            for (int i = 0; i < 1_000; i++) {
                client.connect(endpoint("127.0.0.1", server.getLocalPort()), own, LONG_MS, listener());
                assertThat(heard.take()).isEqualTo("ended LOCAL");
                assertThat(opened).hasSize(i + 1);
            }
            server.close();
            rude.join();
        }
    }

    private static void answerUnasked(ServerSocket server) {
        while (true) {
            try (Socket socket = server.accept()) {
                socket.getOutputStream().write(new byte[] {0, 0, 0, 4, 0, 0, 0, 99});
                assertThat(socket.getInputStream().read()).isNegative();
            } catch (IOException closed) {
                return;
            }
        }
    }

    @Test
    @DisplayName(
            "before it is known who this broker is, private requests end the connection; on the gate they do not wait (WIRE-26)")
    void nobodyAtHome() throws Exception {
        fixture = new ServerFixture();
        fixture.bind(config -> config);
        PeerLink early = open(own, fixture.server().port(ServerFixture.LISTENER));
        own.execute(() -> early.send(bytes("x"), LONG_MS, answerTo("x")));
        assertThat(heard.take()).isEqualTo("x lost RESET");
        assertThat(heard.take()).isEqualTo("ended RESET");

        fixture.server().serve(new Host());
        PeerLink link = open(own, fixture.server().port(ServerFixture.LISTENER));
        own.execute(() -> link.send(bytes("x"), LONG_MS, answerTo("x")));
        asked.take().send(bytes("y"));
        assertThat(heard.take()).isEqualTo("x y");
    }

    private int serve() {
        fixture = new ServerFixture().start();
        fixture.server().serve(new Host());
        return fixture.server().port(ServerFixture.LISTENER);
    }

    private PeerLink open(EventLoop loop, int port) throws InterruptedException {
        client.connect(endpoint("127.0.0.1", port), loop, LONG_MS, listener());
        return opened.poll(20, TimeUnit.SECONDS);
    }

    private static Endpoint endpoint(String host, int port) {
        return new Endpoint("PLAINTEXT", "PLAINTEXT", host, port);
    }

    private static byte[] bytes(String text) {
        return text.getBytes(StandardCharsets.UTF_8);
    }

    private PeerNetwork.Listener listener() {
        return new PeerNetwork.Listener() {
            @Override
            public void onOpen(PeerLink link) {
                opened.add(link);
            }

            @Override
            public void onFailed(PeerNetwork.Failure failure, String why) {
                heard.add("failed " + failure);
            }

            @Override
            public void onEnd(LinkEnd how, String why) {
                heard.add("ended " + how);
            }
        };
    }

    private PeerLink.Answer answerTo(String request) {
        return new PeerLink.Answer() {
            @Override
            public void onAnswer(byte[] response) {
                heard.add(request + " " + new String(response, StandardCharsets.UTF_8));
            }

            @Override
            public void onLost(LinkEnd how) {
                heard.add(request + " lost " + how);
            }
        };
    }

    private final class Host implements PeerService {
        @Override
        public Visit open() {
            return new Visit() {
                @Override
                public void onRequest(byte[] request, Reply reply) {
                    asked.add(reply);
                }

                @Override
                public void onEnd(LinkEnd how) {
                    visits.add("ended " + how);
                }
            };
        }
    }
}
