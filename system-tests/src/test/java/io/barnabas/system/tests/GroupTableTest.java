package io.barnabas.system.tests;

import static io.barnabas.protocol.ErrorCode.FENCED_INSTANCE_ID;
import static io.barnabas.protocol.ErrorCode.GROUP_ID_NOT_FOUND;
import static io.barnabas.protocol.ErrorCode.GROUP_SUBSCRIBED_TO_TOPIC;
import static io.barnabas.protocol.ErrorCode.ILLEGAL_GENERATION;
import static io.barnabas.protocol.ErrorCode.INCONSISTENT_GROUP_PROTOCOL;
import static io.barnabas.protocol.ErrorCode.INVALID_GROUP_ID;
import static io.barnabas.protocol.ErrorCode.INVALID_REQUEST;
import static io.barnabas.protocol.ErrorCode.INVALID_SESSION_TIMEOUT;
import static io.barnabas.protocol.ErrorCode.MEMBER_ID_REQUIRED;
import static io.barnabas.protocol.ErrorCode.NONE;
import static io.barnabas.protocol.ErrorCode.NON_EMPTY_GROUP;
import static io.barnabas.protocol.ErrorCode.OFFSET_METADATA_TOO_LARGE;
import static io.barnabas.protocol.ErrorCode.REBALANCE_IN_PROGRESS;
import static io.barnabas.protocol.ErrorCode.UNKNOWN_MEMBER_ID;
import static io.barnabas.protocol.ErrorCode.UNKNOWN_TOPIC_OR_PARTITION;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.tuple;

import io.barnabas.protocol.ApiKey;
import io.barnabas.protocol.ErrorCode;
import io.barnabas.protocol.message.FindCoordinatorRequestData;
import io.barnabas.protocol.message.FindCoordinatorResponseData;
import io.barnabas.protocol.message.JoinGroupRequestData;
import io.barnabas.protocol.message.JoinGroupResponseData;
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

/** What a live broker says to members of groups; as Apache Kafka 4.3.1 was seen to answer. */
class GroupTableTest {
    private static BrokerUnderTest broker;
    private static String topic;

    private RawClient client;
    private GroupCalls calls;
    private String group;

