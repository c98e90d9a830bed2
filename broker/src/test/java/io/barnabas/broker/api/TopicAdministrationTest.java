package io.barnabas.broker.api;

import static org.assertj.core.api.Assertions.assertThat;

import io.barnabas.broker.config.BrokerConfig;
import io.barnabas.broker.metadata.Clusters;
import io.barnabas.broker.metadata.CurrentCluster;
import io.barnabas.coordination.control.Caller;
import io.barnabas.model.BrokerId;
import io.barnabas.model.Refusal;
import io.barnabas.model.TopicIds;
import io.barnabas.protocol.ApiKey;
import io.barnabas.protocol.ErrorCode;
import io.barnabas.protocol.message.CreateTopicsRequestData;
import io.barnabas.protocol.message.CreateTopicsRequestData.CreatableReplicaAssignment;
import io.barnabas.protocol.message.CreateTopicsRequestData.CreatableTopic;
import io.barnabas.protocol.message.CreateTopicsRequestData.CreatableTopicConfig;
import io.barnabas.protocol.message.CreateTopicsResponseData;
import io.barnabas.protocol.message.CreateTopicsResponseData.CreatableTopicResult;
import io.barnabas.protocol.message.DeleteTopicsRequestData;
import io.barnabas.protocol.message.DeleteTopicsRequestData.DeleteTopicState;
import io.barnabas.protocol.message.DeleteTopicsResponseData;
import java.net.InetAddress;
import java.util.List;
import java.util.Map;
import java.util.UUID;
import org.junit.jupiter.api.DisplayName;
import org.junit.jupiter.api.Test;

class TopicAdministrationTest {
    private final FakeController controller = new FakeController();
    private final CurrentCluster cluster = new Clusters()
            .broker(1, "PLAINTEXT")
            .topic("t", 1, 1)
            .topic("u", 1, 1)
            .current();

    @Test
    @DisplayName("a name twice in a request is refused, the others are created (WIRE-31, CTRL-20)")
    void duplicateNames() {
        CreateTopicsResponseData response = create(topic("a"), topic("b"), topic("a"));

        assertThat(response.topics)
                .extracting(topic -> topic.name + ":" + ErrorCode.of(topic.errorCode))
                .containsExactly("a:INVALID_REQUEST", "b:NONE");
        assertThat(controller.created).extracting(topic -> topic.name()).containsExactly("b");
    }

    @Test
    @DisplayName("what goes wrong after the controller has answered is an error to the client, not silence (WIRE-16)")
    void failsAloud() {
        controller.confused = true;

        CreateTopicsResponseData response = create(topic("a"));

        assertThat(ErrorCode.of(response.topics.get(0).errorCode)).isEqualTo(ErrorCode.UNKNOWN_SERVER_ERROR);
    }

    @Test
    @DisplayName("numbers and a replica assignment exclude each other (CTRL-20)")
    void numbersOrAssignment() {
        CreatableTopic both = assigned("a", 0, 1);
        both.numPartitions = 1;

        assertThat(ErrorCode.of(create(both).topics.get(0).errorCode)).isEqualTo(ErrorCode.INVALID_REQUEST);
        assertThat(ErrorCode.of(create(assigned("b", 0, 0)).topics.get(0).errorCode))
                .isEqualTo(ErrorCode.INVALID_REPLICA_ASSIGNMENT);
        assertThat(controller.created).isEmpty();
    }

    @Test
    @DisplayName("(WIRE-30) the controller is asked on behalf of the client: principal, address and listener")
    void caller() {
        create(topic("a"));

        assertThat(controller.lastCaller)
                .isEqualTo(new Caller(
                        "User:ANONYMOUS",
                        InetAddress.getLoopbackAddress().getHostAddress(),
                        FakeContext.of(ApiKey.CREATE_TOPICS, 7).listener()));
    }

    @Test
    @DisplayName("a replica assignment reaches the controller as it was given")
    void assignment() {
        create(assigned("a", 0, 1));

        assertThat(controller.created.get(0).assignment())
                .containsEntry(0, List.of(new BrokerId(1), new BrokerId(-1)))
                .containsEntry(1, List.of(new BrokerId(1), new BrokerId(-1)));
    }

    @Test
    @DisplayName("a config without a value is no config (CTRL-20)")
    void nullConfig() {
        CreatableTopic topic = topic("a");
        topic.configs.add(config("retention.ms", null));

        assertThat(ErrorCode.of(create(topic).topics.get(0).errorCode)).isEqualTo(ErrorCode.INVALID_CONFIG);
    }

