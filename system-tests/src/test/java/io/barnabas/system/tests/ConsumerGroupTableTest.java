package io.barnabas.system.tests;

import static io.barnabas.protocol.ErrorCode.FENCED_MEMBER_EPOCH;
import static io.barnabas.protocol.ErrorCode.GROUP_ID_NOT_FOUND;
import static io.barnabas.protocol.ErrorCode.INVALID_REGULAR_EXPRESSION;
import static io.barnabas.protocol.ErrorCode.INVALID_REQUEST;
import static io.barnabas.protocol.ErrorCode.MEMBER_ID_REQUIRED;
import static io.barnabas.protocol.ErrorCode.NONE;
import static io.barnabas.protocol.ErrorCode.NON_EMPTY_GROUP;
import static io.barnabas.protocol.ErrorCode.STALE_MEMBER_EPOCH;
import static io.barnabas.protocol.ErrorCode.UNKNOWN_MEMBER_ID;
import static io.barnabas.protocol.ErrorCode.UNRELEASED_INSTANCE_ID;
import static io.barnabas.protocol.ErrorCode.UNSUPPORTED_ASSIGNOR;
import static io.barnabas.protocol.ErrorCode.UNSUPPORTED_VERSION;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.tuple;

import io.barnabas.protocol.ErrorCode;
import io.barnabas.protocol.message.ConsumerGroupHeartbeatRequestData;
import io.barnabas.protocol.message.ConsumerGroupHeartbeatResponseData;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import java.util.UUID;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.DisplayName;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** What a live broker says to members of the consumer protocol (KIP-848); as Apache Kafka 4.3.1 was seen to answer. */
class ConsumerGroupTableTest {
    private static BrokerUnderTest broker;
    private static String topic;
    private static UUID topicId;

    private RawClient client;
    private GroupCalls calls;
    private String group;
    private String member;

    @BeforeAll
    static void start(@TempDir Path directory) throws Exception {
        broker = BrokerUnderTest.start(directory, Map.of());
        topic = BrokerUnderTest.fresh("p");
        try (RawClient first = broker.connect()) {
            topicId = first.createTopic(topic, 1, Map.of());
        }
    }

    @AfterAll
    static void stop() throws Exception {
        broker.close();
    }

    @BeforeEach
    void connect() throws Exception {
        client = broker.connect();
        calls = new GroupCalls(client);
        group = BrokerUnderTest.fresh("n");
        member = UUID.randomUUID().toString();
        calls.awaitCoordinator(group);
    }

    @AfterEach
    void disconnect() throws Exception {
        client.close();
    }

    private ConsumerGroupHeartbeatRequestData arriving() {
        return GroupCalls.arriving(group, member, topic);
    }

    private ConsumerGroupHeartbeatRequestData staying(int epoch) {
        return GroupCalls.staying(group, member, epoch);
    }

    private ErrorCode said(ConsumerGroupHeartbeatRequestData request) throws Exception {
        return ErrorCode.of(calls.consumerHeartbeat(1, request).errorCode);
    }

    private int joined() throws Exception {
        ConsumerGroupHeartbeatResponseData response = calls.consumerHeartbeat(1, arriving());
        assertThat(ErrorCode.of(response.errorCode)).as("%s", response).isEqualTo(NONE);
        return response.memberEpoch;
    }

    @Test
    @DisplayName("a first heartbeat that lacks something is refused (GROUP-28, GROUP-34, GROUP-35)")
    void refusedAtTheDoor() throws Exception {
        ConsumerGroupHeartbeatRequestData nobody = arriving();
        nobody.memberId = "";
        ConsumerGroupHeartbeatResponseData refused = calls.consumerHeartbeat(1, nobody);
        assertThat(ErrorCode.of(refused.errorCode)).isEqualTo(INVALID_REQUEST);
        assertThat(refused.memberId).isNull();
        assertThat(refused.assignment).isNull();
        assertThat(refused.heartbeatIntervalMs).isZero();

        ConsumerGroupHeartbeatRequestData noTimeout = arriving();
        noTimeout.rebalanceTimeoutMs = -1;
        assertThat(said(noTimeout)).isEqualTo(INVALID_REQUEST);
        ConsumerGroupHeartbeatRequestData noPartitions = arriving();
        noPartitions.topicPartitions = null;
        assertThat(said(noPartitions)).isEqualTo(INVALID_REQUEST);
        ConsumerGroupHeartbeatRequestData ownsAlready = arriving();
        ownsAlready.topicPartitions = List.of(owned());
        assertThat(said(ownsAlready)).isEqualTo(INVALID_REQUEST);
        ConsumerGroupHeartbeatRequestData noTopics = arriving();
        noTopics.subscribedTopicNames = null;
        assertThat(said(noTopics)).isEqualTo(INVALID_REQUEST);
        ConsumerGroupHeartbeatRequestData noGroup = arriving();
        noGroup.groupId = "";
        assertThat(said(noGroup)).isEqualTo(INVALID_REQUEST);
        ConsumerGroupHeartbeatRequestData assignor = arriving();
        assignor.serverAssignor = "zz";
        assertThat(said(assignor)).isEqualTo(UNSUPPORTED_ASSIGNOR);
        ConsumerGroupHeartbeatRequestData regex = arriving();
        regex.subscribedTopicNames = List.of();
        regex.subscribedTopicRegex = "(*";
        assertThat(said(regex)).isEqualTo(INVALID_REGULAR_EXPRESSION);
        assertThat(said(staying(-2))).isEqualTo(INVALID_REQUEST);
        assertThat(said(staying(-3))).isEqualTo(INVALID_REQUEST);
        assertThat(said(staying(3))).isEqualTo(GROUP_ID_NOT_FOUND);
        assertThat(ErrorCode.of(calls.describeConsumer(group).errorCode))
                .as("nothing of it has made a group")
                .isEqualTo(GROUP_ID_NOT_FOUND);
    }

