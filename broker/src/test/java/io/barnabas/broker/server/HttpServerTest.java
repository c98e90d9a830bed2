package io.barnabas.broker.server;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import io.barnabas.broker.api.ApiDispatcher;
import io.barnabas.broker.config.HttpListenersConfig;
import io.barnabas.broker.config.ListenersConfig;
import io.barnabas.broker.http.HealthRoutes;
import io.barnabas.broker.http.HttpAnswer;
import io.barnabas.broker.http.HttpRoutes;
import io.barnabas.protocol.ApiTable;
import io.barnabas.runtime.time.Clock;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.InputStream;
import java.net.InetAddress;
import java.net.ServerSocket;
import java.net.Socket;
import java.net.SocketException;
import java.nio.charset.StandardCharsets;
import java.util.List;
import java.util.Random;
import java.util.concurrent.BlockingQueue;
import java.util.concurrent.LinkedBlockingQueue;
import java.util.concurrent.TimeUnit;
import java.util.function.Consumer;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.DisplayName;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** The HTTP listener over real sockets, spoken to in bytes. */
class HttpServerTest {
    private static final String LAST = "Host: broker\r\nConnection: close\r\n\r\n";
    private static final int PATIENCE_MS = 20_000;

    private final HttpRoutes routes = new HttpRoutes();
    private final BlockingQueue<Consumer<HttpAnswer>> waiting = new LinkedBlockingQueue<>();
    private NettyServer server;

    private void start(HttpLimits limits) {
        HealthRoutes.addTo(routes, List::of);
        routes.add("/later", (query, variables, then) -> waiting.add(then));
        routes.add("/fails", (query, variables, then) -> {
            throw new IllegalStateException("planted");
        });
        server = new NettyServer(
                ServerFixture.config(),
                new ListenersConfig(List.of(ServerFixture.listener(0)), ServerFixture.LISTENER),
                new ApiDispatcher(new ApiTable<>()),
                Clock.system());
        server.bind();
        server.bindHttp(
                new HttpListenersConfig(List.of(new HttpListenersConfig.Address("127.0.0.1", 0)), false),
                routes,
                limits);
    }

    @AfterEach
    void stop() {
        if (server != null) {
            server.close();
        }
    }

    private Socket connect() throws IOException {
        Socket socket = new Socket(
                InetAddress.getLoopbackAddress(), server.httpAddresses().get(0).getPort());
        socket.setSoTimeout(PATIENCE_MS);
        return socket;
    }

    private static void send(Socket socket, String text) throws IOException {
        socket.getOutputStream().write(text.getBytes(StandardCharsets.ISO_8859_1));
        socket.getOutputStream().flush();
    }

    /** All that comes until the server closes. */
    private String exchange(String text) throws IOException {
        try (Socket socket = connect()) {
            send(socket, text);
            return new String(socket.getInputStream().readAllBytes(), StandardCharsets.UTF_8);
        }
    }

    /** One answer with a body of the length it says. */
    private static String readAnswer(Socket socket) throws IOException {
        InputStream in = socket.getInputStream();
        ByteArrayOutputStream bytes = new ByteArrayOutputStream();
        while (!bytes.toString(StandardCharsets.UTF_8).endsWith("\r\n\r\n")) {
            int next = in.read();
            if (next < 0) {
                return bytes.toString(StandardCharsets.UTF_8);
            }
            bytes.write(next);
        }
        String head = bytes.toString(StandardCharsets.UTF_8);
        int at = head.indexOf("content-length: ") + "content-length: ".length();
        int length = Integer.parseInt(head.substring(at, head.indexOf('\r', at)));
        return head + new String(in.readNBytes(length), StandardCharsets.UTF_8);
    }

    @Test
    @DisplayName("a GET is answered with JSON")
    void answers() throws IOException {
        start(HttpLimits.USUAL);

        assertThat(exchange("GET /healthz HTTP/1.1\r\n" + LAST))
                .startsWith("HTTP/1.1 200 OK\r\n")
                .contains("content-type: application/json\r\n", "connection: close\r\n")
                .endsWith("\r\n\r\n{\"status\":\"ok\"}\n");
    }

    @Test
    @DisplayName("a HEAD is answered with the headers alone")
    void head() throws IOException {
        start(HttpLimits.USUAL);

        assertThat(exchange("HEAD /healthz HTTP/1.1\r\n" + LAST))
                .startsWith("HTTP/1.1 200 OK\r\n")
                .contains("content-length: 16\r\n")
                .endsWith("\r\n\r\n");
    }

