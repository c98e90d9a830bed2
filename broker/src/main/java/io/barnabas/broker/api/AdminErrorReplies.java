package io.barnabas.broker.api;

import static io.barnabas.broker.api.ErrorReplies.shape;

import io.barnabas.protocol.ApiKey;
import io.barnabas.protocol.message.AlterConfigsRequestData;
import io.barnabas.protocol.message.AlterConfigsResponseData;
import io.barnabas.protocol.message.AlterPartitionReassignmentsRequestData;
import io.barnabas.protocol.message.AlterPartitionReassignmentsResponseData;
import io.barnabas.protocol.message.ApiMessage;
import io.barnabas.protocol.message.CreatePartitionsRequestData;
import io.barnabas.protocol.message.CreatePartitionsResponseData;
import io.barnabas.protocol.message.CreateTopicsRequestData;
import io.barnabas.protocol.message.CreateTopicsResponseData;
import io.barnabas.protocol.message.DeleteTopicsRequestData;
import io.barnabas.protocol.message.DeleteTopicsResponseData;
import io.barnabas.protocol.message.DescribeClusterRequestData;
import io.barnabas.protocol.message.DescribeClusterResponseData;
import io.barnabas.protocol.message.DescribeConfigsRequestData;
import io.barnabas.protocol.message.DescribeConfigsResponseData;
import io.barnabas.protocol.message.DescribeLogDirsRequestData;
import io.barnabas.protocol.message.DescribeLogDirsResponseData;
import io.barnabas.protocol.message.ElectLeadersRequestData;
import io.barnabas.protocol.message.ElectLeadersResponseData;
import io.barnabas.protocol.message.IncrementalAlterConfigsRequestData;
import io.barnabas.protocol.message.IncrementalAlterConfigsResponseData;
import io.barnabas.protocol.message.ListConfigResourcesRequestData;
import io.barnabas.protocol.message.ListConfigResourcesResponseData;
import io.barnabas.protocol.message.ListPartitionReassignmentsRequestData;
import io.barnabas.protocol.message.ListPartitionReassignmentsResponseData;
import io.barnabas.protocol.message.UpdateFeaturesRequestData;
import io.barnabas.protocol.message.UpdateFeaturesResponseData;
import java.util.UUID;

/** Error answers of the APIs that administer topics, configurations and the cluster. */
final class AdminErrorReplies {
    private static final short FIRST_DELETE_TOPICS_WITH_IDS = 6;
    private static final short FIRST_ELECT_LEADERS_WITH_CODE = 1;
    private static final short FIRST_DESCRIBE_LOG_DIRS_WITH_CODE = 3;

    private AdminErrorReplies() {}

    static void register() {
        shape(ApiKey.CREATE_TOPICS, AdminErrorReplies::createTopics);
        shape(ApiKey.DELETE_TOPICS, AdminErrorReplies::deleteTopics);
        shape(ApiKey.CREATE_PARTITIONS, AdminErrorReplies::createPartitions);
        shape(ApiKey.ELECT_LEADERS, AdminErrorReplies::electLeaders);
        shape(ApiKey.ALTER_PARTITION_REASSIGNMENTS, AdminErrorReplies::alterReassignments);
        shape(ApiKey.LIST_PARTITION_REASSIGNMENTS, AdminErrorReplies::listReassignments);
        shape(ApiKey.DESCRIBE_CONFIGS, AdminErrorReplies::describeConfigs);
        shape(ApiKey.ALTER_CONFIGS, AdminErrorReplies::alterConfigs);
        shape(ApiKey.INCREMENTAL_ALTER_CONFIGS, AdminErrorReplies::incrementalAlterConfigs);
        shape(ApiKey.UPDATE_FEATURES, AdminErrorReplies::updateFeatures);
        shape(ApiKey.DESCRIBE_CLUSTER, AdminErrorReplies::describeCluster);
        shape(ApiKey.DESCRIBE_LOG_DIRS, AdminErrorReplies::describeLogDirs);
        shape(ApiKey.LIST_CONFIG_RESOURCES, AdminErrorReplies::listConfigResources);
    }

    private static ApiMessage createTopics(CreateTopicsRequestData request, ErrorReplies.Error error) {
        var response = new CreateTopicsResponseData();
        for (var topic : request.topics) {
            var answer = new CreateTopicsResponseData.CreatableTopicResult();
            answer.name = topic.name;
            answer.errorCode = error.code();
            answer.errorMessage = error.message();
            response.topics.add(answer);
        }
        return response;
    }

    private static ApiMessage deleteTopics(DeleteTopicsRequestData request, ErrorReplies.Error error) {
        var response = new DeleteTopicsResponseData();
        if (error.version() < FIRST_DELETE_TOPICS_WITH_IDS) {
            for (String name : request.topicNames) {
                response.responses.add(notDeleted(name, null, error));
            }
        } else {
            for (var topic : request.topics) {
                response.responses.add(notDeleted(topic.name, topic.topicId, error));
            }
        }
        return response;
    }

    private static DeleteTopicsResponseData.DeletableTopicResult notDeleted(
            String name, UUID topicId, ErrorReplies.Error error) {
        var answer = new DeleteTopicsResponseData.DeletableTopicResult();
        answer.name = name;
        if (topicId != null) {
            answer.topicId = topicId;
        }
        answer.errorCode = error.code();
        answer.errorMessage = error.message();
        return answer;
    }

