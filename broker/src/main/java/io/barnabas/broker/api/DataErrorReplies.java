package io.barnabas.broker.api;

import static io.barnabas.broker.api.ErrorReplies.shape;

import io.barnabas.protocol.ApiKey;
import io.barnabas.protocol.message.ApiMessage;
import io.barnabas.protocol.message.DeleteRecordsRequestData;
import io.barnabas.protocol.message.DeleteRecordsResponseData;
import io.barnabas.protocol.message.DescribeTopicPartitionsRequestData;
import io.barnabas.protocol.message.DescribeTopicPartitionsResponseData;
import io.barnabas.protocol.message.FetchRequestData;
import io.barnabas.protocol.message.FetchResponseData;
import io.barnabas.protocol.message.FindCoordinatorRequestData;
import io.barnabas.protocol.message.FindCoordinatorResponseData;
import io.barnabas.protocol.message.InitProducerIdRequestData;
import io.barnabas.protocol.message.InitProducerIdResponseData;
import io.barnabas.protocol.message.ListOffsetsRequestData;
import io.barnabas.protocol.message.ListOffsetsResponseData;
import io.barnabas.protocol.message.MetadataRequestData;
import io.barnabas.protocol.message.MetadataResponseData;
import io.barnabas.protocol.message.OffsetForLeaderEpochRequestData;
import io.barnabas.protocol.message.OffsetForLeaderEpochResponseData;
import io.barnabas.protocol.message.ProduceRequestData;
import io.barnabas.protocol.message.ProduceResponseData;
import io.barnabas.protocol.message.Records;

/** Error answers of the APIs that producers and consumers use. */
final class DataErrorReplies {
    private static final short FIRST_FIND_COORDINATOR_WITH_KEYS = 4;

    private DataErrorReplies() {}

    static void register() {
        shape(ApiKey.PRODUCE, DataErrorReplies::produce);
        shape(ApiKey.FETCH, DataErrorReplies::fetch);
        shape(ApiKey.LIST_OFFSETS, DataErrorReplies::listOffsets);
        shape(ApiKey.OFFSET_FOR_LEADER_EPOCH, DataErrorReplies::offsetForLeaderEpoch);
        shape(ApiKey.METADATA, DataErrorReplies::metadata);
        shape(ApiKey.DESCRIBE_TOPIC_PARTITIONS, DataErrorReplies::describeTopicPartitions);
        shape(ApiKey.INIT_PRODUCER_ID, DataErrorReplies::initProducerId);
        shape(ApiKey.FIND_COORDINATOR, DataErrorReplies::findCoordinator);
        shape(ApiKey.DELETE_RECORDS, DataErrorReplies::deleteRecords);
    }

    private static ApiMessage produce(ProduceRequestData request, ErrorReplies.Error error) {
        var response = new ProduceResponseData();
        for (var topic : request.topicData) {
            var answer = new ProduceResponseData.TopicProduceResponse();
            answer.name = topic.name;
            answer.topicId = topic.topicId;
            for (var partition : topic.partitionData) {
                var result = new ProduceResponseData.PartitionProduceResponse();
                result.index = partition.index;
                result.errorCode = error.code();
                result.errorMessage = error.message();
                result.baseOffset = -1;
                result.logAppendTimeMs = -1;
                result.logStartOffset = -1;
                answer.partitionResponses.add(result);
            }
            response.responses.add(answer);
        }
        return response;
    }

    private static ApiMessage fetch(FetchRequestData request, ErrorReplies.Error error) {
        var response = new FetchResponseData();
        response.errorCode = error.code();
        for (var topic : request.topics) {
            var answer = new FetchResponseData.FetchableTopicResponse();
            answer.topic = topic.topic;
            answer.topicId = topic.topicId;
            for (var partition : topic.partitions) {
                var result = new FetchResponseData.PartitionData();
                result.partitionIndex = partition.partition;
                result.errorCode = error.code();
                result.highWatermark = -1;
                result.lastStableOffset = -1;
                result.logStartOffset = -1;
                result.records = Records.EMPTY;
                answer.partitions.add(result);
            }
            response.responses.add(answer);
        }
        return response;
    }

