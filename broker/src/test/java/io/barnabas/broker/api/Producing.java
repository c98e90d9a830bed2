package io.barnabas.broker.api;

import io.barnabas.protocol.ApiKey;
import io.barnabas.protocol.message.ProduceRequestData;
import io.barnabas.protocol.message.ProduceRequestData.PartitionProduceData;
import io.barnabas.protocol.message.ProduceRequestData.TopicProduceData;
import io.barnabas.protocol.message.ProduceResponseData;
import io.barnabas.protocol.message.ProduceResponseData.PartitionProduceResponse;
import java.nio.ByteBuffer;

/** Sends produce requests to a handler. */
final class Producing {
    private final DataPlane plane;
    final ProduceHandler handler;
    String transactionalId;

    Producing(DataPlane plane) {
        this.plane = plane;
        this.handler = plane.produce();
    }

    /** @param batch null for null records */
    record Part(String topic, int partition, ByteBuffer batch) {}

    /** Not answered yet, perhaps. */
    record Sent(TestContext context, KeptReply reply) {
        ProduceResponseData response() {
            return reply.as(ProduceResponseData.class);
        }

        PartitionProduceResponse entry() {
            return response().responses.get(0).partitionResponses.get(0);
        }
    }

    /** The answer for one partition, which must be there at once or after handed-over work. */
    PartitionProduceResponse one(int version, int acks, String topic, int partition, ByteBuffer batch) {
        return all(version, acks, new Part(topic, partition, batch))
                .responses
                .get(0)
                .partitionResponses
                .get(0);
    }

    ProduceResponseData all(int version, int acks, Part... parts) {
        Sent sent = send(version, acks, parts);
        ProduceResponseData response = sent.response();
        DataPlane.assertWritable(ApiKey.PRODUCE, (short) version, response);
        return response;
    }

    Sent send(int version, int acks, Part... parts) {
        Sent sent = new Sent(new TestContext(ApiKey.PRODUCE, version), new KeptReply());
        send(sent, request(version, acks, parts));
        return sent;
    }

    void send(Sent sent, ProduceRequestData request) {
        handler.handle(sent.context(), request, sent.reply());
    }

    /** Consecutive parts of one topic stand under one mention of it. */
    ProduceRequestData request(int version, int acks, Part... parts) {
        ProduceRequestData request = new ProduceRequestData();
        request.transactionalId = transactionalId;
        request.acks = (short) acks;
        request.timeoutMs = 1_000;
        TopicProduceData topic = null;
        String last = null;
        for (Part part : parts) {
            if (!part.topic().equals(last)) {
                topic = new TopicProduceData();
                last = part.topic();
                if (version >= 13) {
                    topic.topicId = plane.topicIds.getOrDefault(part.topic(), new java.util.UUID(9, 9));
                } else {
                    topic.name = part.topic();
                }
                request.topicData.add(topic);
            }
            PartitionProduceData data = new PartitionProduceData();
            data.index = part.partition();
            data.records = part.batch() == null ? null : Batches.wire(part.batch());
            topic.partitionData.add(data);
        }
        return request;
    }
}
