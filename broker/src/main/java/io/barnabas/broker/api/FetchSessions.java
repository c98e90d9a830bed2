package io.barnabas.broker.api;

import io.barnabas.protocol.ErrorCode;
import io.barnabas.protocol.message.FetchRequestData;
import io.barnabas.protocol.message.FetchRequestData.FetchPartition;
import io.barnabas.protocol.message.FetchRequestData.FetchTopic;
import io.barnabas.protocol.message.FetchRequestData.ForgottenTopic;
import io.barnabas.protocol.message.FetchResponseData.PartitionData;
import io.barnabas.runtime.time.Clock;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.random.RandomGenerator;

/**
 * The fetch sessions of this broker (KIP-227): at most so many, and those of replicas before those of consumers. A session
 * belongs to the principal that opened it. Thread-safe.
 */
public final class FetchSessions {
    private static final int FULL = 0;
    private static final int SESSIONLESS = -1;
    private static final int FIRST_VERSION = 7;
    private static final int FIRST_VERSION_WITH_TOPIC_IDS = 13;

    private final int slots;
    private final long evictionMillis;
    private final Clock clock;
    private final RandomGenerator random;
    /** From the one unused longest to the one used last; guarded by this. */
    private final LinkedHashMap<Integer, FetchSession> sessions = new LinkedHashMap<>(16, 0.75f, true);

    /**
     * @param slots          {@code max.incremental.fetch.session.cache.slots}
     * @param evictionMillis after so long without use a session makes room for any other, and before it is so old for none
     *                       that is not privileged
     */
    public FetchSessions(int slots, long evictionMillis, Clock clock, RandomGenerator random) {
        this.slots = slots;
        this.evictionMillis = evictionMillis;
        this.clock = clock;
        this.random = random;
    }

    public synchronized int count() {
        return sessions.size();
    }

    /**
     * What a request is about: its own list of partitions, or its session's after the changes it brings.
     *
     * @param privileged whether a replica asks
     */
    FetchConversation open(FetchRequestData request, short version, String principal, boolean privileged) {
        if (version < FIRST_VERSION) {
            return FetchConversation.sessionless(positionsOf(request, version));
        }
        boolean byId = version >= FIRST_VERSION_WITH_TOPIC_IDS;
        if (request.sessionEpoch == FULL || request.sessionEpoch == SESSIONLESS) {
            close(request.sessionId, principal);
            Map<FetchPosition.Key, FetchPosition> positions = positionsOf(request, version);
            return request.sessionEpoch == SESSIONLESS
                    ? FetchConversation.sessionless(positions)
                    : FetchConversation.opening(this, positions, principal, privileged, byId);
        }
        FetchSession session = find(request.sessionId, principal);
        if (session == null) {
            return FetchConversation.failed(ErrorCode.FETCH_SESSION_ID_NOT_FOUND);
        }
        synchronized (session) {
            if (session.expectedEpoch != request.sessionEpoch) {
                return FetchConversation.failed(ErrorCode.INVALID_FETCH_SESSION_EPOCH);
            }
            if (session.usesTopicIds != byId) {
                return FetchConversation.failed(ErrorCode.FETCH_SESSION_TOPIC_ID_ERROR);
            }
            update(session, request, version);
            if (session.partitions.isEmpty()) {
                close(session.id, principal);
                return FetchConversation.sessionless(Map.of());
            }
            session.expectedEpoch = FetchSession.next(session.expectedEpoch);
            return FetchConversation.of(session);
        }
    }

