package io.barnabas.system.tests;

import static org.assertj.core.api.Assertions.assertThat;

import io.barnabas.protocol.ApiKey;
import io.barnabas.protocol.ErrorCode;
import io.barnabas.protocol.message.ConsumerGroupDescribeRequestData;
import io.barnabas.protocol.message.ConsumerGroupDescribeResponseData;
import io.barnabas.protocol.message.ConsumerGroupHeartbeatRequestData;
import io.barnabas.protocol.message.ConsumerGroupHeartbeatResponseData;
import io.barnabas.protocol.message.DeleteGroupsRequestData;
import io.barnabas.protocol.message.DeleteGroupsResponseData;
import io.barnabas.protocol.message.DescribeGroupsRequestData;
import io.barnabas.protocol.message.DescribeGroupsResponseData;
import io.barnabas.protocol.message.FindCoordinatorRequestData;
import io.barnabas.protocol.message.FindCoordinatorResponseData;
import io.barnabas.protocol.message.HeartbeatRequestData;
import io.barnabas.protocol.message.HeartbeatResponseData;
import io.barnabas.protocol.message.JoinGroupRequestData;
import io.barnabas.protocol.message.JoinGroupResponseData;
import io.barnabas.protocol.message.LeaveGroupRequestData;
import io.barnabas.protocol.message.LeaveGroupResponseData;
import io.barnabas.protocol.message.ListGroupsRequestData;
import io.barnabas.protocol.message.ListGroupsResponseData;
import io.barnabas.protocol.message.OffsetCommitRequestData;
import io.barnabas.protocol.message.OffsetCommitResponseData;
import io.barnabas.protocol.message.OffsetDeleteRequestData;
import io.barnabas.protocol.message.OffsetDeleteResponseData;
import io.barnabas.protocol.message.OffsetFetchRequestData;
import io.barnabas.protocol.message.OffsetFetchResponseData;
import io.barnabas.protocol.message.SyncGroupRequestData;
import io.barnabas.protocol.message.SyncGroupResponseData;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.util.List;
import java.util.concurrent.TimeUnit;

/** What members of groups ask, over one socket. */
final class GroupCalls {
    private final RawClient client;

    GroupCalls(RawClient client) {
        this.client = client;
    }

    /** Waits until the coordinator of the group is known and has loaded it. */
    void awaitCoordinator(String groupId) throws IOException {
        long deadline = System.nanoTime() + TimeUnit.SECONDS.toNanos(30);
        while (!isReady(groupId)) {
            if (System.nanoTime() - deadline > 0) {
                throw new AssertionError("no coordinator for " + groupId);
            }
        }
    }

    private boolean isReady(String groupId) throws IOException {
        var found = findCoordinator(4, (byte) 0, groupId).coordinators.get(0);
        return found.errorCode == ErrorCode.NONE.code() && describe(5, groupId).errorCode == ErrorCode.NONE.code();
    }

    FindCoordinatorResponseData findCoordinator(int version, byte keyType, String key) throws IOException {
        var request = new FindCoordinatorRequestData();
        request.keyType = keyType;
        if (version < 4) {
            request.key = key;
        } else {
            request.coordinatorKeys.add(key);
        }
        return client.call(ApiKey.FIND_COORDINATOR, version, request);
    }

    static JoinGroupRequestData joining(String groupId, String memberId) {
        var request = new JoinGroupRequestData();
        request.groupId = groupId;
        request.memberId = memberId;
        request.sessionTimeoutMs = 10_000;
        request.rebalanceTimeoutMs = 3_000;
        request.protocolType = "consumer";
        request.protocols.add(protocol("range", "p"));
        return request;
    }

    /** An assignor that a consumer of one topic offers. */
    static JoinGroupRequestData.JoinGroupRequestProtocol protocol(String name, String topic) {
        var protocol = new JoinGroupRequestData.JoinGroupRequestProtocol();
        protocol.name = name;
        protocol.metadata = subscription(topic);
        return protocol;
    }

    /** In version 0 of the embedded format, without user data. */
    private static byte[] subscription(String topic) {
        byte[] name = topic.getBytes(StandardCharsets.UTF_8);
        return ByteBuffer.allocate(12 + name.length)
                .putShort((short) 0)
                .putInt(1)
                .putShort((short) name.length)
                .put(name)
                .putInt(0)
                .array();
    }

