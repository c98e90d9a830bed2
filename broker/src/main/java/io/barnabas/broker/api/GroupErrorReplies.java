package io.barnabas.broker.api;

import static io.barnabas.broker.api.ErrorReplies.shape;

import io.barnabas.protocol.ApiKey;
import io.barnabas.protocol.message.ApiMessage;
import io.barnabas.protocol.message.ConsumerGroupDescribeRequestData;
import io.barnabas.protocol.message.ConsumerGroupDescribeResponseData;
import io.barnabas.protocol.message.ConsumerGroupHeartbeatRequestData;
import io.barnabas.protocol.message.ConsumerGroupHeartbeatResponseData;
import io.barnabas.protocol.message.DeleteGroupsRequestData;
import io.barnabas.protocol.message.DeleteGroupsResponseData;
import io.barnabas.protocol.message.DescribeGroupsRequestData;
import io.barnabas.protocol.message.DescribeGroupsResponseData;
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

/** Error answers of the APIs of consumer groups. */
final class GroupErrorReplies {
    private static final short FIRST_OFFSET_FETCH_WITH_CODE = 2;
    private static final short FIRST_OFFSET_FETCH_WITH_GROUPS = 8;
    private static final short FIRST_JOIN_WITH_NULL_PROTOCOL = 7;

    private GroupErrorReplies() {}

    static void register() {
        shape(ApiKey.JOIN_GROUP, GroupErrorReplies::joinGroup);
        shape(ApiKey.SYNC_GROUP, GroupErrorReplies::syncGroup);
        shape(ApiKey.HEARTBEAT, GroupErrorReplies::heartbeat);
        shape(ApiKey.LEAVE_GROUP, GroupErrorReplies::leaveGroup);
        shape(ApiKey.DESCRIBE_GROUPS, GroupErrorReplies::describeGroups);
        shape(ApiKey.LIST_GROUPS, GroupErrorReplies::listGroups);
        shape(ApiKey.DELETE_GROUPS, GroupErrorReplies::deleteGroups);
        shape(ApiKey.OFFSET_COMMIT, GroupErrorReplies::offsetCommit);
        shape(ApiKey.OFFSET_FETCH, GroupErrorReplies::offsetFetch);
        shape(ApiKey.OFFSET_DELETE, GroupErrorReplies::offsetDelete);
        shape(ApiKey.CONSUMER_GROUP_HEARTBEAT, GroupErrorReplies::consumerGroupHeartbeat);
        shape(ApiKey.CONSUMER_GROUP_DESCRIBE, GroupErrorReplies::consumerGroupDescribe);
    }

    private static ApiMessage joinGroup(JoinGroupRequestData request, ErrorReplies.Error error) {
        var response = new JoinGroupResponseData();
        response.errorCode = error.code();
        response.memberId = request.memberId;
        response.protocolName = error.version() < FIRST_JOIN_WITH_NULL_PROTOCOL ? "" : null;
        return response;
    }

    private static ApiMessage syncGroup(SyncGroupRequestData request, ErrorReplies.Error error) {
        var response = new SyncGroupResponseData();
        response.errorCode = error.code();
        return response;
    }

    private static ApiMessage heartbeat(HeartbeatRequestData request, ErrorReplies.Error error) {
        var response = new HeartbeatResponseData();
        response.errorCode = error.code();
        return response;
    }

    private static ApiMessage leaveGroup(LeaveGroupRequestData request, ErrorReplies.Error error) {
        var response = new LeaveGroupResponseData();
        response.errorCode = error.code();
        return response;
    }

    private static ApiMessage describeGroups(DescribeGroupsRequestData request, ErrorReplies.Error error) {
        var response = new DescribeGroupsResponseData();
        for (String groupId : request.groups) {
            var line = new DescribeGroupsResponseData.DescribedGroup();
            line.groupId = groupId;
            line.errorCode = error.code();
            line.errorMessage = error.message();
            response.groups.add(line);
        }
        return response;
    }

    private static ApiMessage listGroups(ListGroupsRequestData request, ErrorReplies.Error error) {
        var response = new ListGroupsResponseData();
        response.errorCode = error.code();
        return response;
    }

    private static ApiMessage deleteGroups(DeleteGroupsRequestData request, ErrorReplies.Error error) {
        var response = new DeleteGroupsResponseData();
        for (String groupId : request.groupsNames) {
            var line = new DeleteGroupsResponseData.DeletableGroupResult();
            line.groupId = groupId;
            line.errorCode = error.code();
            line.errorMessage = error.message();
            response.results.add(line);
        }
        return response;
    }

    private static ApiMessage offsetCommit(OffsetCommitRequestData request, ErrorReplies.Error error) {
        var response = new OffsetCommitResponseData();
        for (var topic : request.topics) {
            var line = new OffsetCommitResponseData.OffsetCommitResponseTopic();
            line.name = topic.name;
            line.topicId = topic.topicId;
            for (var partition : topic.partitions) {
                var result = new OffsetCommitResponseData.OffsetCommitResponsePartition();
                result.partitionIndex = partition.partitionIndex;
                result.errorCode = error.code();
                line.partitions.add(result);
            }
            response.topics.add(line);
        }
        return response;
    }

    private static ApiMessage offsetFetch(OffsetFetchRequestData request, ErrorReplies.Error error) {
        var response = new OffsetFetchResponseData();
        if (error.version() >= FIRST_OFFSET_FETCH_WITH_GROUPS) {
            for (var group : request.groups) {
                var line = new OffsetFetchResponseData.OffsetFetchResponseGroup();
                line.groupId = group.groupId;
                line.errorCode = error.code();
                response.groups.add(line);
            }
        } else if (error.version() >= FIRST_OFFSET_FETCH_WITH_CODE) {
            response.errorCode = error.code();
        } else if (request.topics != null) {
            for (var topic : request.topics) {
                var line = new OffsetFetchResponseData.OffsetFetchResponseTopic();
                line.name = topic.name;
                for (int partition : topic.partitionIndexes) {
                    var result = new OffsetFetchResponseData.OffsetFetchResponsePartition();
                    result.partitionIndex = partition;
                    result.committedOffset = -1;
                    result.errorCode = error.code();
                    line.partitions.add(result);
                }
                response.topics.add(line);
            }
        }
        return response;
    }

    private static ApiMessage offsetDelete(OffsetDeleteRequestData request, ErrorReplies.Error error) {
        var response = new OffsetDeleteResponseData();
        response.errorCode = error.code();
        return response;
    }

    private static ApiMessage consumerGroupHeartbeat(
            ConsumerGroupHeartbeatRequestData request, ErrorReplies.Error error) {
        var response = new ConsumerGroupHeartbeatResponseData();
        response.errorCode = error.code();
        response.errorMessage = error.message();
        return response;
    }

    private static ApiMessage consumerGroupDescribe(
            ConsumerGroupDescribeRequestData request, ErrorReplies.Error error) {
        var response = new ConsumerGroupDescribeResponseData();
        for (String groupId : request.groupIds) {
            var line = new ConsumerGroupDescribeResponseData.DescribedGroup();
            line.groupId = groupId;
            line.errorCode = error.code();
            line.errorMessage = error.message();
            response.groups.add(line);
        }
        return response;
    }
}