    @BeforeAll
    static void start(@TempDir Path directory) throws Exception {
        broker = BrokerUnderTest.start(directory, Map.of("group.initial.rebalance.delay.ms", "0"));
        topic = BrokerUnderTest.fresh("p");
        try (RawClient first = broker.connect()) {
            first.createTopic(topic, 1, Map.of());
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
        group = BrokerUnderTest.fresh("g");
        calls.awaitCoordinator(group);
    }

    @AfterEach
    void disconnect() throws Exception {
        client.close();
    }

    @Test
    @DisplayName("FindCoordinator: version 0 knows groups only, a bad key type is refused for its key (GROUP-02)")
    void findCoordinator() throws Exception {
        assertThat(ErrorCode.of(calls.findCoordinator(0, (byte) 0, group).errorCode))
                .isEqualTo(NONE);
        var bad = calls.findCoordinator(4, (byte) 9, group).coordinators.get(0);
        assertThat(ErrorCode.of(bad.errorCode)).isEqualTo(INVALID_REQUEST);
        assertThat(bad.nodeId).isEqualTo(-1);
        assertThat(bad.key).isEqualTo(group);
    }

    @Test
    @DisplayName("JoinGroup: who is refused, and with what (GROUP-11)")
    void joins() throws Exception {
        JoinGroupResponseData first = calls.join(9, GroupCalls.joining(group, ""));
        assertThat(ErrorCode.of(first.errorCode)).isEqualTo(MEMBER_ID_REQUIRED);
        assertThat(first.memberId).startsWith("raw-");
        assertThat(first.generationId).isEqualTo(-1);

        assertThat(joined(GroupCalls.joining("", ""))).isEqualTo(INVALID_GROUP_ID);
        assertThat(joined(GroupCalls.joining(group, "raw-" + UUID.randomUUID())))
                .isEqualTo(UNKNOWN_MEMBER_ID);
        JoinGroupRequestData noProtocols = GroupCalls.joining(group, "");
        noProtocols.protocols.clear();
        assertThat(joined(noProtocols)).isEqualTo(INCONSISTENT_GROUP_PROTOCOL);
        JoinGroupRequestData noType = GroupCalls.joining(group, "");
        noType.protocolType = "";
        assertThat(joined(noType)).isEqualTo(INCONSISTENT_GROUP_PROTOCOL);
        JoinGroupRequestData shortSession = GroupCalls.joining(group, "");
        shortSession.sessionTimeoutMs = 1;
        assertThat(joined(shortSession)).isEqualTo(INVALID_SESSION_TIMEOUT);

        JoinGroupResponseData direct = calls.join(3, GroupCalls.joining(BrokerUnderTest.fresh("g3"), ""));
        assertThat(ErrorCode.of(direct.errorCode)).isEqualTo(NONE);
        assertThat(direct.generationId).isEqualTo(1);
        assertThat(direct.protocolName).isEqualTo("range");
        assertThat(direct.leader).isEqualTo(direct.memberId);
        assertThat(direct.members).hasSize(1);
    }

    private ErrorCode joined(JoinGroupRequestData request) throws Exception {
        return ErrorCode.of(calls.join(9, request).errorCode);
    }

    @Test
    @DisplayName(
            "a member's life: heartbeats, sync, commits, description, leave, deletion (GROUP-15, GROUP-17, GROUP-19, GROUP-20, GROUP-25, GROUP-26)")
    void life() throws Exception {
        JoinGroupResponseData member = calls.joinNew(group);
        String id = member.memberId;
        assertThat(ErrorCode.of(member.errorCode)).isEqualTo(NONE);
        assertThat(calls.heartbeat(group, 1, id, null)).isEqualTo(NONE);
        assertThat(calls.commit(8, group, 1, id, topic, 5)).isEqualTo(REBALANCE_IN_PROGRESS);
        assertThat(synced(1, id, "other")).isEqualTo(INCONSISTENT_GROUP_PROTOCOL);
        assertThat(synced(9, id, "range")).isEqualTo(ILLEGAL_GENERATION);
        assertThat(synced(1, "nobody", "range")).isEqualTo(UNKNOWN_MEMBER_ID);
        var sync = calls.sync(group, 1, id, "range");
        assertThat(ErrorCode.of(sync.errorCode)).isEqualTo(NONE);
        assertThat(sync.assignment).containsExactly(1, 2);

        assertThat(calls.heartbeat(group, 1, id, null)).isEqualTo(NONE);
        assertThat(calls.heartbeat(group, 9, id, null)).isEqualTo(ILLEGAL_GENERATION);
        assertThat(calls.heartbeat(group, 1, "nobody", null)).isEqualTo(UNKNOWN_MEMBER_ID);
        assertThat(calls.heartbeat(BrokerUnderTest.fresh("no"), 1, id, null)).isEqualTo(UNKNOWN_MEMBER_ID);
        assertThat(calls.heartbeat(group, 1, id, "nobody")).isEqualTo(UNKNOWN_MEMBER_ID);

        assertThat(calls.commit(8, group, 1, id, topic, 5)).isEqualTo(NONE);
        assertThat(calls.commit(8, group, 9, id, topic, 5)).isEqualTo(ILLEGAL_GENERATION);
        assertThat(calls.commit(8, group, -1, "", topic, 5)).isEqualTo(UNKNOWN_MEMBER_ID);
        assertThat(calls.commit(8, group, 1, "nobody", topic, 5)).isEqualTo(UNKNOWN_MEMBER_ID);
        assertThat(calls.commit(8, group, 1, id, BrokerUnderTest.fresh("no"), 5))
                .isEqualTo(UNKNOWN_TOPIC_OR_PARTITION);
        assertThat(calls.commit(8, group, 1, id, topic, -5)).isEqualTo(NONE);
        assertThat(calls.fetch(group, null).topics.get(0).partitions.get(0).committedOffset)
                .isEqualTo(-5);

        var described = calls.describe(5, group);
        assertThat(described.groupState).isEqualTo("Stable");
        assertThat(described.protocolData).isEqualTo("range");
        assertThat(described.members).hasSize(1);
        assertThat(described.members.get(0).clientHost).startsWith("/");
        assertThat(calls.delete(group)).isEqualTo(NON_EMPTY_GROUP);

        assertThat(calls.leave(group, "nobody", null)).isEqualTo(UNKNOWN_MEMBER_ID);
        assertThat(calls.leave(group, id, null)).isEqualTo(NONE);
        assertThat(calls.describe(5, group).groupState).isEqualTo("Empty");
        assertThat(calls.commit(8, group, -1, "", topic, 6)).isEqualTo(NONE);
        assertThat(calls.delete(group)).isEqualTo(NONE);
        assertThat(calls.fetch(group, topic).topics.get(0).partitions.get(0).committedOffset)
                .isEqualTo(-1);
    }

    private ErrorCode synced(int generation, String memberId, String protocol) throws Exception {
        return ErrorCode.of(calls.sync(group, generation, memberId, protocol).errorCode);
    }

    @Test
    @DisplayName(
            "a static member that comes back without its id is the same member, and its old id is fenced (GROUP-18)")
    void staticMember() throws Exception {
        JoinGroupRequestData request = GroupCalls.joining(group, "");
        request.groupInstanceId = "i1";
        JoinGroupResponseData before = calls.join(9, request);
        assertThat(ErrorCode.of(before.errorCode)).isEqualTo(NONE);
        calls.sync(group, 1, before.memberId, "range");

        JoinGroupResponseData after = calls.join(9, request);
        assertThat(after.generationId).isEqualTo(1);
        assertThat(after.skipAssignment).isTrue();
        assertThat(after.memberId).isNotEqualTo(before.memberId);
        assertThat(calls.heartbeat(group, 1, before.memberId, "i1")).isEqualTo(FENCED_INSTANCE_ID);
        assertThat(calls.heartbeat(group, 1, after.memberId, "i1")).isEqualTo(NONE);
        assertThat(calls.leave(
                        group,
                        GroupCalls.leaving("nobody", null),
                        GroupCalls.leaving(before.memberId, "i1"),
                        GroupCalls.leaving("", "i2")))
                .as("one that is unknown, one that is fenced, an instance that is unknown (GROUP-19)")
                .containsExactly(UNKNOWN_MEMBER_ID, FENCED_INSTANCE_ID, UNKNOWN_MEMBER_ID);
        assertThat(calls.sync(group, 1, after.memberId, "range").assignment).containsExactly(1, 2);
        assertThat(calls.leave(group, "", "i1")).isEqualTo(NONE);
    }

    @Test
    @DisplayName(
            "groups that nobody is a member of: simple commits, and what unknown ones are told (GROUP-20, GROUP-23, GROUP-25, GROUP-26)")
    void nobodysGroups() throws Exception {
        assertThat(calls.fetch(group, topic).topics.get(0).partitions.get(0).committedOffset)
                .isEqualTo(-1);
        assertThat(calls.describe(5, group).groupState).isEqualTo("Dead");
        assertThat(ErrorCode.of(calls.describe(6, group).errorCode)).isEqualTo(GROUP_ID_NOT_FOUND);
        assertThat(calls.delete(group)).isEqualTo(GROUP_ID_NOT_FOUND);
        assertThat(calls.commit(8, group, 5, "", topic, 1)).isEqualTo(ILLEGAL_GENERATION);

        assertThat(calls.commit(8, group, -1, "", topic, 7)).isEqualTo(NONE);
        var described = calls.describe(5, group);
        assertThat(described.groupState).isEqualTo("Empty");
        assertThat(described.protocolType).isEmpty();
        var position = calls.fetch(group, topic).topics.get(0).partitions.get(0);
        assertThat(position.committedOffset).isEqualTo(7);
        assertThat(position.metadata).isEqualTo("md");
        assertThat(calls.delete(group)).isEqualTo(NONE);
    }

    @Test
    @DisplayName("a thousand groups in one FindCoordinator are answered one by one (GROUP-02)")
    void manyCoordinators() throws Exception {
        var request = new FindCoordinatorRequestData();
        for (int i = 0; i < 1_000; i++) {
            request.coordinatorKeys.add(group + i);
        }
        FindCoordinatorResponseData response = client.call(ApiKey.FIND_COORDINATOR, 4, request);

        assertThat(response.coordinators).hasSize(1_000).allMatch(found -> found.port == broker.port());
        assertThat(response.coordinators.stream().map(found -> found.key).distinct())
                .hasSize(1_000);
    }

    @Test
    @DisplayName("whoever offers what nobody else in the group can use stays outside (GROUP-11, GROUP-13)")
    void nothingInCommon() throws Exception {
        JoinGroupResponseData member = calls.joinNew(group);
        calls.sync(group, 1, member.memberId, "range");

        JoinGroupRequestData otherType = GroupCalls.joining(group, "");
        otherType.protocolType = "connect";
        assertThat(joined(otherType)).isEqualTo(INCONSISTENT_GROUP_PROTOCOL);
        JoinGroupRequestData otherProtocol = GroupCalls.joining(group, "");
        otherProtocol.protocols.clear();
        otherProtocol.protocols.add(GroupCalls.protocol("sticky", topic));
        assertThat(joined(otherProtocol)).isEqualTo(INCONSISTENT_GROUP_PROTOCOL);
        assertThat(calls.heartbeat(group, 1, member.memberId, null)).isEqualTo(NONE);
    }

    @Test
    @DisplayName("offsets are told in every shape of the question, and nobody is asked who is asking (GROUP-23)")
    void offsetFetchVersions() throws Exception {
        var none = calls.fetchAlone(1, group, topic).topics.get(0).partitions.get(0);
        assertThat(none.committedOffset).isEqualTo(-1);
        assertThat(none.metadata).isEmpty();
        assertThat(ErrorCode.of(none.errorCode)).isEqualTo(NONE);
        calls.commit(8, group, -1, "", topic, 7);

        for (int version = 1; version < 8; version++) {
            var response = calls.fetchAlone(version, group, topic);
            var told = response.topics.get(0).partitions.get(0);
            assertThat(response.errorCode).isZero();
            assertThat(told.committedOffset).as("version %d", version).isEqualTo(7);
            assertThat(told.metadata).isEqualTo("md");
            assertThat(told.committedLeaderEpoch).isEqualTo(-1);
        }
        assertThat(calls.fetch(group, topic, "nobody", 5).errorCode).isZero();
        var unknown = calls.fetch(group, BrokerUnderTest.fresh("no"));
        assertThat(unknown.topics.get(0).partitions.get(0).committedOffset).isEqualTo(-1);
        assertThat(unknown.topics.get(0).partitions.get(0).errorCode).isZero();
    }

    @Test
    @DisplayName("offsets may be committed and fetched for the group without a name (GROUP-20)")
    void groupWithoutAName() throws Exception {
        calls.awaitCoordinator("");

        assertThat(calls.commit(8, "", -1, "", topic, 3)).isEqualTo(NONE);
        assertThat(calls.fetch("", topic).topics.get(0).partitions.get(0).committedOffset)
                .isEqualTo(3);
        assertThat(ErrorCode.of(calls.deleteOffset("", topic).errorCode)).isEqualTo(INVALID_GROUP_ID);
        assertThat(calls.delete("")).isEqualTo(NONE);
        assertThat(calls.fetch("", topic).topics.get(0).partitions.get(0).committedOffset)
                .isEqualTo(-1);
    }

    @Test
    @DisplayName("metadata beyond 4096 bytes is refused for its partition alone (GROUP-20)")
    void metadataTooLarge() throws Exception {
        assertThat(calls.commit(8, group, -1, "", topic, 3, "m".repeat(4_097))).isEqualTo(OFFSET_METADATA_TOO_LARGE);
        assertThat(calls.commit(8, group, -1, "", topic, 3, "m".repeat(4_096))).isEqualTo(NONE);
    }

    @Test
    @DisplayName("offsets of a topic that the group is subscribed to stay, others may be deleted (GROUP-25)")
    void deletingOffsets() throws Exception {
        assertThat(ErrorCode.of(calls.deleteOffset(group, topic).errorCode)).isEqualTo(GROUP_ID_NOT_FOUND);
        JoinGroupRequestData request = GroupCalls.joining(group, "");
        request.groupInstanceId = "i1";
        request.protocols.clear();
        request.protocols.add(GroupCalls.protocol("range", topic));
        String id = calls.join(9, request).memberId;
        calls.sync(group, 1, id, "range");
        String other = BrokerUnderTest.fresh("other");
        client.createTopic(other, 1, Map.of());
        assertThat(calls.commit(8, group, 1, id, topic, 4)).isEqualTo(NONE);
        assertThat(calls.commit(8, group, 1, id, other, 4)).isEqualTo(NONE);

        assertThat(deleted(topic)).isEqualTo(GROUP_SUBSCRIBED_TO_TOPIC);
        assertThat(deleted(other)).isEqualTo(NONE);
        assertThat(calls.fetch(group, null).topics).hasSize(1).allMatch(of -> of.name.equals(topic));
        calls.leave(group, "", "i1");
        assertThat(deleted(topic)).isEqualTo(NONE);
        assertThat(calls.fetch(group, null).topics).isEmpty();
    }

    private ErrorCode deleted(String topic) throws Exception {
        var response = calls.deleteOffset(group, topic);
        assertThat(response.errorCode).isZero();
        return ErrorCode.of(response.topics.get(0).partitions.get(0).errorCode);
    }

    @Test
    @DisplayName("groups are listed with their state and type, and by them (GROUP-26)")
    void lists() throws Exception {
        String simple = BrokerUnderTest.fresh("gs");
        calls.awaitCoordinator(simple);
        calls.commit(8, simple, -1, "", topic, 1);
        JoinGroupResponseData member = calls.joinNew(group);
        List<String> both = List.of(simple, group);

        assertThat(calls.list(both, List.of(), List.of()))
                .extracting(g -> g.groupId, g -> g.protocolType, g -> g.groupState, g -> g.groupType)
                .containsExactlyInAnyOrder(
                        tuple(simple, "", "Empty", "classic"),
                        tuple(group, "consumer", "CompletingRebalance", "classic"));
        calls.sync(group, 1, member.memberId, "range");
        assertThat(calls.list(both, List.of("sTABLE"), List.of())).hasSize(1).allMatch(g -> g.groupId.equals(group));
        assertThat(calls.list(both, List.of("Empty", "Dead"), List.of("Classic")))
                .hasSize(1);
        assertThat(calls.list(both, List.of(), List.of("consumer"))).isEmpty();
    }

    @Test
    @DisplayName("a description in another state than Stable tells no protocol, one of nobody is Dead (GROUP-26)")
    void descriptions() throws Exception {
        JoinGroupResponseData member = calls.joinNew(group);

        var completing = calls.describe(5, group);
        assertThat(completing.groupState).isEqualTo("CompletingRebalance");
        assertThat(completing.protocolType).isEqualTo("consumer");
        assertThat(completing.protocolData).isEmpty();
        assertThat(completing.members).hasSize(1);
        calls.leave(group, member.memberId, null);
        for (int version = 0; version <= 5; version++) {
            var unknown = calls.describe(version, BrokerUnderTest.fresh("no"));
            assertThat(unknown.groupState).isEqualTo("Dead");
            assertThat(unknown.errorCode).isZero();
        }
        String nobody = BrokerUnderTest.fresh("no");
        assertThat(calls.describe(6, nobody).errorMessage).isEqualTo("Group " + nobody + " not found.");
    }

    @Test
    @DisplayName("the consumer protocol's description knows no classic group (GROUP-38)")
    void describedAsAConsumerGroup() throws Exception {
        calls.joinNew(group);
        var described = calls.describeConsumer(group);

        assertThat(ErrorCode.of(described.errorCode)).isEqualTo(GROUP_ID_NOT_FOUND);
        assertThat(described.errorMessage).isEqualTo("Group " + group + " is not a consumer group.");
        String nobody = BrokerUnderTest.fresh("no");
        var unknown = calls.describeConsumer(nobody);
        assertThat(ErrorCode.of(unknown.errorCode)).isEqualTo(GROUP_ID_NOT_FOUND);
        assertThat(unknown.errorMessage).isEqualTo("Group " + nobody + " not found.");
    }
}