    JoinGroupResponseData join(int version, JoinGroupRequestData request) throws IOException {
        return client.call(ApiKey.JOIN_GROUP, version, request);
    }

    /** As a new dynamic member does it: asks for an id, comes back with it. */
    JoinGroupResponseData joinNew(String groupId) throws IOException {
        String memberId = join(9, joining(groupId, "")).memberId;
        return join(9, joining(groupId, memberId));
    }

    SyncGroupResponseData sync(String groupId, int generation, String memberId, String protocol) throws IOException {
        return client.call(ApiKey.SYNC_GROUP, 5, syncing(groupId, generation, memberId, protocol));
    }

    /** With an assignment for the member itself. */
    static SyncGroupRequestData syncing(String groupId, int generation, String memberId, String protocol) {
        var request = new SyncGroupRequestData();
        request.groupId = groupId;
        request.generationId = generation;
        request.memberId = memberId;
        request.protocolType = "consumer";
        request.protocolName = protocol;
        var assignment = new SyncGroupRequestData.SyncGroupRequestAssignment();
        assignment.memberId = memberId;
        assignment.assignment = new byte[] {1, 2};
        request.assignments.add(assignment);
        return request;
    }

    ErrorCode heartbeat(String groupId, int generation, String memberId, String instanceId) throws IOException {
        var request = new HeartbeatRequestData();
        request.groupId = groupId;
        request.generationId = generation;
        request.memberId = memberId;
        request.groupInstanceId = instanceId;
        HeartbeatResponseData response = client.call(ApiKey.HEARTBEAT, 4, request);
        return ErrorCode.of(response.errorCode);
    }

    ErrorCode leave(String groupId, String memberId, String instanceId) throws IOException {
        return leave(groupId, leaving(memberId, instanceId)).get(0);
    }

    List<ErrorCode> leave(String groupId, LeaveGroupRequestData.MemberIdentity... members) throws IOException {
        var request = new LeaveGroupRequestData();
        request.groupId = groupId;
        request.members.addAll(List.of(members));
        LeaveGroupResponseData response = client.call(ApiKey.LEAVE_GROUP, 5, request);
        assertThat(response.errorCode).isZero();
        return response.members.stream()
                .map(member -> ErrorCode.of(member.errorCode))
                .toList();
    }

    static LeaveGroupRequestData.MemberIdentity leaving(String memberId, String instanceId) {
        var member = new LeaveGroupRequestData.MemberIdentity();
        member.memberId = memberId;
        member.groupInstanceId = instanceId;
        return member;
    }

    ErrorCode commit(int version, String groupId, int generation, String memberId, String topic, long offset)
            throws IOException {
        return commit(version, groupId, generation, memberId, topic, offset, "md");
    }

    ErrorCode commit(
            int version, String groupId, int generation, String memberId, String topic, long offset, String metadata)
            throws IOException {
        var at = new OffsetCommitRequestData.OffsetCommitRequestPartition();
        at.committedOffset = offset;
        at.committedMetadata = metadata;
        var of = new OffsetCommitRequestData.OffsetCommitRequestTopic();
        of.name = topic;
        of.partitions.add(at);
        var request = new OffsetCommitRequestData();
        request.groupId = groupId;
        request.generationIdOrMemberEpoch = generation;
        request.memberId = memberId;
        request.topics.add(of);
        OffsetCommitResponseData response = client.call(ApiKey.OFFSET_COMMIT, version, request);
        return ErrorCode.of(response.topics.get(0).partitions.get(0).errorCode);
    }

    OffsetFetchResponseData.OffsetFetchResponseGroup fetch(String groupId, String topic) throws IOException {
        return fetch(groupId, topic, null, -1);
    }