    @Test
    @DisplayName("a connection is kept, and requests sent ahead are answered in order")
    void keepsAlive() throws Exception {
        start(HttpLimits.USUAL);
        try (Socket socket = connect()) {
            send(
                    socket,
                    "GET /later HTTP/1.1\r\nHost: a\r\n\r\nGET /healthz HTTP/1.1\r\nHost: a\r\n\r\n"
                            + "GET /nowhere HTTP/1.1\r\n" + LAST);
            waiting.poll(PATIENCE_MS, TimeUnit.MILLISECONDS).accept(HttpAnswer.error(418, "later"));

            assertThat(readAnswer(socket)).startsWith("HTTP/1.1 418 ").contains("connection: keep-alive", "later");
            assertThat(readAnswer(socket)).startsWith("HTTP/1.1 200 ").contains("ok");
            assertThat(readAnswer(socket)).startsWith("HTTP/1.1 404 ").contains("connection: close");
            assertThat(socket.getInputStream().read()).isEqualTo(-1);
        }
    }

    @Test
    @DisplayName("a client of HTTP/1.0 gets one answer and the end")
    void http10() throws IOException {
        start(HttpLimits.USUAL);

        assertThat(exchange("GET /healthz HTTP/1.0\r\n\r\n")).contains("200 OK", "connection: close");
    }

    @Test
    @DisplayName("other methods are not allowed, and the connection goes on")
    void otherMethods() throws IOException {
        start(HttpLimits.USUAL);

        assertThat(exchange("DELETE /healthz HTTP/1.1\r\nHost: a\r\n\r\nGET /healthz HTTP/1.1\r\n" + LAST))
                .startsWith("HTTP/1.1 405 ")
                .contains("allow: GET, HEAD\r\n", "HTTP/1.1 200 OK");
    }

