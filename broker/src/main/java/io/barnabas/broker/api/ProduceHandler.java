package io.barnabas.broker.api;

import io.barnabas.broker.replica.Partition;
import io.barnabas.log.AppendedBatch;
import io.barnabas.log.batch.AppendOrigin;
import io.barnabas.log.batch.RecordBatchHeader;
import io.barnabas.model.Outcome;
import io.barnabas.model.Refusal;
import io.barnabas.protocol.ErrorCode;
import io.barnabas.protocol.message.BufferRecords;
import io.barnabas.protocol.message.ProduceRequestData;
import io.barnabas.protocol.message.ProduceRequestData.PartitionProduceData;
import io.barnabas.protocol.message.ProduceRequestData.TopicProduceData;
import io.barnabas.protocol.message.ProduceResponseData;
import io.barnabas.protocol.message.ProduceResponseData.PartitionProduceResponse;
import io.barnabas.protocol.message.ProduceResponseData.TopicProduceResponse;
import io.barnabas.runtime.loop.EventLoop;
import io.barnabas.runtime.time.Clock;
import io.netty.buffer.ByteBuf;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.Set;
import java.util.concurrent.Executor;

/**
 * Produce, versions 3 to 13. Batches are appended on the connection's own loop, in order of arrival; only requests with much
 * compressed data, whose validation takes its time, go to a worker, and then later ones of the connection queue up behind
 * ({@link AppendTurns}). Each distinct partition of a request is answered once; partitions fail independently (PROD-20).
 */
public final class ProduceHandler implements RequestHandler<ProduceRequestData> {
    private static final short ACKS_ALL = -1;
    private static final short ACKS_NONE = 0;
    /** Kafka's own tool that may write where other clients may not (PROD-22). */
    private static final String ADMIN_CLIENT_ID = "__admin_client";

    private static final Set<String> INTERNAL_TOPICS =
            Set.of("__consumer_offsets", "__transaction_state", "__share_group_state");

    private static final int NOT_A_BATCH = -1;
    private static final int CODEC_BITS = 0x07;
    private static final int TRANSACTIONAL_BIT = 0x10;

    private final PartitionFinder partitions;
    private final LeaderHints hints;
    private final EventLoop timers;
    private final AppendTurns turns;
    private final int handOverBytes;
    private final TurnedAway turnedAway;

    /**
     * @param timers        where deadlines of acknowledgements are kept
     * @param workers       validates what would hold up a loop
     * @param handOverBytes more compressed bytes than this in one request go to {@code workers}
     */
    public ProduceHandler(
            PartitionFinder partitions,
            LeaderHints hints,
            EventLoop timers,
            Executor workers,
            int handOverBytes,
            Clock clock) {
        this.partitions = partitions;
        this.hints = hints;
        this.timers = timers;
        this.turns = new AppendTurns(workers);
        this.handOverBytes = handOverBytes;
        this.turnedAway = new TurnedAway(clock);
    }

    @Override
    public void handle(RequestContext context, ProduceRequestData request, Reply reply) {
        Glance glance = Glance.at(request);
        boolean heavy = glance.compressedBytes() > handOverBytes;
        if (heavy || turns.isBehindAnother(context)) {
            turns.take(
                    context,
                    heavy,
                    () -> ApiDispatcher.attempt(
                            context, request, reply, () -> append(context, request, glance, reply)));
        } else {
            append(context, request, glance, reply);
        }
    }

