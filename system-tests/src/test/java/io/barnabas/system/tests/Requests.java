package io.barnabas.system.tests;

import io.barnabas.protocol.ApiKey;
import io.barnabas.protocol.ErrorCode;
import io.barnabas.protocol.message.BufferRecords;
import io.barnabas.protocol.message.FetchRequestData;
import io.barnabas.protocol.message.InitProducerIdRequestData;
import io.barnabas.protocol.message.InitProducerIdResponseData;
import io.barnabas.protocol.message.ListOffsetsRequestData;
import io.barnabas.protocol.message.ProduceRequestData;
import io.barnabas.protocol.message.ProduceResponseData;
import io.barnabas.protocol.message.ProduceResponseData.PartitionProduceResponse;
import io.netty.buffer.Unpooled;
import java.io.IOException;

/** Requests about one partition, as values. */
final class Requests {
    static final int NO_ACKS = 0;
    static final int ALL = -1;

    private Requests() {}

    static ProduceRequestData produce(int acks, String topic, int partition, byte[] records) {
        var request = new ProduceRequestData();
        request.acks = (short) acks;
        request.timeoutMs = 5_000;
        request.topicData.add(produceTopic(topic, partition, records));
        return request;
    }

    static ProduceRequestData.TopicProduceData produceTopic(String topic, int partition, byte[] records) {
        var data = new ProduceRequestData.PartitionProduceData();
        data.index = partition;
        data.records = records == null ? null : new BufferRecords(Unpooled.wrappedBuffer(records));
        var topicData = new ProduceRequestData.TopicProduceData();
        topicData.name = topic;
        topicData.partitionData.add(data);
        return topicData;
    }

    /** Produces to partition 0 with acks=all. */
    static PartitionProduceResponse produced(RawClient client, int version, String topic, byte[] records)
            throws IOException {
        return only(client.call(ApiKey.PRODUCE, version, produce(ALL, topic, 0, records)));
    }

    static PartitionProduceResponse only(ProduceResponseData response) {
        return response.responses.get(0).partitionResponses.get(0);
    }

    static FetchRequestData fetch(String topic, int partition, long offset) {
        var at = new FetchRequestData.FetchPartition();
        at.partition = partition;
        at.fetchOffset = offset;
        at.partitionMaxBytes = 1 << 20;
        var of = new FetchRequestData.FetchTopic();
        of.topic = topic;
        of.partitions.add(at);
        var request = new FetchRequestData();
        request.maxBytes = 10 << 20;
        request.minBytes = 1;
        request.maxWaitMs = 0;
        request.sessionEpoch = -1;
        request.topics.add(of);
        return request;
    }

    static ListOffsetsRequestData listOffsets(String topic, int partition, long timestamp) {
        var at = new ListOffsetsRequestData.ListOffsetsPartition();
        at.partitionIndex = partition;
        at.currentLeaderEpoch = -1;
        at.timestamp = timestamp;
        var of = new ListOffsetsRequestData.ListOffsetsTopic();
        of.name = topic;
        of.partitions.add(at);
        var request = new ListOffsetsRequestData();
        request.replicaId = -1;
        request.topics.add(of);
        return request;
    }

    /** A producer id of its own; asks again while the first block of ids is fetched (CTRL-34). */
    static long producerId(RawClient client) throws IOException {
        var request = new InitProducerIdRequestData();
        request.transactionalId = null;
        for (; ; ) {
            InitProducerIdResponseData response = client.call(ApiKey.INIT_PRODUCER_ID, 4, request);
            if (response.errorCode == ErrorCode.NONE.code()) {
                return response.producerId;
            }
            if (response.errorCode != ErrorCode.COORDINATOR_LOAD_IN_PROGRESS.code()) {
                throw new AssertionError(response);
            }
        }
    }
}
