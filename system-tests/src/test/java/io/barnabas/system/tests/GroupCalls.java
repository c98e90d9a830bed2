package io.barnabas.system.tests;

import io.barnabas.protocol.ApiKey;
import io.barnabas.protocol.ErrorCode;
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
import io.barnabas.protocol.message.OffsetCommitRequestData;
import io.barnabas.protocol.message.OffsetCommitResponseData;
import io.barnabas.protocol.message.OffsetFetchRequestData;
import io.barnabas.protocol.message.OffsetFetchResponseData;
import io.barnabas.protocol.message.SyncGroupRequestData;
import io.barnabas.protocol.message.SyncGroupResponseData;
import java.io.IOException;
import java.util.List;
import java.util.concurrent.TimeUnit;

/** What members of groups ask, over one socket. */
final class GroupCalls {
    private static final byte[] SUBSCRIPTION = {0, 0, 0, 0, 0, 1, 0, 1, 'p', 0, 0, 0, 0};

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
        request.protocols.add(protocol("range"));
        return request;
    }

    static JoinGroupRequestData.JoinGroupRequestProtocol protocol(String name) {
        var protocol = new JoinGroupRequestData.JoinGroupRequestProtocol();
        protocol.name = name;
        protocol.metadata = SUBSCRIPTION;
        return protocol;
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
        return client.call(ApiKey.SYNC_GROUP, 5, request);
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

    LeaveGroupResponseData leave(String groupId, String memberId, String instanceId) throws IOException {
        var member = new LeaveGroupRequestData.MemberIdentity();
        member.memberId = memberId;
        member.groupInstanceId = instanceId;
        var request = new LeaveGroupRequestData();
        request.groupId = groupId;
        request.members.add(member);
        return client.call(ApiKey.LEAVE_GROUP, 5, request);
    }

    ErrorCode commit(int version, String groupId, int generation, String memberId, String topic, long offset)
            throws IOException {
        var at = new OffsetCommitRequestData.OffsetCommitRequestPartition();
        at.committedOffset = offset;
        at.committedMetadata = "md";
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
        var group = new OffsetFetchRequestData.OffsetFetchRequestGroup();
        group.groupId = groupId;
        group.memberEpoch = -1;
        group.memberId = null;
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
}