    @Test
    @DisplayName("the answer shows id, partitions, replicas and what the configuration comes to")
    void answer() {
        CreatableTopic topic = topic("a");
        topic.configs.add(config("retention.ms", "1234"));
        CreatableTopicResult line = create(topic).topics.get(0);

        assertThat(line.topicId).isEqualTo(new UUID(1, 1));
        assertThat(line.numPartitions).isEqualTo(1);
        assertThat(line.configs)
                .filteredOn(config -> config.name.equals("retention.ms"))
                .singleElement()
                .satisfies(config -> {
                    assertThat(config.value).isEqualTo("1234");
                    assertThat(config.configSource).isEqualTo((byte) 1);
                });
    }

    @Test
    @DisplayName("a refusal of the controller becomes its error code, with its sentence")
    void refused() {
        controller.refusals.put("a", new Refusal(Refusal.Reason.TOPIC_ALREADY_EXISTS, "there it is"));
        CreatableTopicResult line = create(topic("a")).topics.get(0);

        assertThat(ErrorCode.of(line.errorCode)).isEqualTo(ErrorCode.TOPIC_ALREADY_EXISTS);
        assertThat(line.errorMessage).isEqualTo("there it is");
    }

    @Test
    @DisplayName("deletion by name and by id, each answered once (CTRL-26)")
    void deletes() {
        DeleteTopicsResponseData response = delete(
                6,
                true,
                state("t", TopicIds.ZERO),
                state(null, Clusters.idOf("u")),
                state(null, new UUID(9, 9)),
                state("nobody", TopicIds.ZERO),
                state("t", Clusters.idOf("t")),
                state(null, TopicIds.ZERO),
                state(null, Clusters.idOf("t")));

        assertThat(response.responses)
                .extracting(line -> line.name + ":" + ErrorCode.of(line.errorCode))
                .containsExactlyInAnyOrder(
                        "t:NONE",
                        "u:NONE",
                        "null:UNKNOWN_TOPIC_ID",
                        "nobody:UNKNOWN_TOPIC_OR_PARTITION",
                        "t:INVALID_REQUEST",
                        "null:INVALID_REQUEST",
                        "null:INVALID_REQUEST");
        assertThat(controller.deleted).hasSize(2);
    }

    @Test
    @DisplayName("deletion that is disabled says so in the words of the version (CTRL-26)")
    void deletionDisabled() {
        assertThat(ErrorCode.of(
                        delete(6, false, state("t", TopicIds.ZERO)).responses.get(0).errorCode))
                .isEqualTo(ErrorCode.TOPIC_DELETION_DISABLED);
        assertThat(ErrorCode.of(
                        delete(2, false, state("t", TopicIds.ZERO)).responses.get(0).errorCode))
                .isEqualTo(ErrorCode.INVALID_REQUEST);
        assertThat(controller.deleted).isEmpty();
    }

    private CreateTopicsResponseData create(CreatableTopic... topics) {
        CreateTopicsRequestData request = new CreateTopicsRequestData();
        request.topics.addAll(List.of(topics));
        return KeptReply.ask(
                new CreateTopicsHandler(
                        controller, cluster, new ConfigDescriptions(new BrokerId(1), BrokerConfig.from(Map.of()))),
                FakeContext.of(ApiKey.CREATE_TOPICS, 7),
                request,
                CreateTopicsResponseData.class);
    }

    private DeleteTopicsResponseData delete(int version, boolean enabled, DeleteTopicState... states) {
        DeleteTopicsRequestData request = new DeleteTopicsRequestData();
        for (DeleteTopicState state : states) {
            request.topics.add(state);
            request.topicNames.add(state.name);
        }
        return KeptReply.ask(
                new DeleteTopicsHandler(controller, cluster, enabled),
                FakeContext.of(ApiKey.DELETE_TOPICS, version),
                request,
                DeleteTopicsResponseData.class);
    }

    private static DeleteTopicState state(String name, UUID id) {
        DeleteTopicState state = new DeleteTopicState();
        state.name = name;
        state.topicId = id;
        return state;
    }

    private static CreatableTopic topic(String name) {
        CreatableTopic topic = new CreatableTopic();
        topic.name = name;
        topic.numPartitions = -1;
        topic.replicationFactor = -1;
        return topic;
    }

    /** Two partitions, each on broker 1 and on one that cannot be. */
    private static CreatableTopic assigned(String name, int first, int second) {
        CreatableTopic topic = topic(name);
        for (int partition : new int[] {first, second}) {
            CreatableReplicaAssignment assignment = new CreatableReplicaAssignment();
            assignment.partitionIndex = partition;
            assignment.brokerIds.addAll(List.of(1, -7));
            topic.assignments.add(assignment);
        }
        return topic;
    }

    private static CreatableTopicConfig config(String name, String value) {
        CreatableTopicConfig config = new CreatableTopicConfig();
        config.name = name;
        config.value = value;
        return config;
    }
}