    @Test
    @DisplayName("a route that fails is answered with 500, and the connection goes on")
    void failingRoute() throws IOException {
        start(HttpLimits.USUAL);

        assertThat(exchange("GET /fails HTTP/1.1\r\nHost: a\r\n\r\nGET /healthz HTTP/1.1\r\n" + LAST))
                .startsWith("HTTP/1.1 500 ")
                .contains("HTTP/1.1 200 OK");
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "GET /healthz HTTP/1.1\r\n\r\n",
                "GET /healthz HTTP/1.1\r\nHost: a\r\nHost: b\r\n\r\n",
                "GET * HTTP/1.1\r\nHost: a\r\n\r\n",
                "GET /%zz HTTP/1.1\r\nHost: a\r\n\r\n",
                "GET /healthz\r\n\r\n",
                "GET /healthz HTTP/1.1\r\nHost: a\r\nbad header\r\n\r\n",
                "GET /healthz HTTP/1.1\r\nHost: a\r\nX y: z\r\n\r\n",
                "GET /healthz HTTP/1.1\r\nHost: a\r\nContent-Length: 1\r\nContent-Length: 2\r\n\r\n",
                "GET /healthz HTTP/1.1\r\nHost: a\r\nContent-Length: -5\r\n\r\n"
            })
    @DisplayName("a request that is none is answered with 400 and the end")
    void badRequests(String request) throws IOException {
        start(HttpLimits.USUAL);

        assertThat(exchange(request)).startsWith("HTTP/1.1 400 ").doesNotContain("200 OK");
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "POST /healthz HTTP/1.1\r\nHost: a\r\nContent-Length: 5\r\n\r\nhello",
                "GET /healthz HTTP/1.1\r\nHost: a\r\nContent-Length: 999999999\r\n\r\nhello",
                "GET /healthz HTTP/1.1\r\nHost: a\r\nTransfer-Encoding: chunked\r\n\r\n5\r\nhello\r\n0\r\n\r\n"
            })
    @DisplayName("a request with a body is answered with 413 and the end; nothing in the body is taken for a request")
    void bodies(String request) throws IOException {
        start(HttpLimits.USUAL);

        assertThat(exchange(request + "GET /healthz HTTP/1.1\r\n" + LAST))
                .startsWith("HTTP/1.1 413 ")
                .doesNotContain("200 OK");
    }

    @Test
    @DisplayName("a first line that is too long is answered with 414, too many headers with 431")
    void tooLong() throws IOException {
        start(HttpLimits.USUAL);

        assertThat(exchange("GET /" + "a".repeat(HttpLimits.LINE_BYTES) + " HTTP/1.1\r\n" + LAST))
                .startsWith("HTTP/1.1 414 ");
        assertThat(exchange("GET / HTTP/1.1\r\nX: " + "a".repeat(HttpLimits.HEADER_BYTES) + "\r\n" + LAST))
                .startsWith("HTTP/1.1 431 ");
    }

    @Test
    @DisplayName("what is not HTTP/1 is answered, at most, with an error: TLS, HTTP/2 and chance")
    void noHttp() throws IOException {
        start(HttpLimits.USUAL);
        assertThat(exchange("PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n")).startsWith("HTTP/1.1 505 ");

        long seed = Long.getLong("barnabas.seed", new Random().nextLong());
        Random random = new Random(seed);
        for (int i = 0; i < 200; i++) {
            byte[] bytes = new byte[1 + random.nextInt(64)];
            random.nextBytes(bytes);
            bytes[0] = i % 2 == 0 ? 0x16 : bytes[0];
            try (Socket socket = connect()) {
                socket.getOutputStream().write(bytes);
                socket.shutdownOutput();
                assertThat(new String(socket.getInputStream().readAllBytes(), StandardCharsets.UTF_8))
                        .as("seed %d, round %d", seed, i)
                        .doesNotContain("200 OK")
                        .doesNotContain("HTTP/1.1 500");
            } catch (SocketException reset) {
                assertThat(reset).as("seed %d, round %d", seed, i).hasMessageContaining("reset");
            }
        }
        assertThat(exchange("GET /healthz HTTP/1.1\r\n" + LAST)).contains("200 OK");
    }

    @Test
    @DisplayName("a client that does not finish its request is cut off, however slowly it sends on")
    void slowClients() throws IOException {
        start(new HttpLimits(300, 10_000, 10));
        try (Socket socket = connect()) {
            send(socket, "GET /healthz HTT");

            assertThat(socket.getInputStream().read()).isEqualTo(-1);
        }
    }

    @Test
    @DisplayName("an answer that is not found in time is given up with 504; when it comes, nobody is told")
    void lateAnswers() throws Exception {
        start(new HttpLimits(10_000, 100, 10));
        try (Socket socket = connect()) {
            send(socket, "GET /later HTTP/1.1\r\nHost: a\r\n\r\n");

            assertThat(readAnswer(socket)).startsWith("HTTP/1.1 504 ").contains("connection: close");
            waiting.poll(PATIENCE_MS, TimeUnit.MILLISECONDS).accept(HttpAnswer.error(418, "late"));
            assertThat(socket.getInputStream().read()).isEqualTo(-1);
        }
    }

    @Test
    @DisplayName("connections beyond the limit are closed, and there is room again when one goes")
    void limitsConnections() throws Exception {
        start(new HttpLimits(20_000, 10_000, 2));
        try (Socket first = connect();
                Socket second = connect()) {
            send(first, "GET /healthz HTTP/1.1\r\nHost: a\r\n\r\n");
            send(second, "GET /healthz HTTP/1.1\r\nHost: a\r\n\r\n");
            assertThat(readAnswer(first)).contains("200 OK");
            assertThat(readAnswer(second)).contains("200 OK");

            try (Socket third = connect()) {
                assertThat(third.getInputStream().read()).isEqualTo(-1);
            } catch (SocketException reset) {
                assertThat(reset).hasMessageContaining("reset");
            }
        }
        await().ignoreExceptions()
                .until(() -> exchange("GET /healthz HTTP/1.1\r\n" + LAST).contains("200 OK"));
    }

    @Test
    @DisplayName("an unconfigured listener takes the next port that is free")
    void nextPort() throws IOException {
        try (ServerSocket taken = new ServerSocket(0, 1, InetAddress.getLoopbackAddress())) {
            server = new NettyServer(
                    ServerFixture.config(),
                    new ListenersConfig(List.of(ServerFixture.listener(0)), ServerFixture.LISTENER),
                    new ApiDispatcher(new ApiTable<>()),
                    Clock.system());
            server.bind();
            var address = new HttpListenersConfig.Address("127.0.0.1", taken.getLocalPort());
            server.bindHttp(new HttpListenersConfig(List.of(address), true), routes);

            assertThat(server.httpAddresses().get(0).getPort()).isNotEqualTo(taken.getLocalPort());
        }
    }
}
