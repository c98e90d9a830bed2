package io.barnabas.consumer.coordinator.group;

import io.barnabas.runtime.replicated.Turn;

/** A rebalance from what set it off until its outcome is stored. Known to this coordinator only. */
final class Round {
    private static final int LONGEST_REASON = 255;

    final String reason;
    /** Null if no member gave cause. */
    final String memberId;

    final long startedMillis;

    /** Whether it is the first after the group was empty: others are given time to arrive. */
    boolean waitsForOthers;
    /** Whether somebody arrived during the delay that runs now. */
    boolean hasGrown;

    private boolean over;
    private long durationMs;
    private long endedAtMs;

    Round(String reason, String memberId, Turn<?> turn) {
        this.reason = reason;
        this.memberId = memberId;
        this.startedMillis = turn.monotonicMillis();
    }

    /** What happened, and what the client said about it, fit for one line of a log. */
    static String reason(String what, String clientsReason) {
        if (clientsReason == null || clientsReason.isBlank()) {
            return what;
        }
        String line = clientsReason.strip().replaceAll("\\p{Cntrl}", " ");
        return what + ": " + (line.length() > LONGEST_REASON ? line.substring(0, LONGEST_REASON) : line);
    }

    void end(Turn<?> turn) {
        over = true;
        durationMs = turn.monotonicMillis() - startedMillis;
        endedAtMs = turn.epochMillis();
    }

    /** Its outcome could not be stored. */
    void goOn() {
        over = false;
    }

    boolean isOver() {
        return over;
    }

    RebalanceReport report(String groupId, int generationId, int members) {
        return new RebalanceReport(groupId, endedAtMs, generationId, reason, memberId, durationMs, members);
    }
}
