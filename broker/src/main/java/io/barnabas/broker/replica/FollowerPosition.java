package io.barnabas.broker.replica;

/**
 * How far a follower's log goes, as its leader is told with the next fetch.
 *
 * @param logEndOffset   first offset that is missing
 * @param lastEpoch      of the log; -1 if none is known
 * @param logStartOffset first offset that may be read here
 */
public record FollowerPosition(long logEndOffset, int lastEpoch, long logStartOffset) {}
