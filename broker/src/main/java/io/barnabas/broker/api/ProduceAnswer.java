package io.barnabas.broker.api;

import io.barnabas.broker.replica.AckWaiters;
import io.barnabas.broker.replica.Partition;
import io.barnabas.log.AppendedBatch;
import io.barnabas.model.Refusal;
import io.barnabas.model.TopicPartition;
import io.barnabas.protocol.ErrorCode;
import io.barnabas.protocol.message.ProduceResponseData;
import io.barnabas.protocol.message.ProduceResponseData.BatchIndexAndErrorMessage;
import io.barnabas.protocol.message.ProduceResponseData.LeaderIdAndEpoch;
import io.barnabas.protocol.message.ProduceResponseData.NodeEndpoint;
import io.barnabas.protocol.message.ProduceResponseData.PartitionProduceResponse;
import io.barnabas.protocol.message.ProduceResponseData.TopicProduceResponse;
import io.barnabas.runtime.loop.EventLoop;
import io.barnabas.runtime.time.Timer;
import java.util.ArrayList;
import java.util.List;
import java.util.UUID;
import java.util.concurrent.atomic.AtomicInteger;

/**
 * Gathers the answers of one produce request. It is sent when the last partition is decided: at once if nothing waits, else
 * by whoever moves the last high watermark, or at the request's deadline. Entries are written by one thread each; the count
 * hands them over to the one that sends.
 */
final class ProduceAnswer {
    private final RequestContext context;
    private final Reply reply;
    private final LeaderHints hints;
    private final EventLoop timers;
    private final ProduceResponseData response = new ProduceResponseData();

    /** Partitions that wait, and one for the thread that builds the answer. */
    private final AtomicInteger undecided = new AtomicInteger(1);

    private List<Waiting> waiting;
    private volatile Timer deadline;
    private ErrorCode firstError = ErrorCode.NONE;

    ProduceAnswer(RequestContext context, Reply reply, LeaderHints hints, EventLoop timers) {
        this.context = context;
        this.reply = reply;
        this.hints = hints;
        this.timers = timers;
    }

    /** An entry in which nothing is known yet. */
    static PartitionProduceResponse entry(int partition) {
        PartitionProduceResponse entry = new PartitionProduceResponse();
        entry.index = partition;
        forgetOffsets(entry, -1);
        return entry;
    }

    TopicProduceResponse addTopic(String name, UUID topicId, int partitionCount) {
        TopicProduceResponse topic = new TopicProduceResponse();
        topic.name = name;
        topic.topicId = topicId;
        topic.partitionResponses = new ArrayList<>(partitionCount);
        response.responses.add(topic);
        return topic;
    }

    PartitionProduceResponse addPartition(TopicProduceResponse topic, int partition) {
        PartitionProduceResponse entry = entry(partition);
        topic.partitionResponses.add(entry);
        return entry;
    }

    /** @param topic null if it is not known */
    void refuse(PartitionProduceResponse entry, String topic, Refusal refusal, long logStartOffset) {
        ErrorCode error = WireErrors.of(refusal.reason());
        if (firstError == ErrorCode.NONE) {
            firstError = error;
        }
        entry.errorCode = error.code();
        forgetOffsets(entry, logStartOffset);
        if (context.apiVersion() >= 8) {
            entry.errorMessage = refusal.message();
            for (Refusal.RecordError recordError : refusal.recordErrors()) {
                BatchIndexAndErrorMessage bad = new BatchIndexAndErrorMessage();
                bad.batchIndex = recordError.batchIndex();
                bad.batchIndexErrorMessage = recordError.message();
                entry.recordErrors.add(bad);
            }
        }
        boolean elsewhere = error == ErrorCode.NOT_LEADER_OR_FOLLOWER || error == ErrorCode.FENCED_LEADER_EPOCH;
        if (elsewhere && topic != null && context.apiVersion() >= 10) {
            entry.currentLeader = leaderHint(new TopicPartition(topic, entry.index));
        }
    }

