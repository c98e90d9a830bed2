package io.barnabas.broker.fetcher;

import io.barnabas.broker.config.ReplicationConfig;
import io.barnabas.broker.replica.FollowerPosition;
import io.barnabas.model.BrokerId;
import io.barnabas.protocol.ErrorCode;
import io.barnabas.protocol.message.FetchRequestData;
import io.barnabas.protocol.message.FetchRequestData.FetchPartition;
import io.barnabas.protocol.message.FetchRequestData.FetchTopic;
import io.barnabas.protocol.message.FetchRequestData.ForgottenTopic;
import io.barnabas.protocol.message.FetchResponseData;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.PriorityQueue;
import java.util.Set;
import java.util.UUID;

/**
 * Decides what one fetcher asks of one leader. It keeps a fetch session there (KIP-227), so that a request names only partitions
 * whose position has changed. Pure: used by one thread, reads no clock, acts on nothing. Times are nanoseconds of a monotonic clock.
 *
 * <p>A partition that cannot be copied now, whatever the reason, is taken out of the session until it can, and holds up no other
 * (REPL-32). Pauses after failures begin short and double: after a failover the new leader often is only milliseconds behind us in
 * learning that it is one.
 *
 * <p>A throttled partition that lags is left out in the same way while too much goes by (REPL-31). Nobody knows of a new one whether it
 * lags, so it counts as lagging until an answer has shown a high watermark that its log reaches.
 *
 * <p>Usually one fetch is under way. Only when partitions come anew, while the leader may hold back the answer to the last one, a
 * second is sent after it, and the leader then ends the wait of the first. So an answer may speak of positions that are outdated;
 * {@link #find} passes over those.
 *
 * @param <P> see {@link FollowedPartition}
 */
final class FetcherMachine<P> {
    static final long NEVER = Long.MAX_VALUE;

    private static final int FIRST_BACKOFF_MS = 10;
    private static final int MOST_DOUBLINGS = 20;
    private static final int OPENING = 0;
    private static final int NO_SESSION = 0;
    private static final int MOST_IN_FLIGHT = 2;

    private final BrokerId self;
    private final ReplicationConfig config;
    private final CopyThrottle<P> throttle;

    private final Map<UUID, Topic<P>> byTopic = new HashMap<>();
    private final PriorityQueue<FollowedPartition<P>> delayed =
            new PriorityQueue<>((one, other) -> Long.signum(one.delayedUntilNanos - other.delayedUntilNanos));
    /** To be told of with the next fetch; some may have lost their reason meanwhile. */
    private final ArrayDeque<FollowedPartition<P>> dirty = new ArrayDeque<>();

    /** Not known to have all that is committed; in order, so that a run can be repeated. */
    private final Set<FollowedPartition<P>> lagging = new LinkedHashSet<>();

    /** Held by the leader's session and not to be asked for any more. */
    private final List<FollowedPartition<P>> forgotten = new ArrayList<>();

    private final ArrayDeque<Sent> inFlight = new ArrayDeque<>();
    private int count;
    private int fetching;
    private boolean newcomers;

    private int sessionId;
    private int sessionEpoch = OPENING;
    /** The leader has no room for a session: each fetch names everything. */
    private boolean sessionRefused;
    /** Grows when a session is given up; what is said of an old one does not matter. */
    private int sessionNumber;

    private long lastNumber;
    private int failures;
    private long pausedUntilNanos;
    private boolean paused;

    /** The followed partitions of one topic, each at its number. */
    private static final class Topic<P> {
        final List<FollowedPartition<P>> partitions = new ArrayList<>();
        int count;

        FollowedPartition<P> get(int number) {
            return number < 0 || number >= partitions.size() ? null : partitions.get(number);
        }

        void put(FollowedPartition<P> partition) {
            while (partitions.size() <= partition.number) {
                partitions.add(null);
            }
            partitions.set(partition.number, partition);
            count++;
        }

        void remove(int number) {
            partitions.set(number, null);
            count--;
        }
    }

    /** @param session of which it is a part, to tell answers about one that was given up */
    private record Sent(long number, int session, boolean opening) {}

    FetcherMachine(BrokerId self, ReplicationConfig config, CopyThrottle<P> throttle) {
        this.self = self;
        this.config = config;
        this.throttle = throttle;
    }

