package io.barnabas.broker.http;

import static org.assertj.core.api.Assertions.assertThat;

import io.barnabas.model.BrokerId;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionStage;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.DisplayName;
import org.junit.jupiter.api.Test;

@DisplayName("pages about groups are of the whole cluster")
class ClusterRoutesTest {
    private static final BrokerId SELF = new BrokerId(1);
    private static final BrokerId TWO = new BrokerId(2);
    private static final BrokerId THREE = new BrokerId(3);

    private final HttpRoutes own = new HttpRoutes();
    private final HttpRoutes routes = new HttpRoutes();
    private final Others others = new Others();

    private static final class Others implements ClusterRoutes.OtherBrokers {
        private final List<BrokerId> all = new ArrayList<>(List.of(TWO, THREE));
        private final Map<BrokerId, HttpAnswer> answers = new HashMap<>();
        private final List<String> asked = new ArrayList<>();
        private BrokerId coordinator = BrokerId.NONE;

        @Override
        public List<BrokerId> all() {
            return all;
        }

        @Override
        public BrokerId coordinatorOf(String groupId) {
            return coordinator;
        }

        @Override
        public CompletionStage<HttpAnswer> get(BrokerId broker, String target) {
            asked.add(broker + " " + target);
            HttpAnswer answer = answers.get(broker);
            return answer == null
                    ? CompletableFuture.failedFuture(new IllegalStateException("no answer in time"))
                    : CompletableFuture.completedFuture(answer);
        }
    }

    @BeforeEach
    void routes() {
        own.add("/v1/groups", (query, variables, then) -> then.accept(page("{\"groups\":[{\"group\":\"b\"}]}")));
        own.add(
                "/v1/groups/{group}",
                (query, variables, then) -> then.accept(page("{\"mine\":\"" + variables.get(0) + "\"}")));
        own.add(
                "/v3/kafka/{cluster}/consumer",
                (query, variables, then) ->
                        then.accept(page("{\"error\":false,\"consumers\":[\"b\"],\"request\":{\"host\":\"one\"}}")));
        new ClusterRoutes(own, others, SELF, Runnable::run).addTo(routes);
    }

    @Test
    @DisplayName("a list is put together of what all say, in order")
    void list() {
        others.answers.put(TWO, page("{\"groups\":[{\"group\":\"c\"}]}"));
        others.answers.put(THREE, page("{\"groups\":[{\"group\":\"a\"}]}"));

        assertThat(get("/v1/groups"))
                .isEqualTo("200 {\"groups\":[{\"group\":\"a\"},{\"group\":\"b\"},{\"group\":\"c\"}]}\n");
        assertThat(others.asked).containsExactlyInAnyOrder("2 /v1/groups", "3 /v1/groups");
    }

    @Test
    @DisplayName("a broker that does not answer, or cannot tell now, is named")
    void missing() {
        others.answers.put(TWO, HttpAnswer.error(503, "loading"));

        assertThat(get("/v1/groups")).isEqualTo("200 {\"groups\":[{\"group\":\"b\"}],\"missing\":[2,3]}\n");
    }

    @Test
    @DisplayName("Burrow's list keeps its frame")
    void burrow() {
        others.answers.put(TWO, page("{\"error\":false,\"consumers\":[\"a\"],\"request\":{\"host\":\"two\"}}"));
        others.answers.put(THREE, page("{\"error\":false,\"consumers\":[],\"request\":{\"host\":\"three\"}}"));

        assertThat(get("/v3/kafka/local/consumer"))
                .isEqualTo("200 {\"error\":false,\"consumers\":[\"a\",\"b\"],\"request\":{\"host\":\"one\"}}\n");
    }

    @Test
    @DisplayName("what concerns a group is answered by its coordinator")
    void group() {
        others.coordinator = TWO;
        others.answers.put(TWO, page("{\"theirs\":true}"));
        assertThat(get("/v1/groups/g%2F1?x=y")).isEqualTo("200 {\"theirs\":true}");
        assertThat(others.asked).containsExactly("2 /v1/groups/g%2F1?x=y");

        others.coordinator = SELF;
        assertThat(get("/v1/groups/g%2F1")).isEqualTo("200 {\"mine\":\"g/1\"}");
    }

    @Test
    @DisplayName("a coordinator that does not answer is named")
    void coordinatorMissing() {
        others.coordinator = THREE;

        assertThat(get("/v1/groups/g")).startsWith("503 ").contains("broker 3");
    }

    @Test
    @DisplayName("a broker that is alone asks nobody")
    void alone() {
        others.all.clear();

        assertThat(get("/v1/groups")).isEqualTo("200 {\"groups\":[{\"group\":\"b\"}]}");
        assertThat(others.asked).isEmpty();
    }

    private String get(String target) {
        List<String> told = new ArrayList<>();
        routes.answer(
                HttpQuery.parse(target),
                answer -> told.add(answer.status() + " " + new String(answer.body(), StandardCharsets.UTF_8)));
        assertThat(told).hasSize(1);
        return told.get(0);
    }

    private static HttpAnswer page(String json) {
        return new HttpAnswer(200, json.getBytes(StandardCharsets.UTF_8));
    }
}