    private void append(RequestContext context, ProduceRequestData request, Glance glance, Reply reply) {
        if (request.acks < ACKS_ALL || request.acks > 1) {
            refuseAll(request, reply, ErrorCode.INVALID_REQUIRED_ACKS);
            return;
        }
        if (request.transactionalId == null && glance.transactional()) {
            refuseAll(request, reply, ErrorCode.TRANSACTIONAL_ID_AUTHORIZATION_FAILED);
            return;
        }
        ProduceAnswer answer = new ProduceAnswer(context, reply, hints, timers);
        Set<Object> seen = isOfOnePartition(request) ? null : new HashSet<>();
        for (TopicProduceData topic : request.topicData) {
            TopicProduceResponse topicAnswer = answer.addTopic(topic.name, topic.topicId, topic.partitionData.size());
            for (PartitionProduceData data : topic.partitionData) {
                if (seen == null
                        || seen.add(new Named(context.apiVersion() >= 13 ? topic.topicId : topic.name, data.index))) {
                    appendOne(context, request, topic, data, answer, answer.addPartition(topicAnswer, data.index));
                }
            }
        }
        if (request.acks == ACKS_NONE) {
            answer.finishUnanswered();
        } else {
            answer.finish(request.timeoutMs);
        }
    }

    private void appendOne(
            RequestContext context,
            ProduceRequestData request,
            TopicProduceData topic,
            PartitionProduceData data,
            ProduceAnswer answer,
            PartitionProduceResponse entry) {
        boolean byId = context.apiVersion() >= 13;
        Object named = byId ? topic.topicId : topic.name;
        Partition partition =
                byId ? partitions.find(topic.topicId, data.index) : partitions.find(topic.name, data.index);
        if (partition == null) {
            String name = byId ? partitions.topicName(topic.topicId) : topic.name;
            Refusal.Reason reason = byId
                    ? partitions.whyAbsent(topic.topicId, data.index)
                    : partitions.whyAbsent(topic.name, data.index);
            if (request.acks != ACKS_NONE && data.records instanceof BufferRecords records) {
                turnedAway.onRefused(named, data.index, records.buffer(), reason, producer -> false);
            }
            answer.refuse(entry, name, Refusal.of(reason), -1);
            return;
        }
        String name = partition.id().topic();
        if (INTERNAL_TOPICS.contains(name) && !ADMIN_CLIENT_ID.equals(context.clientId())) {
            answer.refuse(entry, name, Refusal.of(Refusal.Reason.INVALID_TOPIC), -1);
            return;
        }
        if (!(data.records instanceof BufferRecords records)) {
            answer.refuse(entry, name, new Refusal(Refusal.Reason.INVALID_RECORD, "no records"), -1);
            return;
        }
        int attributes = attributesOf(records);
        if (attributes != NOT_A_BATCH && (attributes & TRANSACTIONAL_BIT) != 0) {
            answer.refuse(
                    entry,
                    name,
                    new Refusal(Refusal.Reason.INVALID_TXN_STATE, "transactions are not served by this broker"),
                    partition.logStartOffset());
            return;
        }
        if (turnedAway.isAheadOfItsTurn(named, data.index, records.buffer(), partition.log()::knowsProducer)) {
            Refusal ahead = partition.view().isLeader()
                    ? new Refusal(
                            Refusal.Reason.OUT_OF_ORDER_SEQUENCE_NUMBER,
                            "an earlier batch of this producer was turned away and has not come again")
                    : Refusal.of(Refusal.Reason.NOT_LEADER_OR_FOLLOWER);
            answer.refuse(entry, name, ahead, tellsLogStart(ahead.reason()) ? partition.logStartOffset() : -1);
            return;
        }
        boolean one = attributes != NOT_A_BATCH && isOneBatch(records.buffer());
        Outcome<AppendedBatch> outcome =
                partition.append(records.nioBuffer(), request.acks, AppendOrigin.CLIENT, context.apiVersion());
        if (!outcome.isDone()) {
            Refusal refusal = outcome.refusal();
            // whose answer nobody reads does not send again
            if (request.acks != ACKS_NONE) {
                turnedAway.onRefused(
                        named, data.index, records.buffer(), refusal.reason(), partition.log()::knowsProducer);
            }
            answer.refuse(
                    entry, name, refusal, one && tellsLogStart(refusal.reason()) ? partition.logStartOffset() : -1);
            return;
        }
        turnedAway.onAppended(named, data.index, records.buffer());
        AppendedBatch appended = outcome.value();
        entry.baseOffset = appended.baseOffset();
        entry.logAppendTimeMs = appended.logAppendTimeMs();
        entry.logStartOffset = appended.logStartOffset();
        if (request.acks == ACKS_ALL) {
            answer.awaitCommit(entry, partition, appended);
        }
    }