    /** The entry holds the offsets of {@code appended}; they stand if it commits. */
    void awaitCommit(PartitionProduceResponse entry, Partition partition, AppendedBatch appended) {
        if (!partition.isDecided(appended.lastOffset(), appended.leaderEpoch())) {
            Waiting one = new Waiting(entry, partition, appended);
            undecided.incrementAndGet();
            if (partition.park(one.waiter)) {
                if (waiting == null) {
                    waiting = new ArrayList<>(4);
                }
                waiting.add(one);
                return;
            }
            undecided.decrementAndGet();
        }
        Refusal refusal = partition.ackRefusal(appended.lastOffset(), appended.leaderEpoch());
        if (refusal != null) {
            refuse(entry, partition.id().topic(), refusal, -1);
        }
    }

    /** Everything is appended: answers now, or when the last partition is decided or {@code timeoutMs} have passed. */
    void finish(int timeoutMs) {
        if (waiting != null) {
            context.releaseRequest();
            deadline = timers.schedule(this::giveUp, Math.max(0, timeoutMs));
            context.onClose(this::abandon);
        }
        decidedOne();
    }

    /** For acks=0: nobody reads an answer, so the only way to tell of an error is to close the connection (PROD-14). */
    void finishUnanswered() {
        if (firstError == ErrorCode.NONE) {
            reply.sendNothing();
        } else {
            reply.closeConnection("produce with acks=0 failed: " + firstError);
        }
    }

    private void giveUp() {
        for (Waiting one : waiting) {
            if (one.partition.ackWaiters().withdraw(one.waiter)) {
                one.entry.errorCode = ErrorCode.REQUEST_TIMED_OUT.code();
                forgetOffsets(one.entry, -1);
                decidedOne();
            }
        }
    }

    /** Nobody is there to hear the answer; what was appended stays (WIRE-21). */
    private void abandon() {
        deadline.cancel();
        for (Waiting one : waiting) {
            one.partition.ackWaiters().withdraw(one.waiter);
        }
    }

    private void decidedOne() {
        if (undecided.decrementAndGet() == 0) {
            Timer timer = deadline;
            if (timer != null) {
                timer.cancel();
            }
            reply.send(response);
        }
    }

    private LeaderIdAndEpoch leaderHint(TopicPartition partition) {
        LeaderIdAndEpoch current = new LeaderIdAndEpoch();
        LeaderHints.Hint hint = hints.find(partition, context.listener());
        if (hint == null) {
            return current;
        }
        current.leaderId = hint.leader().value();
        current.leaderEpoch = hint.leaderEpoch();
        synchronized (response) {
            for (NodeEndpoint known : response.nodeEndpoints) {
                if (known.nodeId == current.leaderId) {
                    return current;
                }
            }
            NodeEndpoint endpoint = new NodeEndpoint();
            endpoint.nodeId = current.leaderId;
            endpoint.host = hint.host();
            endpoint.port = hint.port();
            endpoint.rack = hint.rack();
            response.nodeEndpoints.add(endpoint);
        }
        return current;
    }

    private static void forgetOffsets(PartitionProduceResponse entry, long logStartOffset) {
        entry.baseOffset = -1;
        entry.logAppendTimeMs = -1;
        entry.logStartOffset = logStartOffset;
    }

    /** One partition's part of the answer, parked until it is decided. */
    private final class Waiting implements AckWaiters.Listener {
        private final PartitionProduceResponse entry;
        private final Partition partition;
        private final AckWaiters.Waiter waiter;

        Waiting(PartitionProduceResponse entry, Partition partition, AppendedBatch appended) {
            this.entry = entry;
            this.partition = partition;
            this.waiter = new AckWaiters.Waiter(appended.lastOffset(), appended.leaderEpoch(), this);
        }

        @Override
        public void onDecided(AckWaiters.Waiter decided, Refusal refusal) {
            if (refusal != null) {
                refuse(entry, partition.id().topic(), refusal, -1);
            }
            decidedOne();
        }
    }
}
