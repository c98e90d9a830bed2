package io.barnabas.runtime.replicated;

import io.barnabas.model.Refusal;

/**
 * Decides about one partition of a coordinator's topic. Used by one thread at a time; reads no clock and touches nothing outside of itself.
 *
 * <p>There are two kinds of state. What has to survive is changed by {@link #replay} alone, live and on loading alike, so that both always
 * come to the same. The rest (who waits for an answer, deadlines, rounds that are under way) may be changed at any time, is lost with the
 * leadership, and must make sense whether or not the records of the turn that changed it get into the log.
 *
 * @param <R> the records it lives by
 */
public interface ReplicatedMachine<R> {
    /** One record of the log, in order of offsets. Must accept whatever an older or newer version may have written. */
    void replay(StoredRecord<R> stored);

    /** A transaction has ended: what its producer wrote counts from here on, or never. */
    void replayMarker(long offset, long producerId, short producerEpoch, boolean commit);

    /** Everything is replayed and the leadership begins: time to set timers, every one of them afresh (GROUP-05). */
    void onLoaded(Turn<R> turn);

    /** A timer that a turn has started. */
    void onTimer(TimerKey timer, Turn<R> turn);

    /** Everything below {@code endOffset} is committed and may be shown to readers; told before loading, too, as far as it is known then. */
    void onCommitted(long endOffset);

    /** The leadership is over: refuses all who still wait in this machine. It is not used afterwards. */
    void onResigned(Refusal refusal);
}