    // ---- which partitions

    /** Asks for the partition from {@code position} on; whatever was known of it before is over. */
    FollowedPartition<P> follow(
            P log, String topic, UUID topicId, int number, int leaderEpoch, FollowerPosition position) {
        unfollow(topicId, number);
        FollowedPartition<P> partition = new FollowedPartition<>(log, topic, topicId, number, leaderEpoch, position);
        byTopic.computeIfAbsent(topicId, id -> new Topic<>()).put(partition);
        count++;
        fetching++;
        newcomers = true;
        lagging.add(partition);
        markDirty(partition);
        return partition;
    }

    void unfollow(UUID topicId, int number) {
        FollowedPartition<P> partition = find(topicId, number);
        if (partition == null) {
            return;
        }
        takeOut(partition, FollowedPartition.State.GONE);
        lagging.remove(partition);
        Topic<P> ofTopic = byTopic.get(topicId);
        ofTopic.remove(number);
        if (ofTopic.count == 0) {
            byTopic.remove(topicId);
        }
        count--;
    }

    /** Null if it is not followed. */
    FollowedPartition<P> find(UUID topicId, int number) {
        Topic<P> ofTopic = byTopic.get(topicId);
        return ofTopic == null ? null : ofTopic.get(number);
    }

    boolean isEmpty() {
        return count == 0;
    }

    int size() {
        return count;
    }

    // ---- asking

    /**
     * What to send now, if anything; it is under way then, until {@link #onResponse} or {@link #onFailure}, which have to come in the
     * order of sending.
     *
     * @param brokerEpoch of this broker's registration (REPL-26)
     * @return null for nothing
     */
    FetchRequestData nextFetch(long brokerEpoch, long nowNanos) {
        resumeDelayed(nowNanos);
        holdThrottled(nowNanos);
        if (!mayFetch(nowNanos)) {
            return null;
        }
        boolean opening = sessionEpoch == OPENING;
        FetchRequestData request = new FetchRequestData();
        request.replicaState.replicaId = self.value();
        request.replicaState.replicaEpoch = brokerEpoch;
        request.minBytes = config.minBytes();
        request.maxBytes = config.responseMaxBytes();
        request.isolationLevel = 0;
        request.sessionId = sessionId;
        request.sessionEpoch = sessionEpoch;
        request.rackId = "";
        // the first of a session is answered at once: it cannot be overtaken, since nobody knows the session's id
        // before
        request.maxWaitMs = opening && !sessionRefused ? 0 : config.waitMaxMs();
        lastNumber++;
        if (opening) {
            nameAll(request);
        } else {
            nameDirty(request);
            nameForgotten(request);
            sessionEpoch = sessionEpoch == Integer.MAX_VALUE ? 1 : sessionEpoch + 1;
        }
        newcomers = false;
        inFlight.add(new Sent(lastNumber, sessionNumber, opening));
        return request;
    }

    private boolean mayFetch(long nowNanos) {
        if (paused && nowNanos - pausedUntilNanos < 0) {
            return false;
        }
        paused = false;
        if (fetching == 0) {
            return false;
        }
        return inFlight.isEmpty() || (newcomers && sessionEpoch != OPENING && inFlight.size() < MOST_IN_FLIGHT);
    }

    private void nameAll(FetchRequestData request) {
        dirty.clear();
        forgotten.clear();
        byTopic.forEach((topicId, ofTopic) -> {
            FetchTopic topic = null;
            for (FollowedPartition<P> partition : ofTopic.partitions) {
                if (partition == null) {
                    continue;
                }
                partition.dirty = false;
                partition.inSession = false;
                if (partition.state == FollowedPartition.State.FETCHING) {
                    if (topic == null) {
                        topic = addTopic(request, topicId);
                    }
                    topic.partitions.add(told(partition));
                }
            }
        });
    }

    private void nameDirty(FetchRequestData request) {
        Map<UUID, FetchTopic> topics = null;
        FetchTopic topic = null;
        for (FollowedPartition<P> partition = dirty.poll(); partition != null; partition = dirty.poll()) {
            if (!partition.dirty || partition.state != FollowedPartition.State.FETCHING) {
                continue;
            }
            partition.dirty = false;
            if (topic == null) {
                topic = addTopic(request, partition.topicId);
            } else if (!topic.topicId.equals(partition.topicId)) {
                if (topics == null) {
                    topics = new HashMap<>();
                }
                topics.putIfAbsent(topic.topicId, topic);
                topic = topics.computeIfAbsent(partition.topicId, id -> addTopic(request, id));
            }
            topic.partitions.add(told(partition));
        }
    }

