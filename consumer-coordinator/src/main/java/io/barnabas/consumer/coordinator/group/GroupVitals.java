package io.barnabas.consumer.coordinator.group;

import java.util.HashMap;
import java.util.HashSet;
import java.util.Map;
import java.util.Set;

/**
 * What is known of a consumer group only here and now, and is lost with the leadership: who has been heard of, who is to hurry, what is being
 * computed.
 */
final class GroupVitals {
    private final Map<String, Long> sessionDeadlines = new HashMap<>();
    private final Map<String, Long> rebalanceDeadlines = new HashMap<>();
    private final Set<String> awaitingSync = new HashSet<>();

    /** A target assignment is being computed, or a timer will have it computed. */
    boolean isAssigning;

    /** When the last one was begun; long ago at first. */
    long assignedAtMillis = Long.MIN_VALUE / 2;

    /** Expressions are being matched. */
    boolean isMatching;

    /** They are to be matched once more. */
    boolean isMatchingStale;

    /** When the group's epoch grew last, on the monotonic clock. */
    long bumpedAtMillis = Long.MIN_VALUE / 2;

    /** Null while none is under way. */
    Rebalance rebalance;

    /** @param settledAtMillis -1 as long as it lasts */
    record Rebalance(long startedAtMillis, String reason, String memberId, long settledAtMillis) {
        Rebalance settled(long nowMillis) {
            return new Rebalance(startedAtMillis, reason, memberId, nowMillis);
        }
    }

    void expectHeartbeatBy(String memberId, long deadlineMillis) {
        sessionDeadlines.put(memberId, deadlineMillis);
    }

    /** @return null if nothing has been heard of it since the leadership began */
    Long sessionDeadline(String memberId) {
        return sessionDeadlines.get(memberId);
    }

    /** It has to give up what it should, or to come back, by then. */
    void hurry(String memberId, long deadlineMillis) {
        rebalanceDeadlines.put(memberId, deadlineMillis);
    }

    /** @return null if it has no hurry */
    Long rebalanceDeadline(String memberId) {
        return rebalanceDeadlines.get(memberId);
    }

    void calm(String memberId) {
        rebalanceDeadlines.remove(memberId);
        awaitingSync.remove(memberId);
    }

    void awaitSync(String memberId) {
        awaitingSync.add(memberId);
    }

    boolean isAwaitingSync(String memberId) {
        return awaitingSync.contains(memberId);
    }

    void forget(String memberId) {
        sessionDeadlines.remove(memberId);
        calm(memberId);
    }
}
