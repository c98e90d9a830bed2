package io.barnabas.model;

/**
 * An offset and the leader epoch it belongs to.
 *
 * @param offset      -1 for none
 * @param leaderEpoch -1 for unknown
 */
public record OffsetAndEpoch(long offset, int leaderEpoch) {
    public static final OffsetAndEpoch NONE = new OffsetAndEpoch(-1, -1);
}
