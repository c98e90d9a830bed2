package io.barnabas.system.tests;

import static io.barnabas.protocol.ErrorCode.INVALID_CONFIG;
import static io.barnabas.protocol.ErrorCode.INVALID_PARTITIONS;
import static io.barnabas.protocol.ErrorCode.INVALID_REPLICATION_FACTOR;
import static io.barnabas.protocol.ErrorCode.INVALID_REQUEST;
import static io.barnabas.protocol.ErrorCode.INVALID_TOPIC_EXCEPTION;
import static io.barnabas.protocol.ErrorCode.NONE;
import static io.barnabas.protocol.ErrorCode.TOPIC_ALREADY_EXISTS;
import static io.barnabas.protocol.ErrorCode.UNKNOWN_TOPIC_ID;
import static io.barnabas.protocol.ErrorCode.UNKNOWN_TOPIC_OR_PARTITION;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.barnabas.protocol.ApiKey;
import io.barnabas.protocol.ErrorCode;
import io.barnabas.protocol.message.CreateTopicsRequestData;
import io.barnabas.protocol.message.CreateTopicsRequestData.CreatableTopic;
import io.barnabas.protocol.message.CreateTopicsResponseData;
import io.barnabas.protocol.message.CreateTopicsResponseData.CreatableTopicResult;
import io.barnabas.protocol.message.DeleteTopicsRequestData;
import io.barnabas.protocol.message.DeleteTopicsResponseData;
import io.barnabas.protocol.message.ProduceRequestData;
import io.barnabas.protocol.message.ProduceResponseData.PartitionProduceResponse;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.UUID;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.TimeUnit;
import java.util.function.Consumer;
import org.apache.kafka.clients.admin.Admin;
import org.apache.kafka.clients.admin.AlterConfigOp;
import org.apache.kafka.clients.admin.AlterConfigOp.OpType;
import org.apache.kafka.clients.admin.ConfigEntry;
import org.apache.kafka.clients.admin.NewTopic;
import org.apache.kafka.clients.consumer.KafkaConsumer;
import org.apache.kafka.clients.producer.KafkaProducer;
import org.apache.kafka.clients.producer.ProducerRecord;
import org.apache.kafka.common.KafkaException;
import org.apache.kafka.common.TopicPartition;
import org.apache.kafka.common.config.ConfigResource;
import org.apache.kafka.common.errors.InvalidConfigurationException;
import org.apache.kafka.common.errors.UnknownTopicOrPartitionException;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.DisplayName;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

/** Topics and configurations as nobody should ask for them, and topics that come and go quickly. */
class TopicInputTest {
    private static BrokerUnderTest broker;

    private RawClient client;

    @BeforeAll
    static void start(@TempDir Path directory) throws Exception {
        broker = BrokerUnderTest.start(directory, Map.of());
    }

    @AfterAll
    static void stop() throws Exception {
        broker.close();
    }

    @BeforeEach
    void connect() throws Exception {
        client = broker.connect();
    }

    @AfterEach
    void disconnect() throws Exception {
        client.close();
    }

    @ParameterizedTest
    @ValueSource(strings = {"", ".", "..", "a b", "a/b", "a\u0000", "ü", "a\n", "a:b", "../../etc/passwd"})
    @DisplayName("names that cannot be (CTRL-20)")
    void invalidNames(String name) throws Exception {
        assertThat(created(name, topic -> {})).isEqualTo(INVALID_TOPIC_EXCEPTION);
    }

    @Test
    @DisplayName("249 characters are a name, 250 are not; a name that differs in . and _ alone is taken (CTRL-20)")
    void lengthAndCollision() throws Exception {
        assertThat(created("n".repeat(249), topic -> {})).isEqualTo(NONE);
        assertThat(created("n".repeat(250), topic -> {})).isEqualTo(INVALID_TOPIC_EXCEPTION);
        assertThat(created("with.dot", topic -> {})).isEqualTo(NONE);
        assertThat(created("with_dot", topic -> {})).isEqualTo(INVALID_TOPIC_EXCEPTION);
        assertThat(created("with.dot", topic -> {})).isEqualTo(TOPIC_ALREADY_EXISTS);
    }

    @ParameterizedTest(name = "{0} partitions, replication factor {1}: {2}")
    @CsvSource({
        "0, 1, INVALID_PARTITIONS",
        "-5, 1, INVALID_PARTITIONS",
        "-2147483648, 1, INVALID_PARTITIONS",
        "1, 0, INVALID_REPLICATION_FACTOR",
        "1, -2, INVALID_REPLICATION_FACTOR",
        "1, 2, INVALID_REPLICATION_FACTOR",
        "1, 32767, INVALID_REPLICATION_FACTOR",
        "-1, -1, NONE",
    })
    @DisplayName("numbers of partitions and replicas (CTRL-20)")
    void numbers(int partitions, short factor, ErrorCode expected) throws Exception {
        assertThat(created(BrokerUnderTest.fresh("numbers"), topic -> {
                    topic.numPartitions = partitions;
                    topic.replicationFactor = factor;
                }))
                .isEqualTo(expected);
    }