    private static ConsumerGroupHeartbeatRequestData.TopicPartitions owned() {
        var owned = new ConsumerGroupHeartbeatRequestData.TopicPartitions();
        owned.topicId = topicId;
        owned.partitions = List.of(0);
        return owned;
    }

    @Test
    @DisplayName("in version 0 the broker makes the member's id (GROUP-28)")
    void versionZero() throws Exception {
        ConsumerGroupHeartbeatRequestData request = arriving();
        request.memberId = "";
        ConsumerGroupHeartbeatResponseData response = calls.consumerHeartbeat(0, request);

        assertThat(ErrorCode.of(response.errorCode)).isEqualTo(NONE);
        assertThat(response.memberId).isNotEmpty();
        assertThat(response.memberEpoch).isPositive();
    }

    @Test
    @DisplayName("a member's epoch is compared, and coming back with 0 is coming back (GROUP-28, GROUP-31)")
    void epochs() throws Exception {
        ConsumerGroupHeartbeatResponseData first = calls.consumerHeartbeat(1, arriving());
        assertThat(ErrorCode.of(first.errorCode)).as("%s", first).isEqualTo(NONE);
        assertThat(first.memberId).isEqualTo(member);
        assertThat(first.memberEpoch).isPositive();
        assertThat(first.heartbeatIntervalMs).isPositive();
        assertThat(first.assignment.topicPartitions)
                .extracting(at -> at.topicId, at -> at.partitions)
                .containsExactly(tuple(topicId, List.of(0)));
        int epoch = first.memberEpoch;

        ConsumerGroupHeartbeatResponseData quiet = calls.consumerHeartbeat(1, staying(epoch));
        assertThat(ErrorCode.of(quiet.errorCode)).isEqualTo(NONE);
        assertThat(quiet.memberEpoch).isEqualTo(epoch);
        assertThat(quiet.assignment).as("it is told once").isNull();
        assertThat(said(staying(epoch + 7))).isEqualTo(FENCED_MEMBER_EPOCH);
        if (epoch > 1) {
            assertThat(said(staying(epoch - 1))).isEqualTo(FENCED_MEMBER_EPOCH);
        }
        assertThat(said(GroupCalls.staying(group, "nobody", epoch))).isEqualTo(UNKNOWN_MEMBER_ID);
        ConsumerGroupHeartbeatResponseData again = calls.consumerHeartbeat(1, arriving());
        assertThat(again.memberEpoch).isEqualTo(epoch);
        assertThat(again.assignment.topicPartitions).hasSize(1);
    }

    @Test
    @DisplayName("commits and fetches of members are held against their epoch (GROUP-20, GROUP-36)")
    void commits() throws Exception {
        int epoch = joined();

        assertThat(calls.commit(9, group, epoch, member, topic, 4)).isEqualTo(NONE);
        assertThat(calls.commit(8, group, epoch, member, topic, 4)).isEqualTo(UNSUPPORTED_VERSION);
        assertThat(calls.commit(9, group, 0, member, topic, 4)).isEqualTo(STALE_MEMBER_EPOCH);
        assertThat(calls.commit(9, group, epoch + 3, member, topic, 4)).isEqualTo(STALE_MEMBER_EPOCH);
        assertThat(calls.commit(9, group, epoch, "nobody", topic, 4)).isEqualTo(UNKNOWN_MEMBER_ID);
        assertThat(calls.commit(9, group, -1, "", topic, 4)).isEqualTo(UNKNOWN_MEMBER_ID);

        var told = calls.fetch(group, topic, member, epoch);
        assertThat(told.errorCode).isZero();
        assertThat(told.topics.get(0).partitions.get(0).committedOffset).isEqualTo(4);
        assertThat(fetched(member, epoch + 3)).isEqualTo(STALE_MEMBER_EPOCH);
        assertThat(fetched("nobody", epoch)).isEqualTo(UNKNOWN_MEMBER_ID);
        assertThat(fetched(null, -1)).as("a tool, which is no member").isEqualTo(NONE);
        assertThat(said(staying(-1))).isEqualTo(NONE);
        assertThat(calls.commit(9, group, -1, "", topic, 5)).isEqualTo(NONE);
    }

