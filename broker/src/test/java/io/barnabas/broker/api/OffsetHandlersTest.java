package io.barnabas.broker.api;

import static org.assertj.core.api.Assertions.assertThat;

import io.barnabas.broker.metadata.Clusters;
import io.barnabas.broker.metadata.CurrentCluster;
import io.barnabas.consumer.coordinator.group.GroupDescription;
import io.barnabas.consumer.coordinator.offsets.CommitOffsets;
import io.barnabas.consumer.coordinator.offsets.FetchOffsets;
import io.barnabas.model.Refusal;
import io.barnabas.model.TopicPartition;
import io.barnabas.protocol.ApiKey;
import io.barnabas.protocol.ErrorCode;
import io.barnabas.protocol.message.ConsumerGroupHeartbeatRequestData;
import io.barnabas.protocol.message.ConsumerGroupHeartbeatResponseData;
import io.barnabas.protocol.message.DescribeGroupsRequestData;
import io.barnabas.protocol.message.DescribeGroupsResponseData;
import io.barnabas.protocol.message.ListGroupsRequestData;
import io.barnabas.protocol.message.ListGroupsResponseData;
import io.barnabas.protocol.message.OffsetCommitRequestData;
import io.barnabas.protocol.message.OffsetCommitResponseData;
import io.barnabas.protocol.message.OffsetFetchRequestData;
import io.barnabas.protocol.message.OffsetFetchResponseData;
import java.util.List;
import java.util.Map;
import java.util.UUID;
import org.junit.jupiter.api.DisplayName;
import org.junit.jupiter.api.Test;

class OffsetHandlersTest {
    private static final TopicPartition T0 = new TopicPartition("t", 0);

    private final FakeGroups groups = new FakeGroups();
    private final CurrentCluster cluster =
            new Clusters().broker(1, "PLAINTEXT").topic("t", 2, 1).current();

    @Test
    @DisplayName("partitions that are not there are refused one by one, and never reach the group (GROUP-20)")
    void commitToUnknownPartitions() {
        groups.answer = new CommitOffsets.Answer(null, Map.of(T0, Refusal.Reason.OFFSET_METADATA_TOO_LARGE));

        OffsetCommitResponseData response = commit(8, commitOf("t", null, 0, 1, 2, -1), commitOf("missing", null, 0));

        assertThat(response.topics.get(0).partitions)
                .extracting(line -> ErrorCode.of(line.errorCode))
                .containsExactly(
                        ErrorCode.OFFSET_METADATA_TOO_LARGE,
                        ErrorCode.NONE,
                        ErrorCode.UNKNOWN_TOPIC_OR_PARTITION,
                        ErrorCode.UNKNOWN_TOPIC_OR_PARTITION);
        assertThat(response.topics.get(1).partitions.get(0).errorCode)
                .isEqualTo(ErrorCode.UNKNOWN_TOPIC_OR_PARTITION.code());
        CommitOffsets asked = (CommitOffsets) groups.asked.get(0);
        assertThat(asked.positions())
                .extracting(position -> position.partition())
                .containsExactly(T0, new TopicPartition("t", 1));
        assertThat(asked.positions()).allMatch(position -> position.topicId().equals(Clusters.idOf("t")));
    }

    @Test
    @DisplayName("version 10 commits by topic id; an id that nobody has is unknown as such (GROUP-20)")
    void commitById() {
        groups.answer = CommitOffsets.Answer.COMMITTED;
        UUID unknown = new UUID(5, 5);

        OffsetCommitResponseData response = commit(10, commitOf("", Clusters.idOf("t"), 0), commitOf("", unknown, 0));

        assertThat(response.topics)
                .extracting(topic -> topic.topicId + " " + ErrorCode.of(topic.partitions.get(0).errorCode))
                .containsExactly(Clusters.idOf("t") + " NONE", unknown + " UNKNOWN_TOPIC_ID");
    }

    @Test
    @DisplayName("a coordinator that is not here, or not ready, says so for every partition (GROUP-03)")
    void commitRefused() {
        groups.refusal = Refusal.Reason.NOT_COORDINATOR;

        assertThat(commit(8, commitOf("t", null, 0, 1)).topics.get(0).partitions)
                .allMatch(line -> line.errorCode == ErrorCode.NOT_COORDINATOR.code());
    }

    private OffsetCommitResponseData commit(int version, OffsetCommitRequestData.OffsetCommitRequestTopic... topics) {
        OffsetCommitRequestData request = new OffsetCommitRequestData();
        request.groupId = "g";
        request.topics.addAll(List.of(topics));
        return KeptReply.ask(
                new OffsetCommitHandler(groups, cluster),
                FakeContext.of(ApiKey.OFFSET_COMMIT, version),
                request,
                OffsetCommitResponseData.class);
    }

    private static OffsetCommitRequestData.OffsetCommitRequestTopic commitOf(String name, UUID id, int... partitions) {
        var topic = new OffsetCommitRequestData.OffsetCommitRequestTopic();
        topic.name = name;
        if (id != null) {
            topic.topicId = id;
        }
        for (int partition : partitions) {
            var at = new OffsetCommitRequestData.OffsetCommitRequestPartition();
            at.partitionIndex = partition;
            at.committedMetadata = null;
            topic.partitions.add(at);
        }
        return topic;
    }

