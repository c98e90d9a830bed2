package io.barnabas.broker.fetcher;

/**
 * Port: bounds how fast partitions that lag are copied (KIP-73).
 *
 * @param <P> see {@link FollowedPartition}
 */
interface CopyThrottle<P> {
    /** Whether the partition is one of those that have to wait while they lag. */
    boolean appliesTo(P log);

    /** How long they have to wait, in nanoseconds; 0 if they may go on. */
    long waitNanos();
}