    private static void update(FetchSession session, FetchRequestData request, short version) {
        for (FetchTopic topic : request.topics) {
            for (FetchPartition partition : topic.partitions) {
                FetchPosition position = position(topic, partition, version);
                FetchSession.Cached cached = session.partitions.get(position.key());
                if (cached == null) {
                    session.partitions.put(position.key(), new FetchSession.Cached(position));
                } else {
                    if (session.privileged) {
                        // a replica that begins anew may have passed over an answer, and what that told with it
                        cached.highWatermark = -1;
                    }
                    cached.position = position;
                }
            }
        }
        for (ForgottenTopic topic : request.forgottenTopicsData) {
            Object name = session.usesTopicIds ? topic.topicId : topic.topic;
            for (Integer partition : topic.partitions) {
                session.partitions.remove(new FetchPosition.Key(name, partition));
            }
        }
    }

    /**
     * Opens a session with what its first answer tells.
     *
     * @return its id; 0 if there is no room
     */
    int open(FetchConversation conversation, PartitionData[] told) {
        FetchSession session;
        synchronized (this) {
            long now = clock.monotonicMillis();
            if (sessions.size() >= slots && !makeRoom(conversation.privileged(), conversation.size(), now)) {
                return 0;
            }
            int id;
            do {
                id = random.nextInt(1, Integer.MAX_VALUE);
            } while (sessions.containsKey(id));
            session = new FetchSession(
                    id, conversation.principal(), conversation.privileged(), conversation.usesTopicIds(), now);
            for (int i = 0; i < told.length; i++) {
                FetchSession.Cached cached = new FetchSession.Cached(conversation.position(i));
                cached.takeNews(told[i]);
                session.partitions.put(cached.position.key(), cached);
            }
            sessions.put(id, session);
        }
        return session.id;
    }

    /**
     * Throws out the session unused longest if that is long enough; else the least worthy one that may be, if the newcomer
     * is worthier: a replica before a consumer, then more partitions before fewer.
     */
    private boolean makeRoom(boolean privileged, int size, long now) {
        if (sessions.isEmpty()) {
            return false;
        }
        FetchSession oldest = sessions.values().iterator().next();
        if (now - oldest.lastUsedMillis >= evictionMillis) {
            sessions.remove(oldest.id);
            return true;
        }
        FetchSession least = null;
        for (FetchSession session : sessions.values()) {
            boolean mayGo = now - session.createdMillis >= evictionMillis || (privileged && !session.privileged);
            if (mayGo && (least == null || isLess(session, least.privileged, least.size()))) {
                least = session;
            }
        }
        if (least == null || !isLess(least, privileged, size)) {
            return false;
        }
        sessions.remove(least.id);
        return true;
    }

    private static boolean isLess(FetchSession session, boolean privileged, int size) {
        return session.privileged == privileged ? session.size() < size : privileged;
    }

    private synchronized FetchSession find(int id, String principal) {
        FetchSession session = sessions.get(id);
        if (session == null || !session.principal.equals(principal)) {
            return null;
        }
        session.lastUsedMillis = clock.monotonicMillis();
        return session;
    }

    private synchronized void close(int id, String principal) {
        FetchSession session = sessions.get(id);
        if (session != null && session.principal.equals(principal)) {
            sessions.remove(id);
        }
    }

    /** Each distinct partition once, the last mention of it, in order of the first. */
    private static Map<FetchPosition.Key, FetchPosition> positionsOf(FetchRequestData request, short version) {
        Map<FetchPosition.Key, FetchPosition> positions = new LinkedHashMap<>();
        for (FetchTopic topic : request.topics) {
            for (FetchPartition partition : topic.partitions) {
                FetchPosition position = position(topic, partition, version);
                positions.put(position.key(), position);
            }
        }
        return positions;
    }

    private static FetchPosition position(FetchTopic topic, FetchPartition partition, short version) {
        boolean byId = version >= FIRST_VERSION_WITH_TOPIC_IDS;
        return new FetchPosition(
                byId ? null : topic.topic,
                byId ? topic.topicId : null,
                partition.partition,
                partition.fetchOffset,
                partition.partitionMaxBytes,
                partition.currentLeaderEpoch,
                partition.lastFetchedEpoch,
                partition.logStartOffset);
    }
}