    @ParameterizedTest
    @ValueSource(ints = {Integer.MAX_VALUE, 50_000_000})
    @DisplayName("more partitions than any cluster can hold are refused, and the broker lives (CTRL-32)")
    void hugePartitions(int partitions) throws Exception {
        assertThat(created(BrokerUnderTest.fresh("huge"), topic -> topic.numPartitions = partitions))
                .isIn(INVALID_PARTITIONS, INVALID_REQUEST, ErrorCode.POLICY_VIOLATION);
        assertThat(broker.isAlive()).isTrue();
        assertThat(created(BrokerUnderTest.fresh("after"), topic -> {})).isEqualTo(NONE);
    }

    @Test
    @DisplayName("assignments by hand: unknown, doubled, empty, gaps, doubled partition, with numbers beside (CTRL-20)")
    void assignments() throws Exception {
        int own = brokerId();
        assertThat(assigned(0, List.of(own))).isEqualTo(NONE);
        assertThat(assigned(0, List.of(own + 100)))
                .isIn(ErrorCode.INVALID_REPLICA_ASSIGNMENT, INVALID_REPLICATION_FACTOR);
        assertThat(assigned(0, List.of(own, own))).isEqualTo(ErrorCode.INVALID_REPLICA_ASSIGNMENT);
        assertThat(assigned(0, List.of())).isEqualTo(ErrorCode.INVALID_REPLICA_ASSIGNMENT);
        assertThat(assigned(0, List.of(-1))).isEqualTo(ErrorCode.INVALID_REPLICA_ASSIGNMENT);
        assertThat(assigned(7, List.of(own))).isEqualTo(ErrorCode.INVALID_REPLICA_ASSIGNMENT);
        assertThat(assigned(-1, List.of(own))).isEqualTo(ErrorCode.INVALID_REPLICA_ASSIGNMENT);
        assertThat(created(BrokerUnderTest.fresh("twice"), topic -> {
                    topic.numPartitions = -1;
                    topic.replicationFactor = -1;
                    assign(topic, 0, List.of(own));
                    assign(topic, 0, List.of(own));
                }))
                .isIn(ErrorCode.INVALID_REPLICA_ASSIGNMENT, INVALID_REQUEST);
        assertThat(created(BrokerUnderTest.fresh("both"), topic -> {
                    topic.numPartitions = 3;
                    assign(topic, 0, List.of(own));
                }))
                .isEqualTo(INVALID_REQUEST);
    }

    @ParameterizedTest(name = "{0}={1}")
    @CsvSource({
        "no.such.key, 1",
        "retention.ms, many",
        "retention.ms, -2",
        "segment.bytes, 1",
        "cleanup.policy, shred",
        "compression.type, rot13",
        "min.insync.replicas, 0",
        "message.timestamp.type, SometimesTime",
        "max.message.bytes, -1",
        "min.cleanable.dirty.ratio, 2",
    })
    @DisplayName("configs that cannot be: INVALID_CONFIG, nothing is created (CTRL-20)")
    void configs(String key, String value) throws Exception {
        String name = BrokerUnderTest.fresh("config");
        assertThat(created(name, topic -> config(topic, key, value))).isEqualTo(INVALID_CONFIG);
        assertThat(ErrorCode.of(client.describe(name).errorCode)).isEqualTo(UNKNOWN_TOPIC_OR_PARTITION);
    }

    @Test
    @DisplayName("a name twice in a request: INVALID_REQUEST for it, the others are created (WIRE-31)")
    void duplicateNames() throws Exception {
        String twice = BrokerUnderTest.fresh("twice");
        String once = BrokerUnderTest.fresh("once");
        var request = new CreateTopicsRequestData();
        request.timeoutMs = 5_000;
        request.topics.addAll(List.of(topic(twice), topic(once), topic(twice)));
        CreateTopicsResponseData response = client.call(ApiKey.CREATE_TOPICS, 7, request);

        assertThat(response.topics)
                .filteredOn(result -> result.name.equals(twice))
                .isNotEmpty()
                .allSatisfy(result -> assertThat(ErrorCode.of(result.errorCode)).isEqualTo(INVALID_REQUEST));
        assertThat(response.topics)
                .filteredOn(result -> result.name.equals(once))
                .singleElement()
                .satisfies(result -> assertThat(ErrorCode.of(result.errorCode)).isEqualTo(NONE));
    }

