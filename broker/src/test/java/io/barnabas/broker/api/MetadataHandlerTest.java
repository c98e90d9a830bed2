package io.barnabas.broker.api;

import static org.assertj.core.api.Assertions.assertThat;

import io.barnabas.broker.config.BrokerConfig;
import io.barnabas.broker.metadata.Clusters;
import io.barnabas.broker.metadata.CurrentCluster;
import io.barnabas.model.BrokerId;
import io.barnabas.model.Refusal;
import io.barnabas.model.TopicIds;
import io.barnabas.protocol.ApiKey;
import io.barnabas.protocol.ErrorCode;
import io.barnabas.protocol.message.MetadataRequestData;
import io.barnabas.protocol.message.MetadataRequestData.MetadataRequestTopic;
import io.barnabas.protocol.message.MetadataResponseData;
import io.barnabas.protocol.message.MetadataResponseData.MetadataResponsePartition;
import io.barnabas.runtime.loop.ManualLoop;
import io.barnabas.runtime.time.ManualClock;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.UUID;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.atomic.AtomicInteger;
import org.junit.jupiter.api.DisplayName;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class MetadataHandlerTest {
    private static final BrokerId TWO = new BrokerId(2);

    private final FakeController controller = new FakeController();
    private final ManualClock clock = new ManualClock();
    private final ManualLoop timers = new ManualLoop(clock);
    private final Clusters picture = new Clusters()
            .broker(1, "PLAINTEXT", "INTERNAL")
            .broker(2, "PLAINTEXT")
            .topic("t", 2, 1, 2)
            .topic("on2", 1, 2, 1, 3)
            .leaderless("down", 3, 1);
    private final CurrentCluster cluster = picture.current();

    @Test
    @DisplayName("version 0 takes an empty list for all topics, later ones only null (WIRE-23)")
    void allTopics() {
        assertThat(names(ask(0, List.of()))).containsExactly("down", "on2", "t");
        assertThat(names(ask(1, null))).containsExactly("down", "on2", "t");
        assertThat(names(ask(1, List.of()))).isEmpty();
    }

    @ParameterizedTest
    @DisplayName("versions 10 and 11 must not ask by id (WIRE-23)")
    @ValueSource(ints = {10, 11})
    void noIdsYet(int version) {
        MetadataResponseData response = ask(version, List.of(topic(null, Clusters.idOf("t"))));

        assertThat(response.topics).allMatch(topic -> topic.errorCode == ErrorCode.INVALID_REQUEST.code());
        assertThat(response.topics.get(0).name).isNotNull();
    }

    @Test
    @DisplayName("by id from version 12 on; an unknown one is said to be unknown, with its id and no name (WIRE-23)")
    void byId() {
        UUID unknown = new UUID(5, 5);
        MetadataResponseData response = ask(12, List.of(topic(null, Clusters.idOf("t")), topic(null, unknown)));

        assertThat(response.topics)
                .extracting(topic -> topic.name + ":" + ErrorCode.of(topic.errorCode) + ":" + topic.topicId)
                .containsExactly("t:NONE:" + Clusters.idOf("t"), "null:UNKNOWN_TOPIC_ID:" + unknown);
    }

    @Test
    @DisplayName("brokers and leaders are told for the listener asked over (WIRE-24)")
    void perListener() {
        FakeContext internal = FakeContext.of(ApiKey.METADATA, 9).over("INTERNAL");
        MetadataResponseData response =
                KeptReply.ask(handler(Map.of()), internal, request(null, true), MetadataResponseData.class);

        assertThat(response.brokers).extracting(broker -> broker.nodeId).containsExactly(1);
        assertThat(partition(response, "on2").errorCode).isEqualTo(ErrorCode.LISTENER_NOT_FOUND.code());
        assertThat(partition(response, "on2").leaderId).isEqualTo(-1);
        MetadataResponseData old = KeptReply.ask(
                handler(Map.of()),
                FakeContext.of(ApiKey.METADATA, 5).over("INTERNAL"),
                request(null, true),
                MetadataResponseData.class);
        assertThat(partition(old, "on2").errorCode).isEqualTo(ErrorCode.LEADER_NOT_AVAILABLE.code());
    }

    @Test
    @DisplayName("without a leader: LEADER_NOT_AVAILABLE, -1, and still replicas, in-sync and offline ones (WIRE-24)")
    void noLeader() {
        MetadataResponsePartition partition = partition(ask(7, null), "down");

        assertThat(partition.errorCode).isEqualTo(ErrorCode.LEADER_NOT_AVAILABLE.code());
        assertThat(partition.leaderId).isEqualTo(-1);
        assertThat(partition.leaderEpoch).isEqualTo(4);
        assertThat(partition.replicaNodes).containsExactly(3, 1);
        assertThat(partition.isrNodes).containsExactly(3);
        assertThat(partition.offlineReplicas).containsExactly(3);
    }

    @Test
    @DisplayName("version 0 leaves out replicas that are down, and says so")
    void versionZeroLeavesOutDeadReplicas() {
        MetadataResponsePartition partition = partition(ask(0, List.of(topic("on2", TopicIds.ZERO))), "on2");

        assertThat(partition.errorCode).isEqualTo(ErrorCode.REPLICA_NOT_AVAILABLE.code());
        assertThat(partition.replicaNodes).containsExactly(2, 1);
    }

    @Test
    @DisplayName("a missing topic is asked for once, however often it is missed meanwhile (WIRE-27)")
    void createsOnce() {
        controller.delay = new CompletableFuture<>();
        MetadataHandler handler = handler(Map.of());
        for (int i = 0; i < 3; i++) {
            MetadataResponseData response = KeptReply.ask(
                    handler,
                    FakeContext.of(ApiKey.METADATA, 9),
                    request(List.of(topic("fresh", TopicIds.ZERO)), true),
                    MetadataResponseData.class);
            assertThat(response.topics.get(0).errorCode).isEqualTo(ErrorCode.UNKNOWN_TOPIC_OR_PARTITION.code());
        }

        assertThat(controller.created).hasSize(1);
        assertThat(controller.created.get(0).partitions()).isEqualTo(-1);
    }

    @Test
    @DisplayName("a creation that was refused is tried again the next time")
    void triesAgain() {
        controller.refusals.put("fresh", new Refusal(Refusal.Reason.INVALID_REPLICATION_FACTOR, "not enough brokers"));

        ask(9, List.of(topic("fresh", TopicIds.ZERO)));
        ask(9, List.of(topic("fresh", TopicIds.ZERO)));

        assertThat(controller.created).hasSize(2);
    }

    @Test
    @DisplayName("nothing is created when the client or the broker does not want it, nor for an invalid name (WIRE-27)")
    void doesNotCreate() {
        KeptReply.ask(
                handler(Map.of()),
                FakeContext.of(ApiKey.METADATA, 9),
                request(List.of(topic("fresh", TopicIds.ZERO)), false),
                MetadataResponseData.class);
        KeptReply.ask(
                handler(Map.of("auto.create.topics.enable", "false")),
                FakeContext.of(ApiKey.METADATA, 9),
                request(List.of(topic("fresh", TopicIds.ZERO)), true),
                MetadataResponseData.class);
        MetadataResponseData invalid = ask(9, List.of(topic("so nicht", TopicIds.ZERO)));

        assertThat(invalid.topics.get(0).errorCode).isEqualTo(ErrorCode.INVALID_TOPIC_EXCEPTION.code());
        assertThat(controller.created).isEmpty();
    }

    @Test
    @DisplayName("up to version 3 a client cannot say that it does not want topics created (WIRE-23)")
    void oldClientsCreate() {
        KeptReply.ask(
                handler(Map.of()),
                FakeContext.of(ApiKey.METADATA, 3),
                request(List.of(topic("fresh", TopicIds.ZERO)), false),
                MetadataResponseData.class);

        assertThat(controller.created).hasSize(1);
    }

    @Test
    @DisplayName(
            "internal topics are made by their own recipe, with as many replicas as there are brokers (WIRE-27, D13)")
    void internalTopics() {
        ask(9, List.of(topic("__consumer_offsets", TopicIds.ZERO)));

        assertThat(controller.created.get(0).partitions()).isEqualTo(50);
        assertThat(controller.created.get(0).replicationFactor()).isEqualTo(2);
        assertThat(controller.created.get(0).configs()).containsEntry("cleanup.policy", "compact");
    }

    @Test
    @DisplayName("operations are only told when asked for (KIP-430)")
    void authorizedOperations() {
        MetadataRequestData asking = request(null, true);
        asking.includeTopicAuthorizedOperations = true;
        MetadataResponseData asked = KeptReply.ask(
                handler(Map.of()), FakeContext.of(ApiKey.METADATA, 9), asking, MetadataResponseData.class);

        assertThat(asked.topics.get(0).topicAuthorizedOperations).isEqualTo(3576);
        assertThat(ask(9, null).topics.get(0).topicAuthorizedOperations).isEqualTo(Integer.MIN_VALUE);
    }

    @Test
    @DisplayName(
            "who asks for a topic whose leader has just been lost is told when another leads; who asks for other topics is told at once")
    void heldUntilAnotherLeads() {
        cluster.lost(TWO, clock.nanoTime());
        KeptReply reply = askFor("on2");
        assertThat(reply.isAnswered()).isFalse();
        assertThat(askFor("t").isAnswered()).isTrue();
        assertThat(ask(9, null).topics).isNotEmpty();

        cluster.replace(picture.topic("on2", 1, 1, 2).view());

        assertThat(reply.isAnswered()).isTrue();
        assertThat(partition(reply.as(MetadataResponseData.class), "on2").leaderId)
                .isEqualTo(1);
        assertThat(timers.pendingTimers()).isZero();
        timers.advanceMillis(5_000);
    }

    @Test
    @DisplayName("nobody is kept waiting when the leader is reached again, nor for more than a second from its loss")
    void heldForAMomentOnly() {
        cluster.lost(TWO, clock.nanoTime());
        KeptReply first = askFor("on2");
        cluster.reached(TWO);
        assertThat(first.isAnswered()).isTrue();

        cluster.lost(TWO, clock.nanoTime());
        timers.advanceMillis(600);
        KeptReply second = askFor("on2");
        timers.advanceMillis(399);
        assertThat(second.isAnswered()).isFalse();
        timers.advanceMillis(2);
        assertThat(second.isAnswered()).isTrue();
        assertThat(partition(second.as(MetadataResponseData.class), "on2").leaderId)
                .isEqualTo(2);
        assertThat(askFor("on2").isAnswered()).isTrue();
    }

    @Test
    @DisplayName("while no broker is in doubt, nobody looks for the leaders that an answer would name")
    void leadersAreNotSoughtWithoutDoubt() {
        var doubts = new LeadersInDoubt(cluster, timers, clock);
        var sought = new AtomicInteger();
        var answered = new AtomicInteger();
        Runnable ask = () -> doubts.settle(
                FakeContext.of(ApiKey.METADATA, 9),
                request(List.of(), false),
                new KeptReply(),
                view -> {
                    sought.incrementAndGet();
                    return List.of();
                },
                answered::incrementAndGet);

        ask.run();
        assertThat(sought).hasValue(0);
        cluster.lost(TWO, clock.nanoTime());
        ask.run();
        assertThat(sought).hasValue(1);
        timers.advanceMillis(1_001);
        ask.run();

        assertThat(sought).hasValue(1);
        assertThat(answered).hasValue(3);
    }

    private KeptReply askFor(String name) {
        KeptReply reply = new KeptReply();
        handler(Map.of())
                .handle(FakeContext.of(ApiKey.METADATA, 9), request(List.of(topic(name, TopicIds.ZERO)), false), reply);
        return reply;
    }

    private MetadataResponseData ask(int version, List<MetadataRequestTopic> topics) {
        return KeptReply.ask(
                handler(Map.of()),
                FakeContext.of(ApiKey.METADATA, version),
                request(topics, true),
                MetadataResponseData.class);
    }

    private MetadataHandler handler(Map<String, String> properties) {
        BrokerConfig config = BrokerConfig.from(properties);
        return new MetadataHandler(
                cluster,
                "cluster",
                new AutoTopicCreation(controller, cluster, config.topics(), config.internalTopics(), 1000),
                new LeadersInDoubt(cluster, timers, clock));
    }

    private static MetadataRequestData request(List<MetadataRequestTopic> topics, boolean mayCreate) {
        MetadataRequestData request = new MetadataRequestData();
        request.topics = topics == null ? null : new ArrayList<>(topics);
        request.allowAutoTopicCreation = mayCreate;
        return request;
    }

    private static MetadataRequestTopic topic(String name, UUID id) {
        MetadataRequestTopic topic = new MetadataRequestTopic();
        topic.name = name;
        topic.topicId = id;
        return topic;
    }

    private static List<String> names(MetadataResponseData response) {
        return response.topics.stream().map(topic -> topic.name).toList();
    }

    private static MetadataResponsePartition partition(MetadataResponseData response, String topic) {
        return response.topics.stream()
                .filter(line -> line.name.equals(topic))
                .findFirst()
                .orElseThrow()
                .partitions
                .get(0);
    }
}