    /** @param topic null for all */
    OffsetFetchResponseData.OffsetFetchResponseGroup fetch(
            String groupId, String topic, String memberId, int memberEpoch) throws IOException {
        var group = new OffsetFetchRequestData.OffsetFetchRequestGroup();
        group.groupId = groupId;
        group.memberEpoch = memberEpoch;
        group.memberId = memberId;
        group.topics = null;
        if (topic != null) {
            var of = new OffsetFetchRequestData.OffsetFetchRequestTopics();
            of.name = topic;
            of.partitionIndexes.add(0);
            group.topics = List.of(of);
        }
        var request = new OffsetFetchRequestData();
        request.groups.add(group);
        OffsetFetchResponseData response = client.call(ApiKey.OFFSET_FETCH, 9, request);
        return response.groups.get(0);
    }

    DescribeGroupsResponseData.DescribedGroup describe(int version, String groupId) throws IOException {
        var request = new DescribeGroupsRequestData();
        request.groups.add(groupId);
        DescribeGroupsResponseData response = client.call(ApiKey.DESCRIBE_GROUPS, version, request);
        return response.groups.get(0);
    }

    ErrorCode delete(String groupId) throws IOException {
        var request = new DeleteGroupsRequestData();
        request.groupsNames.add(groupId);
        DeleteGroupsResponseData response = client.call(ApiKey.DELETE_GROUPS, 2, request);
        return ErrorCode.of(response.results.get(0).errorCode);
    }

    /** As versions below 8 ask. */
    OffsetFetchResponseData fetchAlone(int version, String groupId, String topic) throws IOException {
        var request = new OffsetFetchRequestData();
        request.groupId = groupId;
        var of = new OffsetFetchRequestData.OffsetFetchRequestTopic();
        of.name = topic;
        of.partitionIndexes.add(0);
        request.topics = List.of(of);
        return client.call(ApiKey.OFFSET_FETCH, version, request);
    }

    OffsetDeleteResponseData deleteOffset(String groupId, String topic) throws IOException {
        var at = new OffsetDeleteRequestData.OffsetDeleteRequestPartition();
        var of = new OffsetDeleteRequestData.OffsetDeleteRequestTopic();
        of.name = topic;
        of.partitions.add(at);
        var request = new OffsetDeleteRequestData();
        request.groupId = groupId;
        request.topics.add(of);
        return client.call(ApiKey.OFFSET_DELETE, 0, request);
    }

    /** Those of the given ids, as far as the filters let them through. */
    List<ListGroupsResponseData.ListedGroup> list(List<String> ids, List<String> states, List<String> types)
            throws IOException {
        var request = new ListGroupsRequestData();
        request.statesFilter.addAll(states);
        request.typesFilter.addAll(types);
        ListGroupsResponseData response = client.call(ApiKey.LIST_GROUPS, 5, request);
        assertThat(response.errorCode).isZero();
        return response.groups.stream()
                .filter(group -> ids.contains(group.groupId))
                .toList();
    }

    /** The first heartbeat of a member of the consumer protocol. */
    static ConsumerGroupHeartbeatRequestData arriving(String groupId, String memberId, String topic) {
        var request = new ConsumerGroupHeartbeatRequestData();
        request.groupId = groupId;
        request.memberId = memberId;
        request.memberEpoch = 0;
        request.rebalanceTimeoutMs = 3_000;
        request.subscribedTopicNames = List.of(topic);
        request.topicPartitions = List.of();
        return request;
    }

    /** A heartbeat that says nothing new. */
    static ConsumerGroupHeartbeatRequestData staying(String groupId, String memberId, int memberEpoch) {
        var request = new ConsumerGroupHeartbeatRequestData();
        request.groupId = groupId;
        request.memberId = memberId;
        request.memberEpoch = memberEpoch;
        return request;
    }

    ConsumerGroupHeartbeatResponseData consumerHeartbeat(int version, ConsumerGroupHeartbeatRequestData request)
            throws IOException {
        return client.call(ApiKey.CONSUMER_GROUP_HEARTBEAT, version, request);
    }

    ConsumerGroupDescribeResponseData.DescribedGroup describeConsumer(String groupId) throws IOException {
        var request = new ConsumerGroupDescribeRequestData();
        request.groupIds.add(groupId);
        ConsumerGroupDescribeResponseData response = client.call(ApiKey.CONSUMER_GROUP_DESCRIBE, 1, request);
        return response.groups.get(0);
    }
}