    private void refuseAll(ProduceRequestData request, Reply reply, ErrorCode error) {
        if (request.acks == ACKS_NONE) {
            reply.closeConnection("produce with acks=0 failed: " + error);
            return;
        }
        ProduceResponseData response = new ProduceResponseData();
        response.responses = new ArrayList<>(request.topicData.size());
        for (TopicProduceData topic : request.topicData) {
            TopicProduceResponse topicAnswer = new TopicProduceResponse();
            topicAnswer.name = topic.name;
            topicAnswer.topicId = topic.topicId;
            Set<Integer> seen = new HashSet<>();
            for (PartitionProduceData data : topic.partitionData) {
                if (seen.add(data.index)) {
                    PartitionProduceResponse entry = ProduceAnswer.entry(data.index);
                    entry.errorCode = error.code();
                    topicAnswer.partitionResponses.add(entry);
                }
            }
            response.responses.add(topicAnswer);
        }
        reply.send(response);
    }

    // ---- looking at batches; none of them is trusted to be one

    /** The attributes of what may be a batch, or {@link #NOT_A_BATCH}. */
    private static int attributesOf(BufferRecords records) {
        ByteBuf buffer = records.buffer();
        int at = buffer.readerIndex();
        return buffer.readableBytes() >= RecordBatchHeader.OVERHEAD
                        && buffer.getByte(at + 16) == RecordBatchHeader.MAGIC
                ? buffer.getUnsignedShort(at + 21)
                : NOT_A_BATCH;
    }

    /** Whether the batch is all there and no other follows; bytes that are none may. */
    private static boolean isOneBatch(ByteBuf buffer) {
        int at = buffer.readerIndex();
        long behind = buffer.readableBytes() - RecordBatchHeader.LOG_OVERHEAD - (long) buffer.getInt(at + 8);
        boolean another = behind >= RecordBatchHeader.OVERHEAD
                && behind < buffer.readableBytes()
                && buffer.getByte(buffer.writerIndex() - (int) behind + 16) == RecordBatchHeader.MAGIC;
        return behind >= 0 && !another;
    }

    /**
     * What one look at a request's batches tells.
     *
     * @param compressedBytes in all batches that are compressed
     * @param transactional   whether any batch is
     */
    private record Glance(long compressedBytes, boolean transactional) {
        private static final Glance PLAIN = new Glance(0, false);

        static Glance at(ProduceRequestData request) {
            long compressedBytes = 0;
            boolean transactional = false;
            for (TopicProduceData topic : request.topicData) {
                for (PartitionProduceData data : topic.partitionData) {
                    int attributes =
                            data.records instanceof BufferRecords records ? attributesOf(records) : NOT_A_BATCH;
                    if (attributes != NOT_A_BATCH) {
                        transactional |= (attributes & TRANSACTIONAL_BIT) != 0;
                        compressedBytes += (attributes & CODEC_BITS) == 0 ? 0 : data.records.sizeInBytes();
                    }
                }
            }
            return compressedBytes == 0 && !transactional ? PLAIN : new Glance(compressedBytes, transactional);
        }
    }

    private static boolean isOfOnePartition(ProduceRequestData request) {
        return request.topicData.size() == 1
                && request.topicData.get(0).partitionData.size() == 1;
    }

    /**
     * Kafka tells the log's start with errors of records and sequences, and -1 with errors of the batch as a whole, of the
     * partition or of its disk.
     */
    private static boolean tellsLogStart(Refusal.Reason reason) {
        return switch (reason) {
            case INVALID_RECORD,
                    INVALID_TIMESTAMP,
                    OUT_OF_ORDER_SEQUENCE_NUMBER,
                    INVALID_PRODUCER_EPOCH,
                    INVALID_TXN_STATE -> true;
            default -> false;
        };
    }

    /** A partition as a request names it: the topic's name or its id, and the number. */
    private record Named(Object topic, int partition) {}
}