    private static ApiMessage createPartitions(CreatePartitionsRequestData request, ErrorReplies.Error error) {
        var response = new CreatePartitionsResponseData();
        for (var topic : request.topics) {
            var answer = new CreatePartitionsResponseData.CreatePartitionsTopicResult();
            answer.name = topic.name;
            answer.errorCode = error.code();
            answer.errorMessage = error.message();
            response.results.add(answer);
        }
        return response;
    }

    private static ApiMessage electLeaders(ElectLeadersRequestData request, ErrorReplies.Error error) {
        var response = new ElectLeadersResponseData();
        if (error.version() >= FIRST_ELECT_LEADERS_WITH_CODE) {
            response.errorCode = error.code();
        }
        if (request.topicPartitions != null) {
            for (var topic : request.topicPartitions) {
                var answer = new ElectLeadersResponseData.ReplicaElectionResult();
                answer.topic = topic.topic;
                for (int partition : topic.partitions) {
                    var line = new ElectLeadersResponseData.PartitionResult();
                    line.partitionId = partition;
                    line.errorCode = error.code();
                    line.errorMessage = error.message();
                    answer.partitionResult.add(line);
                }
                response.replicaElectionResults.add(answer);
            }
        }
        return response;
    }

    private static ApiMessage alterReassignments(
            AlterPartitionReassignmentsRequestData request, ErrorReplies.Error error) {
        var response = new AlterPartitionReassignmentsResponseData();
        response.allowReplicationFactorChange = request.allowReplicationFactorChange;
        response.errorCode = error.code();
        response.errorMessage = error.message();
        for (var topic : request.topics) {
            var answer = new AlterPartitionReassignmentsResponseData.ReassignableTopicResponse();
            answer.name = topic.name;
            for (var partition : topic.partitions) {
                var line = new AlterPartitionReassignmentsResponseData.ReassignablePartitionResponse();
                line.partitionIndex = partition.partitionIndex;
                line.errorCode = error.code();
                line.errorMessage = error.message();
                answer.partitions.add(line);
            }
            response.responses.add(answer);
        }
        return response;
    }

    private static ApiMessage listReassignments(
            ListPartitionReassignmentsRequestData request, ErrorReplies.Error error) {
        var response = new ListPartitionReassignmentsResponseData();
        response.errorCode = error.code();
        response.errorMessage = error.message();
        return response;
    }

    private static ApiMessage describeConfigs(DescribeConfigsRequestData request, ErrorReplies.Error error) {
        var response = new DescribeConfigsResponseData();
        for (var resource : request.resources) {
            var answer = new DescribeConfigsResponseData.DescribeConfigsResult();
            answer.errorCode = error.code();
            answer.errorMessage = error.message();
            answer.resourceType = resource.resourceType;
            answer.resourceName = resource.resourceName;
            response.results.add(answer);
        }
        return response;
    }

    private static ApiMessage alterConfigs(AlterConfigsRequestData request, ErrorReplies.Error error) {
        var response = new AlterConfigsResponseData();
        for (var resource : request.resources) {
            var answer = new AlterConfigsResponseData.AlterConfigsResourceResponse();
            answer.errorCode = error.code();
            answer.errorMessage = error.message();
            answer.resourceType = resource.resourceType;
            answer.resourceName = resource.resourceName;
            response.responses.add(answer);
        }
        return response;
    }

    private static ApiMessage incrementalAlterConfigs(
            IncrementalAlterConfigsRequestData request, ErrorReplies.Error error) {
        var response = new IncrementalAlterConfigsResponseData();
        for (var resource : request.resources) {
            var answer = new IncrementalAlterConfigsResponseData.AlterConfigsResourceResponse();
            answer.errorCode = error.code();
            answer.errorMessage = error.message();
            answer.resourceType = resource.resourceType;
            answer.resourceName = resource.resourceName;
            response.responses.add(answer);
        }
        return response;
    }

    private static ApiMessage describeCluster(DescribeClusterRequestData request, ErrorReplies.Error error) {
        var response = new DescribeClusterResponseData();
        response.errorCode = error.code();
        response.errorMessage = error.message();
        response.endpointType = request.endpointType;
        return response;
    }

    private static ApiMessage updateFeatures(UpdateFeaturesRequestData request, ErrorReplies.Error error) {
        var response = new UpdateFeaturesResponseData();
        response.errorCode = error.code();
        response.errorMessage = error.message();
        return response;
    }

    private static ApiMessage describeLogDirs(DescribeLogDirsRequestData request, ErrorReplies.Error error) {
        var response = new DescribeLogDirsResponseData();
        response.errorCode = error.code();
        if (error.version() < FIRST_DESCRIBE_LOG_DIRS_WITH_CODE) {
            var answer = new DescribeLogDirsResponseData.DescribeLogDirsResult();
            answer.errorCode = error.code();
            response.results.add(answer);
        }
        return response;
    }

    private static ApiMessage listConfigResources(ListConfigResourcesRequestData request, ErrorReplies.Error error) {
        var response = new ListConfigResourcesResponseData();
        response.errorCode = error.code();
        return response;
    }
}
