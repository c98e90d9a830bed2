package io.barnabas.broker.http;

import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import io.barnabas.broker.lag.LagMonitor;
import io.barnabas.broker.metadata.Clusters;
import io.barnabas.consumer.coordinator.group.ConsumerProtocolCodec;
import io.barnabas.consumer.coordinator.group.ConsumerSubscription;
import io.barnabas.consumer.coordinator.group.GroupDescription;
import io.barnabas.consumer.coordinator.group.RebalanceReport;
import io.barnabas.consumer.coordinator.journal.GroupValue;
import io.barnabas.consumer.coordinator.journal.TopicPartitions;
import io.barnabas.consumer.coordinator.lag.LagConfig;
import io.barnabas.consumer.coordinator.lag.LogEnd;
import io.barnabas.consumer.coordinator.lag.LogEnds;
import io.barnabas.model.Refusal;
import io.barnabas.model.TopicIds;
import io.barnabas.model.TopicPartition;
import io.barnabas.runtime.replicated.Reply;
import io.barnabas.runtime.time.ManualClock;
import java.io.IOException;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import java.util.TreeSet;
import java.util.function.LongConsumer;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.DisplayName;
import org.junit.jupiter.api.Test;

/** What {@code /v1/groups} and {@code /v3/kafka} tell, over coordinators and logs in the test's hands. */
class GroupPagesTest {
    private static final String CLUSTER = "JDNJd6tgT0OMpdrFDbuUyw";
    private static final long AGE_MS = 1_500;

    private final ManualClock clock = new ManualClock();
    private final Coordinator coordinator = new Coordinator();
    private final Logs logs = new Logs();
    private final LagMonitor lag = new LagMonitor(new LagConfig(3, 0, 10_000), logs, group -> group.length(), clock);
    private final HttpRoutes routes = new HttpRoutes();

    private static final class Coordinator implements GroupQueries {
        final Map<String, GroupDescription.Classic> classic = new TreeMap<>();
        final Map<String, GroupDescription.Consumer> consumer = new TreeMap<>();
        Refusal refusal;

        private <A> void reply(Reply<A> reply, A answer) {
            if (refusal == null) {
                reply.answer(answer);
            } else {
                reply.refuse(refusal);
            }
        }

        @Override
        public void list(Reply<List<GroupDescription.Listed>> reply) {
            List<GroupDescription.Listed> listed = new ArrayList<>();
            consumer.forEach(
                    (id, group) -> listed.add(new GroupDescription.Listed(id, "consumer", group.state(), "consumer")));
            classic.forEach((id, group) ->
                    listed.add(new GroupDescription.Listed(id, group.protocolType(), group.state(), "classic")));
            reply(reply, listed);
        }

        @Override
        public void describe(String groupId, Reply<GroupDescription.Classic> reply) {
            reply(
                    reply,
                    classic.getOrDefault(
                            groupId,
                            new GroupDescription.Classic(
                                    Refusal.Reason.GROUP_ID_NOT_FOUND, "none", groupId, "Dead", "", "", List.of())));
        }

        @Override
        public void describeConsumer(String groupId, Reply<GroupDescription.Consumer> reply) {
            reply(
                    reply,
                    consumer.getOrDefault(
                            groupId,
                            new GroupDescription.Consumer(
                                    Refusal.Reason.GROUP_ID_NOT_FOUND, "none", groupId, "Dead", 0, 0, "", List.of())));
        }
    }

    private final class Logs implements LogEnds {
        final Map<TopicPartition, LogEnd> ends = new HashMap<>();

        @Override
        public LogEnd find(TopicPartition partition) {
            return ends.get(partition);
        }

        @Override
        public void timestampAt(TopicPartition partition, long offset, LongConsumer then) {
            then.accept(clock.epochMillis() - AGE_MS);
        }
    }