    @Test
    @DisplayName("validate-only says yes and no, and creates nothing (CTRL-20)")
    void validateOnly() throws Exception {
        String name = BrokerUnderTest.fresh("tried");
        var request = new CreateTopicsRequestData();
        request.timeoutMs = 5_000;
        request.validateOnly = true;
        request.topics.addAll(List.of(topic(name), topic("a b")));
        CreateTopicsResponseData response = client.call(ApiKey.CREATE_TOPICS, 7, request);

        assertThat(response.topics)
                .extracting(result -> ErrorCode.of(result.errorCode))
                .containsExactlyInAnyOrder(NONE, INVALID_TOPIC_EXCEPTION);
        assertThat(ErrorCode.of(client.describe(name).errorCode)).isEqualTo(UNKNOWN_TOPIC_OR_PARTITION);
    }

    @Test
    @DisplayName("deleting what is not there, by name and by id, and with both (CTRL-26)")
    void deletingNothing() throws Exception {
        assertThat(deleted(byName("nothing-here"))).isEqualTo(UNKNOWN_TOPIC_OR_PARTITION);
        var byId = byName(null);
        byId.topicId = UUID.randomUUID();
        assertThat(deleted(byId)).isEqualTo(UNKNOWN_TOPIC_ID);
        var both = byName("nothing-here");
        both.topicId = UUID.randomUUID();
        assertThat(deleted(both)).isEqualTo(INVALID_REQUEST);
    }

    @Test
    @DisplayName("dynamic configs that cannot be are refused whole, and nothing changes (CTRL-27)")
    void invalidDynamicConfig() throws Exception {
        String name = BrokerUnderTest.fresh("dynamic");
        client.createTopic(name, 1, Map.of("retention.ms", "1000000"));
        var topic = new ConfigResource(ConfigResource.Type.TOPIC, name);
        try (Admin admin = Clients.admin(broker.bootstrap())) {
            for (ConfigEntry bad : List.of(
                    new ConfigEntry("retention.ms", "soon"),
                    new ConfigEntry("no.such.key", "1"),
                    new ConfigEntry("cleanup.policy", "shred"))) {
                assertThatThrownBy(() -> admin.incrementalAlterConfigs(Map.of(
                                        topic,
                                        List.of(
                                                new AlterConfigOp(
                                                        new ConfigEntry("segment.bytes", "2000000"), OpType.SET),
                                                new AlterConfigOp(bad, OpType.SET))))
                                .all()
                                .get(20, TimeUnit.SECONDS))
                        .as("%s", bad)
                        .isInstanceOf(ExecutionException.class)
                        .hasCauseInstanceOf(InvalidConfigurationException.class);
            }
            var config = admin.describeConfigs(List.of(topic))
                    .all()
                    .get(20, TimeUnit.SECONDS)
                    .get(topic);
            assertThat(config.get("retention.ms").value()).isEqualTo("1000000");
            assertThat(config.get("segment.bytes").value()).isNotEqualTo("2000000");

            var missing = new ConfigResource(ConfigResource.Type.TOPIC, BrokerUnderTest.fresh("missing"));
            assertThatThrownBy(() -> admin.incrementalAlterConfigs(Map.of(
                                    missing,
                                    List.of(new AlterConfigOp(new ConfigEntry("retention.ms", "1"), OpType.SET))))
                            .all()
                            .get(20, TimeUnit.SECONDS))
                    .hasCauseInstanceOf(UnknownTopicOrPartitionException.class);
        }
    }

    @Test
    @DisplayName(
            "deleted and created again a hundred times with an open consumer: always empty, always usable (LOG-32, CTRL-23)")
    void deletedAndCreatedAgain() throws Exception {
        String name = BrokerUnderTest.fresh("again");
        var partition = new TopicPartition(name, 0);
        client.createTopic(name, 1, Map.of());
        try (Admin admin = Clients.admin(broker.bootstrap());
                KafkaConsumer<byte[], byte[]> consumer = Clients.consumer(broker.bootstrap())) {
            consumer.assign(List.of(partition));
            consumer.seekToBeginning(List.of(partition));
            for (int round = 0; round < 100; round++) {
                PartitionProduceResponse answer = Requests.produced(client, 9, name, Batches.of(1));
                assertThat(ErrorCode.of(answer.errorCode)).as("round %d", round).isEqualTo(NONE);
                assertThat(answer.baseOffset).as("round %d begins anew", round).isZero();
                pollOnce(consumer);
                admin.deleteTopics(Set.of(name)).all().get(20, TimeUnit.SECONDS);
                admin.createTopics(Set.of(new NewTopic(name, 1, (short) 1)))
                        .all()
                        .get(20, TimeUnit.SECONDS);
            }
        }
        assertThat(broker.isAlive()).isTrue();
        assertThat(Clients.readPartition(broker.bootstrap(), name, 0)).isEmpty();
    }

