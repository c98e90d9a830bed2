package io.barnabas.broker.api;

import io.barnabas.protocol.ErrorCode;
import io.barnabas.protocol.message.FetchResponseData;
import io.barnabas.protocol.message.FetchResponseData.FetchableTopicResponse;
import io.barnabas.protocol.message.FetchResponseData.PartitionData;
import java.util.Collection;
import java.util.Map;

/**
 * One fetch as part of its session, or of none: which partitions it is about, and which of them the answer has to tell of.
 * The positions are those of the request; later requests of the session do not change them.
 */
final class FetchConversation {
    private static final FetchPosition[] NO_POSITIONS = {};

    private final ErrorCode error;
    private final FetchPosition[] positions;
    /** Set if the answer is to open a session. */
    private final FetchSessions opener;

    private final String principal;
    private final boolean privileged;
    private final boolean usesTopicIds;
    /** Set, with {@link #cached}, if the fetch continues a session. */
    private final FetchSession session;

    private final FetchSession.Cached[] cached;

    private FetchConversation(
            ErrorCode error,
            FetchPosition[] positions,
            FetchSessions opener,
            String principal,
            boolean privileged,
            boolean usesTopicIds,
            FetchSession session,
            FetchSession.Cached[] cached) {
        this.error = error;
        this.positions = positions;
        this.opener = opener;
        this.principal = principal;
        this.privileged = privileged;
        this.usesTopicIds = usesTopicIds;
        this.session = session;
        this.cached = cached;
    }

    static FetchConversation failed(ErrorCode error) {
        return new FetchConversation(error, NO_POSITIONS, null, null, false, false, null, null);
    }

    static FetchConversation sessionless(Map<FetchPosition.Key, FetchPosition> positions) {
        return new FetchConversation(ErrorCode.NONE, arrayOf(positions.values()), null, null, false, false, null, null);
    }

    static FetchConversation opening(
            FetchSessions opener,
            Map<FetchPosition.Key, FetchPosition> positions,
            String principal,
            boolean privileged,
            boolean usesTopicIds) {
        return new FetchConversation(
                ErrorCode.NONE,
                arrayOf(positions.values()),
                positions.isEmpty() ? null : opener,
                principal,
                privileged,
                usesTopicIds,
                null,
                null);
    }

    /** Holding the session's monitor. */
    static FetchConversation of(FetchSession session) {
        FetchSession.Cached[] cached = session.partitions.values().toArray(FetchSession.Cached[]::new);
        FetchPosition[] positions = new FetchPosition[cached.length];
        for (int i = 0; i < cached.length; i++) {
            positions[i] = cached[i].position;
        }
        return new FetchConversation(
                ErrorCode.NONE,
                positions,
                null,
                session.principal,
                session.privileged,
                session.usesTopicIds,
                session,
                cached);
    }

    /** Of the request as a whole. */
    ErrorCode error() {
        return error;
    }

    int size() {
        return positions.length;
    }

    FetchPosition position(int index) {
        return positions[index];
    }

    String principal() {
        return principal;
    }

    boolean privileged() {
        return privileged;
    }

    boolean usesTopicIds() {
        return usesTopicIds;
    }

    /** Whether the session has not told of {@code highWatermark} yet. */
    boolean lacksWatermark(int index, long highWatermark) {
        if (session == null) {
            return false;
        }
        synchronized (session) {
            return cached[index].toldHighWatermark < highWatermark;
        }
    }

    /**
     * The session goes on: an earlier fetch of it that waits is answered now. So a follower that has to ask for more partitions need
     * not wait until the leader has something to tell of the others.
     */
    void endEarlierWait() {
        if (session == null) {
            return;
        }
        Runnable end;
        synchronized (session) {
            end = session.endWait;
            session.endWait = null;
        }
        if (end != null) {
            end.run();
        }
    }

    /** @param end answers it at once; on any thread, and without effect once it is answered */
    void waits(Runnable end) {
        if (session != null) {
            synchronized (session) {
                session.endWait = end;
            }
        }
    }

    /** @param data one per position */
    FetchResponseData answer(PartitionData[] data) {
        FetchResponseData response = new FetchResponseData();
        response.errorCode = error.code();
        if (session == null) {
            FetchableTopicResponse topic = null;
            for (int i = 0; i < data.length; i++) {
                topic = add(response, topic, i, data[i]);
            }
            if (opener != null) {
                response.sessionId = opener.open(this, data);
            }
            return response;
        }
        response.sessionId = session.id;
        synchronized (session) {
            FetchableTopicResponse topic = null;
            for (int i = 0; i < data.length; i++) {
                // who has named the partition again since passes over what is said of its position before: that counts
                // as untold
                boolean current = cached[i].position == positions[i];
                if (!current) {
                    if (data[i].records instanceof SliceRecords records) {
                        records.slice().release();
                    }
                } else if (cached[i].takeNews(data[i])) {
                    topic = add(response, topic, i, data[i]);
                    if (data[i].records.sizeInBytes() > 0) {
                        moveToEnd(i);
                    }
                }
            }
        }
        return response;
    }

    private FetchableTopicResponse add(
            FetchResponseData response, FetchableTopicResponse topic, int index, PartitionData data) {
        FetchPosition position = positions[index];
        FetchableTopicResponse into = topic;
        boolean sameTopic = into != null
                && (position.isById()
                        ? position.topicId().equals(into.topicId)
                        : position.topic().equals(into.topic));
        if (!sameTopic) {
            into = new FetchableTopicResponse();
            if (position.isById()) {
                into.topicId = position.topicId();
            } else {
                into.topic = position.topic();
            }
            response.responses.add(into);
        }
        into.partitions.add(data);
        return into;
    }

    private void moveToEnd(int index) {
        FetchPosition.Key key = positions[index].key();
        if (session.partitions.remove(key, cached[index])) {
            session.partitions.put(key, cached[index]);
        }
    }

    private static FetchPosition[] arrayOf(Collection<FetchPosition> positions) {
        return positions.toArray(FetchPosition[]::new);
    }
}