    @BeforeEach
    void routes() {
        LagRoutes.addTo(
                routes,
                coordinator,
                lag,
                logs,
                new Clusters()
                        .broker(1, "PLAINTEXT")
                        .topic("orders", 2, 1)
                        .topic("rest", 1, 1)
                        .current(),
                CLUSTER,
                "host1",
                Runnable::run,
                clock);
    }

    private void commit(String group, String topic, int partition, long offset, long logEnd) {
        logs.ends.put(new TopicPartition(topic, partition), new LogEnd(0, logEnd));
        lag.onCommit(
                group,
                topic,
                partition,
                new GroupValue.CommittedOffset(offset, -1, "", clock.epochMillis(), -1, TopicIds.ZERO));
    }

    private void stall(String group) {
        for (int i = 0; i < 3; i++) {
            clock.advanceMillis(1_000);
            commit(group, "orders", 0, 5, 10);
        }
    }

    private void stable(String group) {
        byte[] assignment = ConsumerProtocolCodec.bytes(
                new ConsumerSubscription.Assignment(Map.of("orders", new TreeSet<>(List.of(0, 1))), null), (short) 0);
        coordinator.classic.put(
                group,
                new GroupDescription.Classic(
                        null,
                        null,
                        group,
                        "Stable",
                        "consumer",
                        "range",
                        List.of(new GroupDescription.ClassicMember(
                                "m-1", null, "app", "/10.0.0.7", new byte[0], assignment))));
    }

    private HttpAnswer ask(String target) {
        List<HttpAnswer> answers = new ArrayList<>();
        routes.answer(HttpQuery.parse(target), answers::add);
        assertThat(answers).as(target).hasSize(1);
        return answers.get(0);
    }

    private JsonNode json(String target, int status) throws IOException {
        HttpAnswer answer = ask(target);
        assertThat(answer.status()).as(target).isEqualTo(status);
        return new ObjectMapper().readTree(answer.body());
    }

    @Test
    @DisplayName("a group of the classic protocol, with all its fields")
    void classicGroup() throws IOException {
        stable("g 1");
        stall("g 1");
        lag.onRebalance("g 1", new RebalanceReport("g 1", 1_700_000_000_000L, 3, "member joined", "m-1", 120, 1));

        JsonNode group = json("/v1/groups/g%201", 200);

        assertThat(group.toString())
                .isEqualTo(
                        "{\"group\":\"g 1\",\"state\":\"Stable\",\"type\":\"classic\",\"status\":\"ERR\",\"totalLag\":5,"
                                + "\"worst\":{\"topic\":\"orders\",\"partition\":0,\"committedOffset\":5,\"logEndOffset\":10,\"lag\":5,"
                                + "\"lagSeconds\":1.5,\"rate\":0.0,\"status\":\"STALL\",\"member\":\"m-1\",\"clientId\":\"app\","
                                + "\"host\":\"/10.0.0.7\"},"
                                + "\"partitions\":[{\"topic\":\"orders\",\"partition\":0,\"committedOffset\":5,\"logEndOffset\":10,\"lag\":5,"
                                + "\"lagSeconds\":1.5,\"rate\":0.0,\"status\":\"STALL\",\"member\":\"m-1\",\"clientId\":\"app\","
                                + "\"host\":\"/10.0.0.7\"},"
                                + "{\"topic\":\"orders\",\"partition\":1,\"committedOffset\":null,\"logEndOffset\":null,\"lag\":null,"
                                + "\"lagSeconds\":null,\"rate\":null,\"status\":\"OK\",\"member\":\"m-1\",\"clientId\":\"app\","
                                + "\"host\":\"/10.0.0.7\"}],"
                                + "\"rebalances\":[{\"at\":\"2023-11-14T22:13:20Z\",\"generation\":3,\"reason\":\"member joined\","
                                + "\"member\":\"m-1\",\"durationMs\":120,\"members\":1}]}");
    }