    private void nameForgotten(FetchRequestData request) {
        Map<UUID, ForgottenTopic> topics = new HashMap<>();
        for (FollowedPartition<P> partition : forgotten) {
            FollowedPartition<P> now = find(partition.topicId, partition.number);
            boolean askedForAgain = now != null && now.inSession;
            if (!askedForAgain) {
                topics.computeIfAbsent(partition.topicId, id -> {
                            ForgottenTopic topic = new ForgottenTopic();
                            topic.topicId = id;
                            topic.partitions = new ArrayList<>();
                            request.forgottenTopicsData.add(topic);
                            return topic;
                        })
                        .partitions
                        .add(partition.number);
            }
        }
        forgotten.clear();
    }

    private static FetchTopic addTopic(FetchRequestData request, UUID topicId) {
        FetchTopic topic = new FetchTopic();
        topic.topicId = topicId;
        topic.partitions = new ArrayList<>();
        request.topics.add(topic);
        return topic;
    }

    private FetchPartition told(FollowedPartition<P> partition) {
        FetchPartition entry = new FetchPartition();
        entry.partition = partition.number;
        entry.currentLeaderEpoch = partition.leaderEpoch;
        entry.fetchOffset = partition.position.logEndOffset();
        entry.lastFetchedEpoch = partition.position.lastEpoch();
        entry.logStartOffset = partition.position.logStartOffset();
        entry.partitionMaxBytes = config.partitionMaxBytes();
        partition.inSession = true;
        partition.toldIn = lastNumber;
        return entry;
    }

    /** When {@link #nextFetch} may have something to send without any other event; {@link #NEVER} for never. */
    long wakeNanos() {
        if (paused) {
            return pausedUntilNanos;
        }
        return delayed.isEmpty() ? NEVER : delayed.peek().delayedUntilNanos;
    }

    // ---- answers

    /**
     * The answer to the fetch that has been under way longest.
     *
     * @return number of that fetch, for {@link #find(long, UUID, int)}; 0 if nothing in the answer matters
     */
    long onResponse(FetchResponseData response, long nowNanos) {
        Sent sent = inFlight.remove();
        if (sent.session != sessionNumber) {
            return response.errorCode == ErrorCode.NONE.code() ? sent.number : 0;
        }
        if (response.errorCode != ErrorCode.NONE.code()) {
            giveUpSession();
            if (sent.opening) {
                pause(nowNanos);
            }
            return 0;
        }
        failures = 0;
        if (sent.opening) {
            sessionId = response.sessionId;
            sessionRefused = sessionId == NO_SESSION;
            sessionEpoch = sessionRefused ? OPENING : 1;
        } else if (response.sessionId == NO_SESSION) {
            giveUpSession();
        }
        return sent.number;
    }

    /** The fetch that has been under way longest failed, together with all others (which are told of, too). */
    void onFailure(long nowNanos) {
        Sent sent = inFlight.remove();
        if (sent.session == sessionNumber) {
            giveUpSession();
            pause(nowNanos);
        }
    }

    /**
     * Of whom an answer speaks.
     *
     * @param fetch number of the fetch it answers
     * @return null if it is not followed, or the answer is about a position that it has no more
     */
    FollowedPartition<P> find(long fetch, UUID topicId, int number) {
        FollowedPartition<P> partition = find(topicId, number);
        return partition == null
                        || partition.dirty
                        || partition.toldIn > fetch
                        || partition.state != FollowedPartition.State.FETCHING
                ? null
                : partition;
    }

    /** The log goes as far as {@code logEndOffset} now, and the leader told its high watermark with what it sent. */
    void onCompared(FollowedPartition<P> partition, long logEndOffset, long leaderHighWatermark) {
        if (partition.state == FollowedPartition.State.GONE || logEndOffset >= leaderHighWatermark) {
            lagging.remove(partition);
        } else {
            lagging.add(partition);
        }
    }