    @Test
    @DisplayName("OffsetFetch asks one group, several, by name and by id; what was not committed is -1 (GROUP-23)")
    void fetch() {
        groups.answer = new FetchOffsets.Answer(null, Map.of(T0, new FetchOffsets.Position(null, 7, 3, "m")));
        OffsetFetchRequestData old = new OffsetFetchRequestData();
        old.groupId = "g";
        var topic = new OffsetFetchRequestData.OffsetFetchRequestTopic();
        topic.name = "t";
        topic.partitionIndexes.addAll(List.of(0, 1, -1));
        old.topics = List.of(topic);
        assertThat(fetch(7, old).topics.get(0).partitions)
                .extracting(line -> line.partitionIndex + "=" + line.committedOffset + line.metadata)
                .containsExactly("0=7m", "1=-1", "-1=-1");

        OffsetFetchRequestData byId = new OffsetFetchRequestData();
        for (UUID id : List.of(Clusters.idOf("t"), new UUID(5, 5))) {
            var at = new OffsetFetchRequestData.OffsetFetchRequestTopics();
            at.topicId = id;
            at.partitionIndexes.add(0);
            var group = new OffsetFetchRequestData.OffsetFetchRequestGroup();
            group.groupId = "g" + id;
            group.topics = List.of(at);
            byId.groups.add(group);
        }
        assertThat(fetch(10, byId).groups)
                .extracting(group -> group.groupId.length()
                        + " "
                        + ErrorCode.of(group.topics.get(0).partitions.get(0).errorCode))
                .containsExactly("37 NONE", "37 UNKNOWN_TOPIC_ID");
    }

    @Test
    @DisplayName("null topics are everything the group has (GROUP-23)")
    void fetchEverything() {
        groups.answer = new FetchOffsets.Answer(null, Map.of(T0, new FetchOffsets.Position(null, 7, 3, "m")));
        OffsetFetchRequestData request = new OffsetFetchRequestData();
        var group = new OffsetFetchRequestData.OffsetFetchRequestGroup();
        group.groupId = "g";
        group.topics = null;
        request.groups.add(group);

        assertThat(fetch(9, request).groups.get(0).topics.get(0).name).isEqualTo("t");
        assertThat(fetch(10, request).groups.get(0).topics.get(0).topicId).isEqualTo(Clusters.idOf("t"));
        assertThat(((FetchOffsets) groups.asked.get(0)).partitions()).isNull();
    }

    private OffsetFetchResponseData fetch(int version, OffsetFetchRequestData request) {
        return KeptReply.ask(
                new OffsetFetchHandler(groups, cluster),
                FakeContext.of(ApiKey.OFFSET_FETCH, version),
                request,
                OffsetFetchResponseData.class);
    }

    @Test
    @DisplayName(
            "an unknown group is Dead without an error up to version 5, and not found from version 6 on (GROUP-26)")
    void describeUnknown() {
        groups.answer = new GroupDescription.Classic(
                Refusal.Reason.GROUP_ID_NOT_FOUND, "Group g not found.", "g", "Dead", "", "", List.of());
        DescribeGroupsRequestData request = new DescribeGroupsRequestData();
        request.groups.addAll(List.of("g", "g"));

        assertThat(describe(5, request).groups)
                .extracting(line -> line.groupState + ErrorCode.of(line.errorCode))
                .containsExactly("DeadNONE");
        assertThat(describe(6, request).groups)
                .extracting(line -> line.groupState + ErrorCode.of(line.errorCode) + line.errorMessage)
                .containsExactly("DeadGROUP_ID_NOT_FOUNDGroup g not found.");
    }

    private DescribeGroupsResponseData describe(int version, DescribeGroupsRequestData request) {
        return KeptReply.ask(
                new DescribeGroupsHandler(groups),
                FakeContext.of(ApiKey.DESCRIBE_GROUPS, version),
                request,
                DescribeGroupsResponseData.class);
    }

    @Test
    @DisplayName(
            "ListGroups filters by state and type; one partition that loads fails it as a whole (GROUP-03, GROUP-26)")
    void list() {
        groups.answer = List.of(
                new GroupDescription.Listed("a", "", "Empty", "classic"),
                new GroupDescription.Listed("b", "consumer", "Stable", "consumer"));
        ListGroupsRequestData request = new ListGroupsRequestData();
        assertThat(list(request).groups).hasSize(2);
        request.statesFilter = List.of("stable");
        request.typesFilter = List.of("Consumer");
        assertThat(list(request).groups).extracting(line -> line.groupId).containsExactly("b");
        request.typesFilter = List.of("classic");
        assertThat(list(request).groups).isEmpty();

        groups.refusal = Refusal.Reason.COORDINATOR_LOAD_IN_PROGRESS;
        assertThat(list(request).errorCode).isEqualTo(ErrorCode.COORDINATOR_LOAD_IN_PROGRESS.code());
    }

    private ListGroupsResponseData list(ListGroupsRequestData request) {
        return KeptReply.ask(
                new ListGroupsHandler(groups),
                FakeContext.of(ApiKey.LIST_GROUPS, 5),
                request,
                ListGroupsResponseData.class);
    }

    @Test
    @DisplayName("the consumer protocol is not served while group.version is not finalized (WIRE-11)")
    void consumerProtocolSwitchedOff() {
        ConsumerGroupHeartbeatResponseData response = KeptReply.ask(
                new ConsumerGroupHeartbeatHandler(groups, () -> false),
                FakeContext.of(ApiKey.CONSUMER_GROUP_HEARTBEAT, 1),
                new ConsumerGroupHeartbeatRequestData(),
                ConsumerGroupHeartbeatResponseData.class);

        assertThat(response.errorCode).isEqualTo(ErrorCode.UNSUPPORTED_VERSION.code());
        assertThat(groups.asked).isEmpty();
    }
}