    @Test
    @DisplayName("a stale topic id never appends to the new topic of that name (PROD-21)")
    void staleId() throws Exception {
        String name = BrokerUnderTest.fresh("stale");
        UUID old = client.createTopic(name, 1, Map.of());
        ProduceRequestData stale = Requests.produce(Requests.ALL, name, 0, Batches.of(1));
        stale.topicData.get(0).topicId = old;
        assertThat(Requests.only(client.call(ApiKey.PRODUCE, 13, stale)).errorCode)
                .isZero();
        assertThat(deleted(byName(name))).isEqualTo(NONE);
        assertThat(client.createTopic(name, 1, Map.of())).isNotEqualTo(old);

        assertThat(ErrorCode.of(Requests.only(client.call(ApiKey.PRODUCE, 13, stale)).errorCode))
                .isEqualTo(UNKNOWN_TOPIC_ID);
        assertThat(Clients.readPartition(broker.bootstrap(), name, 0)).isEmpty();
    }

    @Test
    @DisplayName("a client that produces to a name that cannot be is told so (WIRE-27)")
    void producingToInvalidName() throws Exception {
        try (KafkaProducer<byte[], byte[]> producer =
                Clients.producer(broker.bootstrap(), Map.of("max.block.ms", 5_000))) {
            assertThatThrownBy(() -> producer.send(new ProducerRecord<>("a b", "v".getBytes(StandardCharsets.UTF_8)))
                            .get(10, TimeUnit.SECONDS))
                    .satisfiesAnyOf(
                            e -> assertThat(e).isInstanceOf(KafkaException.class),
                            e -> assertThat(e).hasCauseInstanceOf(KafkaException.class));
        }
    }

    /** While its topic is away the consumer may be told so; it must stay usable. */
    private static void pollOnce(KafkaConsumer<byte[], byte[]> consumer) {
        try {
            consumer.poll(Duration.ofMillis(5));
        } catch (KafkaException told) {
            assertThat(told).isNotInstanceOf(org.apache.kafka.common.errors.UnknownServerException.class);
        }
    }

    private static CreatableTopic topic(String name) {
        var topic = new CreatableTopic();
        topic.name = name;
        topic.numPartitions = 1;
        topic.replicationFactor = 1;
        return topic;
    }

    private ErrorCode created(String name, Consumer<CreatableTopic> change) throws IOException {
        CreatableTopic topic = topic(name);
        change.accept(topic);
        var request = new CreateTopicsRequestData();
        request.timeoutMs = 5_000;
        request.topics.add(topic);
        CreateTopicsResponseData response = client.call(ApiKey.CREATE_TOPICS, 7, request);
        assertThat(response.topics).hasSize(1);
        CreatableTopicResult result = response.topics.get(0);
        if (result.errorCode != 0) {
            assertThat(result.errorMessage).as("says why").isNotBlank();
        }
        return ErrorCode.of(result.errorCode);
    }

    private ErrorCode assigned(int partition, List<Integer> brokers) throws IOException {
        return created(BrokerUnderTest.fresh("assigned"), topic -> {
            topic.numPartitions = -1;
            topic.replicationFactor = -1;
            assign(topic, partition, brokers);
        });
    }

    private static void assign(CreatableTopic topic, int partition, List<Integer> brokers) {
        var assignment = new CreateTopicsRequestData.CreatableReplicaAssignment();
        assignment.partitionIndex = partition;
        assignment.brokerIds = brokers;
        topic.assignments.add(assignment);
    }

    private static void config(CreatableTopic topic, String key, String value) {
        var config = new CreateTopicsRequestData.CreatableTopicConfig();
        config.name = key;
        config.value = value;
        topic.configs.add(config);
    }

    private static DeleteTopicsRequestData.DeleteTopicState byName(String name) {
        var topic = new DeleteTopicsRequestData.DeleteTopicState();
        topic.name = name;
        return topic;
    }

    private ErrorCode deleted(DeleteTopicsRequestData.DeleteTopicState topic) throws IOException {
        var request = new DeleteTopicsRequestData();
        request.timeoutMs = 10_000;
        request.topics.add(topic);
        DeleteTopicsResponseData response = client.call(ApiKey.DELETE_TOPICS, 6, request);
        return ErrorCode.of(response.responses.get(0).errorCode);
    }

    private int brokerId() throws Exception {
        try (Admin admin = Clients.admin(broker.bootstrap())) {
            return admin.describeCluster()
                    .nodes()
                    .get(20, TimeUnit.SECONDS)
                    .iterator()
                    .next()
                    .id();
        }
    }
}