    /** Whatever waits for the throttle is looked at again. */
    void onThrottleChanged() {
        for (FollowedPartition<P> partition : List.copyOf(delayed)) {
            if (partition.state == FollowedPartition.State.THROTTLED) {
                delayed.remove(partition);
                resume(partition);
            }
        }
    }

    /** The log has taken what was sent. */
    void onAppended(FollowedPartition<P> partition, FollowerPosition position) {
        partition.failures = 0;
        if (!position.equals(partition.position)) {
            partition.position = position;
            markDirty(partition);
        }
    }

    /** Something that takes its time begins: it is not asked for until {@link #onReady} or {@link #onFailed}. */
    void onBusy(FollowedPartition<P> partition) {
        if (partition.state != FollowedPartition.State.GONE) {
            takeOut(partition, FollowedPartition.State.BUSY);
        }
    }

    /** What took its time has ended well. */
    void onReady(FollowedPartition<P> partition, FollowerPosition position) {
        if (partition.state == FollowedPartition.State.GONE) {
            return;
        }
        partition.position = position;
        resume(partition);
    }

    /** The partition cannot be copied now; it is left alone for a while. */
    void onFailed(FollowedPartition<P> partition, long nowNanos) {
        if (partition.state == FollowedPartition.State.GONE) {
            return;
        }
        takeOut(partition, FollowedPartition.State.DELAYED);
        if (partition.failures == 0) {
            partition.failingSinceNanos = nowNanos;
            partition.failureTold = false;
            partition.errorTold = false;
        }
        partition.delayedUntilNanos = nowNanos + backoffNanos(partition.failures);
        partition.failures++;
        delayed.add(partition);
    }

    // ---- details

    private void giveUpSession() {
        // the id goes along with the next full fetch, so that the leader lets go of the old session
        sessionEpoch = OPENING;
        sessionRefused = false;
        sessionNumber++;
    }

    private void pause(long nowNanos) {
        paused = true;
        pausedUntilNanos = nowNanos + backoffNanos(failures);
        failures++;
    }

    private long backoffNanos(int failuresBefore) {
        long most = Math.max(1, config.backoffMs());
        long millis = Math.min((long) FIRST_BACKOFF_MS << Math.min(failuresBefore, MOST_DOUBLINGS), most);
        return millis * 1_000_000L;
    }

    private void resumeDelayed(long nowNanos) {
        while (!delayed.isEmpty() && nowNanos - delayed.peek().delayedUntilNanos >= 0) {
            FollowedPartition<P> partition = delayed.remove();
            long wait = partition.state == FollowedPartition.State.THROTTLED ? throttle.waitNanos() : 0;
            if (wait > 0) {
                partition.delayedUntilNanos = nowNanos + wait;
                delayed.add(partition);
            } else {
                resume(partition);
            }
        }
    }

    /** What a fetch under way asks for stays: its answer may bring something already. */
    private void holdThrottled(long nowNanos) {
        long wait = lagging.isEmpty() ? 0 : throttle.waitNanos();
        if (wait <= 0) {
            return;
        }
        for (FollowedPartition<P> partition : lagging) {
            if (partition.state == FollowedPartition.State.FETCHING
                    && (inFlight.isEmpty() || !partition.inSession)
                    && throttle.appliesTo(partition.log)) {
                takeOut(partition, FollowedPartition.State.THROTTLED);
                partition.delayedUntilNanos = nowNanos + wait;
                delayed.add(partition);
            }
        }
    }

    private void resume(FollowedPartition<P> partition) {
        partition.state = FollowedPartition.State.FETCHING;
        fetching++;
        newcomers = true;
        markDirty(partition);
    }

    private void markDirty(FollowedPartition<P> partition) {
        if (!partition.dirty) {
            partition.dirty = true;
            dirty.add(partition);
        }
    }

    private void takeOut(FollowedPartition<P> partition, FollowedPartition.State next) {
        switch (partition.state) {
            case FETCHING -> fetching--;
            case DELAYED, THROTTLED -> delayed.remove(partition);
            case BUSY, GONE -> {
                // neither asked for nor waiting
            }
        }
        partition.state = next;
        partition.dirty = false;
        if (partition.inSession) {
            partition.inSession = false;
            forgotten.add(partition);
        }
    }
}
