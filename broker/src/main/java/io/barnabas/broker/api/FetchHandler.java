package io.barnabas.broker.api;

import io.barnabas.broker.throttle.ReplicaThrottle;
import io.barnabas.model.TopicPartition;
import io.barnabas.protocol.ErrorCode;
import io.barnabas.protocol.message.FetchRequestData;
import io.barnabas.protocol.message.FetchResponseData;
import io.barnabas.protocol.message.FetchResponseData.FetchableTopicResponse;
import io.barnabas.protocol.message.FetchResponseData.NodeEndpoint;
import io.barnabas.protocol.message.FetchResponseData.PartitionData;
import java.nio.ByteBuffer;
import java.util.concurrent.Executor;
import java.util.concurrent.RejectedExecutionException;

/**
 * Fetch, versions 4 to 17, by consumers, followers and tools. Reads on the connection's own loop as the partitions' views
 * show them; what is too little waits in {@link FetchWaiters}; what lies cold on the disk is first read by another thread.
 */
public final class FetchHandler implements RequestHandler<FetchRequestData> {
    private static final int FIRST_VERSION_WITH_ENDPOINTS = 16;
    private static final int SCRATCH_BYTES = 1 << 18;

    private final ThreadLocal<ByteBuffer> scratch =
            ThreadLocal.withInitial(() -> ByteBuffer.allocateDirect(SCRATCH_BYTES));
    private final PartitionFinder partitions;
    private final FetchReader reader;
    private final FetchSessions sessions;
    private final FetchWaiters waiters;
    private final LeaderHints hints;
    private final ReplicaThrottle throttle;
    private final boolean followersAreRead;
    private final Executor coldReads;
    private final int fetchMaxBytes;

    /**
     * @param replicas      whom consumers are sent to
     * @param throttle      of what followers are sent
     * @param coldReads     threads that may wait for disks
     * @param fetchMaxBytes {@code fetch.max.bytes}
     */
    public FetchHandler(
            PartitionFinder partitions,
            FetchSessions sessions,
            FetchWaiters waiters,
            LeaderHints hints,
            ReadReplicas replicas,
            ReplicaThrottle throttle,
            Executor coldReads,
            int fetchMaxBytes) {
        this.partitions = partitions;
        this.reader = new FetchReader(partitions, replicas, throttle);
        this.throttle = throttle;
        this.sessions = sessions;
        this.waiters = waiters;
        this.hints = hints;
        this.followersAreRead = replicas.sendsToFollowers();
        this.coldReads = coldReads;
        this.fetchMaxBytes = fetchMaxBytes;
    }

    @Override
    public void handle(RequestContext context, FetchRequestData request, Reply reply) {
        boolean byReplica = FetchPlan.replicaId(request, context.apiVersion()) >= 0;
        FetchConversation conversation = sessions.open(
                request, context.apiVersion(), context.principal(), byReplica && context.privilegedListener());
        if (conversation.error() != ErrorCode.NONE) {
            reply.send(conversation.answer(new PartitionData[0]));
            return;
        }
        conversation.endEarlierWait();
        if (byReplica && !context.privilegedListener()) {
            reply.send(conversation.answer(notForClients(conversation)));
            return;
        }
        Fetch fetch = new Fetch(
                context, request, FetchPlan.of(conversation, request, context, fetchMaxBytes, followersAreRead), reply);
        FetchResult found = reader.read(fetch.plan, true);
        if (isEnough(fetch.plan, found)) {
            answer(fetch, found);
            return;
        }
        found.release();
        context.releaseRequest();
        conversation.waits(waiters.park(context, fetch.plan, found, last -> readAgain(fetch, last)));
    }

    private record Fetch(RequestContext context, FetchRequestData request, FetchPlan plan, Reply reply) {
        /** For work that comes later, when the dispatcher no longer watches. */
        void attempt(Runnable work) {
            ApiDispatcher.attempt(context, request, reply, work);
        }
    }

    private FetchResult readAgain(Fetch fetch, boolean last) {
        FetchResult found;
        try {
            found = reader.read(fetch.plan, false);
        } catch (RuntimeException | Error e) {
            fetch.attempt(() -> {
                throw e;
            });
            return null;
        }
        if (last || isEnough(fetch.plan, found)) {
            fetch.attempt(() -> answer(fetch, found));
            return null;
        }
        found.release();
        return found;
    }

    private static boolean isEnough(FetchPlan plan, FetchResult found) {
        return plan.maxWaitMs() <= 0 || found.bytes() >= plan.minBytes() || found.isUrgent() || !found.canGrow();
    }

    private void answer(Fetch fetch, FetchResult found) {
        if (!found.isCold()) {
            send(fetch, found);
            return;
        }
        try {
            coldReads.execute(() -> fetch.attempt(() -> {
                found.warm(scratch.get());
                send(fetch, found);
            }));
        } catch (RejectedExecutionException e) {
            found.release();
            throw e;
        }
    }

    private void send(Fetch fetch, FetchResult found) {
        throttle.record(found.throttledBytes());
        FetchPlan plan = fetch.plan;
        FetchResponseData response = plan.conversation().answer(found.data());
        if (found.isUrgent() && plan.version() >= FIRST_VERSION_WITH_ENDPOINTS) {
            addLeaderHints(fetch.context, response);
        }
        fetch.reply.send(response);
    }

    /** Tells a refused client where the leaders are now (KIP-951). */
    private void addLeaderHints(RequestContext context, FetchResponseData response) {
        for (FetchableTopicResponse topic : response.responses) {
            String name = partitions.topicName(topic.topicId);
            for (PartitionData data : topic.partitions) {
                boolean elsewhere = data.errorCode == ErrorCode.NOT_LEADER_OR_FOLLOWER.code()
                        || data.errorCode == ErrorCode.FENCED_LEADER_EPOCH.code();
                LeaderHints.Hint hint = elsewhere && name != null
                        ? hints.find(new TopicPartition(name, data.partitionIndex), context.listener())
                        : null;
                if (hint != null) {
                    data.currentLeader.leaderId = hint.leader().value();
                    data.currentLeader.leaderEpoch = hint.leaderEpoch();
                    addEndpoint(response, hint);
                }
            }
        }
    }

    private static void addEndpoint(FetchResponseData response, LeaderHints.Hint hint) {
        for (NodeEndpoint known : response.nodeEndpoints) {
            if (known.nodeId == hint.leader().value()) {
                return;
            }
        }
        NodeEndpoint endpoint = new NodeEndpoint();
        endpoint.nodeId = hint.leader().value();
        endpoint.host = hint.host();
        endpoint.port = hint.port();
        endpoint.rack = hint.rack();
        response.nodeEndpoints.add(endpoint);
    }

    /** Only brokers are replicas, and they come in over their own listener; others could feign to have what they lack (FETCH-19). */
    private static PartitionData[] notForClients(FetchConversation conversation) {
        PartitionData[] data = new PartitionData[conversation.size()];
        for (int i = 0; i < data.length; i++) {
            data[i] = FetchReader.entry(conversation.position(i).partition());
            data[i].errorCode = ErrorCode.TOPIC_AUTHORIZATION_FAILED.code();
        }
        return data;
    }
}
