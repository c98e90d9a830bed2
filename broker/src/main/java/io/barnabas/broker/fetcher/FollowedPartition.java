package io.barnabas.broker.fetcher;

import io.barnabas.broker.replica.FollowerPosition;
import java.util.UUID;

/**
 * What a {@link FetcherMachine} knows of one partition in one leader epoch: how far its log goes, and what the leader was told
 * of that.
 *
 * @param <P> what stands for the partition's log; the machine does not touch it
 */
final class FollowedPartition<P> {
    /** What happens with the partition now. */
    enum State {
        /** It is asked for with every fetch. */
        FETCHING,
        /** Something that takes its time is under way; it is not asked for meanwhile. */
        BUSY,
        /** It failed, alone, and is left alone for a while (REPL-32). */
        DELAYED,
        /** It lags, and the throttle lets it wait (REPL-31). */
        THROTTLED,
        /** Not followed any more, or in another epoch. */
        GONE
    }

    static final int NEVER = -1;

    final P log;
    final String topic;
    final UUID topicId;
    final int number;
    final int leaderEpoch;

    State state = State.FETCHING;
    FollowerPosition position;
    /** The leader has not been told of the position. */
    boolean dirty;
    /** The fetch session at the leader holds this partition. */
    boolean inSession;
    /** Number of the fetch that told the present position; answers to earlier ones are about another. */
    long toldIn = NEVER;

    /** Since the last success. */
    int failures;
    /** When the first of {@link #failures} was. */
    long failingSinceNanos;
    /** Operators have been told of the {@link #failures}. */
    boolean failureTold;

    /** And that they will not pass by themselves. */
    boolean errorTold;

    long delayedUntilNanos;

    FollowedPartition(P log, String topic, UUID topicId, int number, int leaderEpoch, FollowerPosition position) {
        this.log = log;
        this.topic = topic;
        this.topicId = topicId;
        this.number = number;
        this.leaderEpoch = leaderEpoch;
        this.position = position;
    }

    @Override
    public String toString() {
        return topic + "-" + number + " epoch " + leaderEpoch + " " + state + " " + position;
    }
}
