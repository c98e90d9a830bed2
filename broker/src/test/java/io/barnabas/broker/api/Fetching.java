package io.barnabas.broker.api;

import io.barnabas.protocol.ApiKey;
import io.barnabas.protocol.ErrorCode;
import io.barnabas.protocol.message.FetchRequestData;
import io.barnabas.protocol.message.FetchRequestData.FetchPartition;
import io.barnabas.protocol.message.FetchRequestData.FetchTopic;
import io.barnabas.protocol.message.FetchRequestData.ForgottenTopic;
import io.barnabas.protocol.message.FetchResponseData;
import io.barnabas.protocol.message.FetchResponseData.FetchableTopicResponse;
import io.barnabas.protocol.message.FetchResponseData.PartitionData;
import java.nio.ByteBuffer;
import java.util.ArrayList;
import java.util.List;
import java.util.UUID;

/** Sends fetches to a handler, one at a time; the request is built up by the fields and methods. */
final class Fetching {
    private final DataPlane plane;
    final FetchHandler handler;
    int version = 12;
    FetchRequestData request = new FetchRequestData();
    TestContext context;
    KeptReply reply;

    Fetching(DataPlane plane) {
        this.plane = plane;
        this.handler = plane.fetch();
        begin();
    }

    Fetching begin() {
        request = new FetchRequestData();
        request.replicaId = -1;
        request.maxWaitMs = 0;
        request.minBytes = 1;
        request.maxBytes = 1 << 20;
        request.sessionEpoch = -1;
        return this;
    }

    Fetching version(int wanted) {
        version = wanted;
        return this;
    }

    Fetching session(int id, int epoch) {
        request.sessionId = id;
        request.sessionEpoch = epoch;
        return this;
    }

    Fetching waiting(int minBytes, int maxWaitMs) {
        request.minBytes = minBytes;
        request.maxWaitMs = maxWaitMs;
        return this;
    }

    Fetching max(int bytes) {
        request.maxBytes = bytes;
        return this;
    }

    Fetching from(String topic, int partition, long offset) {
        return from(topic, partition, offset, 1 << 20);
    }

    Fetching from(String topic, int partition, long offset, int maxBytes) {
        FetchPartition wanted = new FetchPartition();
        wanted.partition = partition;
        wanted.fetchOffset = offset;
        wanted.partitionMaxBytes = maxBytes;
        wanted.currentLeaderEpoch = -1;
        wanted.lastFetchedEpoch = -1;
        FetchTopic entry = new FetchTopic();
        if (version >= 13) {
            entry.topicId = idOf(topic);
        } else {
            entry.topic = topic;
        }
        entry.partitions = new ArrayList<>(List.of(wanted));
        request.topics.add(entry);
        return this;
    }

    /** Of the partition named last. */
    Fetching epochs(int currentLeaderEpoch, int lastFetchedEpoch) {
        FetchPartition last =
                request.topics.get(request.topics.size() - 1).partitions.get(0);
        last.currentLeaderEpoch = currentLeaderEpoch;
        last.lastFetchedEpoch = lastFetchedEpoch;
        return this;
    }

    Fetching forget(String topic, int partition) {
        ForgottenTopic entry = new ForgottenTopic();
        if (version >= 13) {
            entry.topicId = idOf(topic);
        } else {
            entry.topic = topic;
        }
        entry.partitions = List.of(partition);
        request.forgottenTopicsData.add(entry);
        return this;
    }

    private UUID idOf(String topic) {
        return plane.topicIds.getOrDefault(topic, new UUID(9, 9));
    }

    Fetching send() {
        return send(new TestContext(ApiKey.FETCH, version));
    }

    Fetching send(TestContext on) {
        context = on;
        reply = new KeptReply();
        handler.handle(context, request, reply);
        begin();
        return this;
    }

    boolean isAnswered() {
        return reply.isAnswered();
    }

    FetchResponseData response() {
        FetchResponseData response = reply.as(FetchResponseData.class);
        DataPlane.assertWritable(ApiKey.FETCH, (short) version, response);
        return response;
    }

    PartitionData only() {
        return response().responses.get(0).partitions.get(0);
    }

    /** In the form of the golden file; session ids as {@code nz} if there is one. */
    String told() {
        FetchResponseData response = response();
        StringBuilder text = new StringBuilder("top=" + ErrorCode.of(response.errorCode) + " sid="
                + (response.sessionId == 0 ? "0" : "nz") + " topics=" + response.responses.size());
        for (FetchableTopicResponse topic : response.responses) {
            for (PartitionData data : topic.partitions) {
                text.append(" [p")
                        .append(data.partitionIndex)
                        .append(' ')
                        .append(ErrorCode.of(data.errorCode))
                        .append(" hw=")
                        .append(data.highWatermark)
                        .append(" lso=")
                        .append(data.lastStableOffset)
                        .append(" start=")
                        .append(version < 5 ? -1 : data.logStartOffset)
                        .append(" aborted=")
                        .append(data.abortedTransactions == null ? "null" : "[]")
                        .append(" bytes=")
                        .append(data.records.sizeInBytes());
                if (data.divergingEpoch.epoch >= 0) {
                    text.append(" div=")
                            .append(data.divergingEpoch.epoch)
                            .append('@')
                            .append(data.divergingEpoch.endOffset);
                }
                text.append(']');
            }
        }
        SliceRecords.release(response);
        return text.toString();
    }

    /** The bytes of one entry, and lets go of them. */
    static ByteBuffer bytesOf(PartitionData data) {
        ByteBuffer bytes = ByteBuffer.allocate(data.records.sizeInBytes());
        if (data.records instanceof SliceRecords records) {
            while (bytes.hasRemaining()) {
                if (records.slice().readInto(bytes, bytes.position()) <= 0) {
                    throw new AssertionError("slice is shorter than announced");
                }
            }
            records.slice().release();
        }
        return bytes.flip();
    }
}