    @Test
    @DisplayName("a group of the consumer protocol: members by the topics' ids")
    void consumerGroup() throws IOException {
        coordinator.consumer.put(
                "g",
                new GroupDescription.Consumer(
                        null,
                        null,
                        "g",
                        "Stable",
                        1,
                        1,
                        "uniform",
                        List.of(new GroupDescription.ConsumerMember(
                                "m-2",
                                null,
                                null,
                                1,
                                "app",
                                "/10.0.0.8",
                                List.of("orders"),
                                "",
                                List.of(new TopicPartitions(Clusters.idOf("orders"), List.of(1))),
                                List.of(),
                                (byte) 1))));
        commit("g", "orders", 1, 10, 10);

        JsonNode group = json("/v1/groups/g", 200);

        assertThat(group.path("type").asText()).isEqualTo("consumer");
        assertThat(group.path("status").asText()).isEqualTo("OK");
        assertThat(group.path("partitions").path(0).path("member").asText()).isEqualTo("m-2");
        assertThat(group.path("partitions").path(0).path("lagSeconds").asDouble(-1))
                .isZero();
    }

    @Test
    @DisplayName("the list names every group with its verdict")
    void list() throws IOException {
        stable("b");
        stable("a");
        stall("b");

        assertThat(json("/v1/groups", 200).toString())
                .isEqualTo(
                        "{\"groups\":[{\"group\":\"a\",\"state\":\"Stable\",\"type\":\"classic\",\"protocolType\":\"consumer\","
                                + "\"status\":\"OK\",\"totalLag\":0},"
                                + "{\"group\":\"b\",\"state\":\"Stable\",\"type\":\"classic\",\"protocolType\":\"consumer\","
                                + "\"status\":\"ERR\",\"totalLag\":5}]}");
    }

    @Test
    @DisplayName("twenty rebalances of a group are kept, the latest first")
    void rebalances() throws IOException {
        stable("g");
        for (int i = 1; i <= 25; i++) {
            lag.onRebalance("g", new RebalanceReport("g", i, i, "member left", null, 5, 2));
        }

        JsonNode kept = json("/v1/groups/g/rebalances", 200).path("rebalances");

        assertThat(kept.size()).isEqualTo(20);
        assertThat(kept.path(0).path("generation").asInt()).isEqualTo(25);
        assertThat(kept.path(0).path("member").isNull()).isTrue();
    }

    @Test
    @DisplayName("a group that is not there is not found; a coordinator that is loading is not available")
    void missingGroups() throws IOException {
        assertThat(json("/v1/groups/nobody", 404).path("error").asBoolean()).isTrue();

        coordinator.refusal = Refusal.of(Refusal.Reason.COORDINATOR_LOAD_IN_PROGRESS);
        assertThat(json("/v1/groups/nobody", 503).path("message").asText()).contains("COORDINATOR_LOAD_IN_PROGRESS");
        assertThat(json("/v1/groups", 503).path("error").asBoolean()).isTrue();
    }

    @Test
    @DisplayName("what is forgotten, gone or coordinated elsewhere is not told any more")
    void forgets() throws IOException {
        commit("a", "orders", 0, 1, 2);
        commit("bb", "orders", 0, 1, 2);
        commit("ccc", "orders", 0, 1, 2);
        commit("ccc", "rest", 0, 1, 2);

        lag.onGroupGone("a");
        lag.onUnloaded("bb".length());
        lag.onForgotten("ccc", "orders", 0);

        assertThat(lag.groups()).containsExactly("ccc");
        assertThat(lag.groupsReading("orders")).isEmpty();
        lag.onForgotten("ccc", "rest", 0);
        assertThat(lag.groups()).isEmpty();
    }

