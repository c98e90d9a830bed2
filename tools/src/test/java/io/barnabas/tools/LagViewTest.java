package io.barnabas.tools;

import static org.assertj.core.api.Assertions.assertThat;

import com.sun.net.httpserver.HttpServer;
import java.io.IOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.nio.charset.StandardCharsets;
import java.util.List;
import java.util.concurrent.CopyOnWriteArrayList;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.DisplayName;
import org.junit.jupiter.api.Test;

/** {@code groups --lag} against an HTTP server that answers as a broker does. */
class LagViewTest {
    private static final String ANSWER = """
            {"group":"g","state":"Stable","type":"classic","status":"WARN","totalLag":12,
             "partitions":[
              {"topic":"t","partition":0,"committedOffset":5,"logEndOffset":17,"lag":12,"lagSeconds":1.54,
               "status":"STALL","member":"m-1","clientId":"c","host":"/10.0.0.1"},
              {"topic":"t","partition":1,"committedOffset":null,"logEndOffset":3,"lag":null,"lagSeconds":null,
               "status":"OK","member":null,"clientId":null,"host":null}],
             "rebalances":[
              {"at":"2026-11-21T12:00:00.123Z","generation":3,"reason":"a member joined","member":"m-1","durationMs":120}]}
            """;

    private final List<String> asked = new CopyOnWriteArrayList<>();
    private HttpServer server;

    @BeforeEach
    void start() throws IOException {
        server = HttpServer.create(new InetSocketAddress(InetAddress.getLoopbackAddress(), 0), 0);
        server.createContext("/", exchange -> {
            String path = exchange.getRequestURI().getRawPath();
            asked.add(path);
            boolean known = path.equals("/v1/groups/g") || path.equals("/v1/groups/odd%20%2Fname");
            byte[] answer = (path.equals("/v1/groups/page") ? "<html>" : ANSWER).getBytes(StandardCharsets.UTF_8);
            exchange.sendResponseHeaders(known || path.equals("/v1/groups/page") ? 200 : 404, answer.length);
            exchange.getResponseBody().write(answer);
            exchange.close();
        });
        server.start();
    }

    @AfterEach
    void stop() {
        server.stop(0);
    }

    private ToolRun lag(String... more) {
        String[] arguments = new String[more.length + 4];
        arguments[0] = "groups";
        arguments[1] = "--lag";
        arguments[2] = "--http";
        arguments[3] = "127.0.0.1:" + server.getAddress().getPort();
        System.arraycopy(more, 0, arguments, 4, more.length);
        return ToolRun.of(arguments);
    }

    @Test
    @DisplayName("beside Kafka's columns stand the age of the lag and the verdict; a dash for null")
    void table() {
        ToolRun run = lag("--group", "g");

        assertThat(run.exitCode()).isZero();
        assertThat(run.out().lines().toList())
                .containsExactly(
                        "",
                        "Group 'g' (classic, Stable): WARN, total lag 12",
                        "GROUP           TOPIC           PARTITION  CURRENT-OFFSET  LOG-END-OFFSET  LAG            "
                                + " LAG-SECONDS     STATUS     CONSUMER-ID     HOST            CLIENT-ID",
                        "g               t               0          5               17              12             "
                                + " 1.5             STALL      m-1             /10.0.0.1       c",
                        "g               t               1          -               3               -              "
                                + " -               OK         -               -               -");
    }

    @Test
    @DisplayName("--verbose adds the rebalances; JSON is what the broker said, and all that it said")
    void rebalancesAndJson() {
        assertThat(lag("--describe", "--group", "g", "--verbose").out())
                .contains("2026-11-21T12:00:00.123Z 3          120          m-1             a member joined");
        assertThat(lag("--group", "g", "--output", "json").out())
                .startsWith("{\"groups\":[{\"group\":\"g\",\"state\":\"Stable\"")
                .contains("\"lagSeconds\":1.54", "\"rebalances\":[{\"at\":");
    }

    @Test
    @DisplayName("a group that is not known does not hide the others, but the exit code is 1")
    void unknownGroup() {
        ToolRun run = lag("--group", "nobody", "--group", "odd /name");

        assertThat(run.exitCode()).isEqualTo(1);
        assertThat(run.err()).contains("group 'nobody'").hasLineCount(1);
        assertThat(run.out()).contains("total lag 12");
        assertThat(asked).containsExactly("/v1/groups/nobody", "/v1/groups/odd%20%2Fname");
    }

    @Test
    @DisplayName("what is no answer of a broker is said in one line")
    void strangers() {
        assertThat(lag("--group", "page").err())
                .contains("did not answer with a group")
                .hasLineCount(1);
        server.stop(0);
        ToolRun nobody = lag("--group", "g");

        assertThat(nobody.exitCode()).isEqualTo(1);
        assertThat(nobody.err()).contains("no answer from http://127.0.0.1").hasLineCount(1);
    }
}