    private static ApiMessage listOffsets(ListOffsetsRequestData request, ErrorReplies.Error error) {
        var response = new ListOffsetsResponseData();
        for (var topic : request.topics) {
            var answer = new ListOffsetsResponseData.ListOffsetsTopicResponse();
            answer.name = topic.name;
            for (var partition : topic.partitions) {
                var result = new ListOffsetsResponseData.ListOffsetsPartitionResponse();
                result.partitionIndex = partition.partitionIndex;
                result.errorCode = error.code();
                answer.partitions.add(result);
            }
            response.topics.add(answer);
        }
        return response;
    }

    private static ApiMessage offsetForLeaderEpoch(OffsetForLeaderEpochRequestData request, ErrorReplies.Error error) {
        var response = new OffsetForLeaderEpochResponseData();
        for (var topic : request.topics) {
            var answer = new OffsetForLeaderEpochResponseData.OffsetForLeaderTopicResult();
            answer.topic = topic.topic;
            for (var partition : topic.partitions) {
                var result = new OffsetForLeaderEpochResponseData.EpochEndOffset();
                result.partition = partition.partition;
                result.errorCode = error.code();
                answer.partitions.add(result);
            }
            response.topics.add(answer);
        }
        return response;
    }

    /** No brokers: clients take that as no answer and ask again. */
    private static ApiMessage metadata(MetadataRequestData request, ErrorReplies.Error error) {
        var response = new MetadataResponseData();
        response.errorCode = error.code();
        response.clusterId = null;
        if (request.topics != null) {
            for (var topic : request.topics) {
                var answer = new MetadataResponseData.MetadataResponseTopic();
                answer.errorCode = error.code();
                answer.name = topic.name == null && error.version() < 12 ? "" : topic.name;
                answer.topicId = topic.topicId;
                response.topics.add(answer);
            }
        }
        return response;
    }

    private static ApiMessage describeTopicPartitions(
            DescribeTopicPartitionsRequestData request, ErrorReplies.Error error) {
        var response = new DescribeTopicPartitionsResponseData();
        for (var topic : request.topics) {
            var answer = new DescribeTopicPartitionsResponseData.DescribeTopicPartitionsResponseTopic();
            answer.errorCode = error.code();
            answer.name = topic.name;
            response.topics.add(answer);
        }
        return response;
    }

    private static ApiMessage initProducerId(InitProducerIdRequestData request, ErrorReplies.Error error) {
        var response = new InitProducerIdResponseData();
        response.errorCode = error.code();
        response.producerId = -1;
        response.producerEpoch = -1;
        return response;
    }

    private static ApiMessage findCoordinator(FindCoordinatorRequestData request, ErrorReplies.Error error) {
        var response = new FindCoordinatorResponseData();
        if (error.version() < FIRST_FIND_COORDINATOR_WITH_KEYS) {
            response.errorCode = error.code();
            response.errorMessage = error.message();
            response.nodeId = -1;
            response.port = -1;
            return response;
        }
        for (String key : request.coordinatorKeys) {
            var answer = new FindCoordinatorResponseData.Coordinator();
            answer.key = key;
            answer.errorCode = error.code();
            answer.errorMessage = error.message();
            answer.nodeId = -1;
            answer.port = -1;
            response.coordinators.add(answer);
        }
        return response;
    }

    private static ApiMessage deleteRecords(DeleteRecordsRequestData request, ErrorReplies.Error error) {
        var response = new DeleteRecordsResponseData();
        for (var topic : request.topics) {
            var answer = new DeleteRecordsResponseData.DeleteRecordsTopicResult();
            answer.name = topic.name;
            for (var partition : topic.partitions) {
                var result = new DeleteRecordsResponseData.DeleteRecordsPartitionResult();
                result.partitionIndex = partition.partitionIndex;
                result.lowWatermark = -1;
                result.errorCode = error.code();
                answer.partitions.add(result);
            }
            response.topics.add(answer);
        }
        return response;
    }
}