    @Test
    @DisplayName("Burrow's status of a group names the partitions that are not OK, its lag all of them")
    void burrowStatus() throws IOException {
        stable("g");
        stall("g");
        commit("g", "rest", 0, 1, 1);
        long now = clock.epochMillis();

        String stalled =
                "{\"topic\":\"orders\",\"partition\":0,\"owner\":\"/10.0.0.7\",\"client_id\":\"app\",\"status\":\"STALL\","
                        + "\"start\":{\"offset\":5,\"timestamp\":" + (now - 2_000) + ",\"lag\":5},"
                        + "\"end\":{\"offset\":5,\"timestamp\":" + now
                        + ",\"lag\":5},\"current_lag\":5,\"complete\":1.0}";
        assertThat(json("/v3/kafka/local/consumer/g/status", 200).toString())
                .isEqualTo(
                        "{\"error\":false,\"message\":\"consumer status returned\",\"status\":{\"cluster\":\"local\","
                                + "\"group\":\"g\",\"status\":\"ERR\",\"complete\":0.5,\"partitions\":[" + stalled
                                + "],"
                                + "\"partition_count\":2,\"maxlag\":" + stalled + ",\"totallag\":5},"
                                + "\"request\":{\"url\":\"/v3/kafka/local/consumer/g/status\",\"host\":\"host1\"}}");

        JsonNode lagOf = json("/v3/kafka/" + CLUSTER + "/consumer/g/lag", 200).path("status");
        assertThat(lagOf.path("cluster").asText()).isEqualTo(CLUSTER);
        assertThat(lagOf.path("partitions").size()).isEqualTo(2);
        assertThat(lagOf.path("partitions").path(1).path("status").asText()).isEqualTo("OK");
    }

    @Test
    @DisplayName("Burrow's lists: clusters, topics, consumers")
    void burrowLists() throws IOException {
        stable("g");
        commit("g", "orders", 1, 3, 7);

        assertThat(json("/v3/kafka", 200).path("clusters").toString()).isEqualTo("[\"" + CLUSTER + "\"]");
        assertThat(json("/v3/kafka/local", 200).path("module").path("servers").toString())
                .isEqualTo("[\"host1:9001\"]");
        assertThat(json("/v3/kafka/local/topic", 200).path("topics").toString()).isEqualTo("[\"orders\",\"rest\"]");
        assertThat(json("/v3/kafka/local/topic/orders", 200).path("offsets").toString())
                .isEqualTo("[0,7]");
        assertThat(json("/v3/kafka/local/topic/orders/consumers", 200)
                        .path("consumers")
                        .toString())
                .isEqualTo("[\"g\"]");
        assertThat(json("/v3/kafka/local/topic/rest/consumers", 200)
                        .path("consumers")
                        .toString())
                .isEqualTo("[]");
        assertThat(json("/v3/kafka/local/consumer", 200).path("consumers").toString())
                .isEqualTo("[\"g\"]");
        assertThat(json("/v3/kafka/local/consumer/g", 200).path("topics").toString())
                .isEqualTo("{\"orders\":[{\"offsets\":[],\"owner\":\"\",\"client_id\":\"\",\"current-lag\":0},"
                        + "{\"offsets\":[{\"offset\":3,\"timestamp\":" + clock.epochMillis() + ",\"lag\":4}],"
                        + "\"owner\":\"/10.0.0.7\",\"client_id\":\"app\",\"current-lag\":4}]}");
    }

    @Test
    @DisplayName("Burrow's answers to what is not there: 404, and of a group's status NOTFOUND")
    void burrowMissing() throws IOException {
        for (String path : List.of(
                "/v3/kafka/other",
                "/v3/kafka/other/consumer/g/lag",
                "/v3/kafka/local/topic/none",
                "/v3/kafka/local/topic/none/consumers",
                "/v3/kafka/local/consumer/none")) {
            assertThat(json(path, 404).path("error").asBoolean()).as(path).isTrue();
        }
        JsonNode status = json("/v3/kafka/local/consumer/none/status", 404).path("status");
        assertThat(status.path("status").asText()).isEqualTo("NOTFOUND");
        assertThat(status.path("complete").asDouble()).isEqualTo(1);
        assertThat(status.path("maxlag").isNull()).isTrue();
    }
}