    private ErrorCode fetched(String memberId, int epoch) throws Exception {
        var told = calls.fetch(group, topic, memberId, epoch);
        if (told.errorCode != 0) {
            assertThat(told.topics).isEmpty();
        }
        return ErrorCode.of(told.errorCode);
    }

    @Test
    @DisplayName("the classic protocol's calls on a group of the consumer protocol (GROUP-37, GROUP-38)")
    void asAClassicGroup() throws Exception {
        int epoch = joined();

        assertThat(ErrorCode.of(calls.join(9, GroupCalls.joining(group, "")).errorCode))
                .isEqualTo(MEMBER_ID_REQUIRED);
        assertThat(calls.heartbeat(group, epoch, member, null)).isEqualTo(UNKNOWN_MEMBER_ID);
        var classic = calls.describe(5, group);
        assertThat(classic.groupState).isEqualTo("Dead");
        assertThat(classic.errorCode).isZero();
        assertThat(classic.members).isEmpty();
        assertThat(ErrorCode.of(calls.describe(6, group).errorCode)).isEqualTo(GROUP_ID_NOT_FOUND);
    }

    @Test
    @DisplayName("the life of a group: described, listed, left, deleted (GROUP-25, GROUP-26, GROUP-32)")
    void life() throws Exception {
        int epoch = joined();
        var described = calls.describeConsumer(group);
        assertThat(described.errorCode).isZero();
        assertThat(described.groupState).isEqualTo("Stable");
        assertThat(described.groupEpoch).isEqualTo(epoch).isEqualTo(described.assignmentEpoch);
        assertThat(described.assignorName).isEqualTo("uniform");
        assertThat(described.members).hasSize(1);
        var of = described.members.get(0);
        assertThat(of.memberId).isEqualTo(member);
        assertThat(of.memberEpoch).isEqualTo(epoch);
        assertThat(of.clientId).isEqualTo("raw");
        assertThat(of.clientHost).startsWith("/");
        assertThat(of.subscribedTopicNames).containsExactly(topic);
        assertThat(of.assignment.topicPartitions)
                .extracting(at -> at.topicId, at -> at.topicName, at -> at.partitions)
                .containsExactly(tuple(topicId, topic, List.of(0)));
        assertThat(of.memberType).isEqualTo((byte) 1);
        assertThat(calls.list(List.of(group), List.of("stable"), List.of("consumer")))
                .extracting(g -> g.protocolType, g -> g.groupState, g -> g.groupType)
                .containsExactly(tuple("consumer", "Stable", "consumer"));
        assertThat(calls.delete(group)).isEqualTo(NON_EMPTY_GROUP);

        ConsumerGroupHeartbeatResponseData left = calls.consumerHeartbeat(1, staying(-1));
        assertThat(ErrorCode.of(left.errorCode)).isEqualTo(NONE);
        assertThat(left.memberId).isEqualTo(member);
        assertThat(left.memberEpoch).isEqualTo(-1);
        assertThat(left.heartbeatIntervalMs).isZero();
        assertThat(left.assignment).isNull();
        var empty = calls.describeConsumer(group);
        assertThat(empty.groupState).isEqualTo("Empty");
        assertThat(empty.groupEpoch).isGreaterThan(epoch);
        assertThat(empty.members).isEmpty();
        assertThat(calls.delete(group)).isEqualTo(NONE);
        assertThat(calls.delete(group)).isEqualTo(GROUP_ID_NOT_FOUND);
    }

    @Test
    @DisplayName("one instance id is one member: busy while it is there, its place kept while it is away (GROUP-32)")
    void staticMembers() throws Exception {
        ConsumerGroupHeartbeatRequestData request = arriving();
        request.instanceId = "i1";
        ConsumerGroupHeartbeatResponseData first = calls.consumerHeartbeat(1, request);
        assertThat(ErrorCode.of(first.errorCode)).isEqualTo(NONE);

        ConsumerGroupHeartbeatRequestData second =
                GroupCalls.arriving(group, UUID.randomUUID().toString(), topic);
        second.instanceId = "i1";
        assertThat(said(second)).isEqualTo(UNRELEASED_INSTANCE_ID);
        ConsumerGroupHeartbeatRequestData away = staying(-2);
        away.instanceId = "i1";
        ConsumerGroupHeartbeatResponseData went = calls.consumerHeartbeat(1, away);
        assertThat(ErrorCode.of(went.errorCode)).isEqualTo(NONE);
        assertThat(went.memberEpoch).isEqualTo(-2);
        assertThat(calls.describeConsumer(group).members).hasSize(1);

        ConsumerGroupHeartbeatResponseData back = calls.consumerHeartbeat(1, second);
        assertThat(ErrorCode.of(back.errorCode)).isEqualTo(NONE);
        assertThat(back.memberEpoch).as("no rebalance").isEqualTo(first.memberEpoch);
        assertThat(back.assignment.topicPartitions).hasSize(1);
        assertThat(said(staying(first.memberEpoch))).as("who was replaced").isEqualTo(UNKNOWN_MEMBER_ID);
    }
}
