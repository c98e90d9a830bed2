package io.barnabas.broker.replica;

/** What a leader knows of one follower: where it last fetched, and when it last had everything. */
final class FollowerProgress {
    /** The follower's log end offset as of its last fetch; -1 until it has fetched in this leader epoch (REPL-10). */
    long logEndOffset = -1;

    /** Log start offset it told; -1 until then. */
    long logStartOffset = -1;

    /** Number of its registration, from its last fetch; -1 if it told none. */
    long brokerEpoch = -1;

    /** Whether the controller would take it into the ISR, as far as is known here. */
    boolean eligible;

    private boolean refused;
    private long refusedNanos;
    private boolean fetched;
    private long lastFetchNanos;
    private long leaderEndAtLastFetch;
    private boolean everCaughtUp;
    private long lastCaughtUpNanos;

    void caughtUpAt(long nowNanos) {
        everCaughtUp = true;
        lastCaughtUpNanos = nowNanos;
    }

    /** It was taken out of the ISR and may be dead: nothing waits for it until it keeps up again, whatever it did before. */
    void leftIsr() {
        eligible = false;
        everCaughtUp = false;
        fetched = false;
    }

    /** Another registration is another candidate. */
    void registeredAs(long epoch) {
        refused &= epoch == brokerEpoch;
        brokerEpoch = epoch;
    }

    /** The controller did not take it into the ISR. */
    void refusedAt(long nowNanos) {
        refused = true;
        refusedNanos = nowNanos;
    }

    /** Whether it is about to join: one that the controller does not want, because it is shutting down, say, holds nobody up. */
    boolean mayBeWaitedFor() {
        return eligible && !refused;
    }

    /** It would be again: whatever was in the way, a broker that is fenced above all, takes some time (FFD-09). */
    boolean wasRefusedSince(long nanos) {
        return refused && refusedNanos - nanos >= 0;
    }

    /**
     * A follower that always is one fetch behind is still in sync: it had caught up at its previous fetch if it now asks for
     * what was the end then (KAFKA-1546).
     */
    void onFetch(long fetchOffset, long leaderEnd, long nowNanos) {
        if (fetchOffset >= leaderEnd) {
            caughtUpAt(nowNanos);
        } else if (fetched
                && fetchOffset >= leaderEndAtLastFetch
                && (!everCaughtUp || lastFetchNanos - lastCaughtUpNanos > 0)) {
            caughtUpAt(lastFetchNanos);
        }
        logEndOffset = fetchOffset;
        fetched = true;
        lastFetchNanos = nowNanos;
        leaderEndAtLastFetch = leaderEnd;
    }

    boolean isCaughtUp(long leaderEnd, long nowNanos, long lagMaxNanos) {
        return logEndOffset >= leaderEnd || (everCaughtUp && nowNanos - lastCaughtUpNanos <= lagMaxNanos);
    }

    @Override
    public String toString() {
        return logEndOffset
                + " of " + brokerEpoch
                + (eligible ? " eligible" : "")
                + (refused ? " refused" : "")
                + (fetched ? " fetched " + lastFetchNanos + " of " + leaderEndAtLastFetch : "")
                + (everCaughtUp ? " caught up " + lastCaughtUpNanos : "");
    }
}
