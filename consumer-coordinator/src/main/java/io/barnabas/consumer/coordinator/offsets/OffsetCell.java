package io.barnabas.consumer.coordinator.offsets;

import io.barnabas.consumer.coordinator.journal.GroupValue.CommittedOffset;

/** What is known of one partition for one group. There are very many of these. */
final class OffsetCell {
    final int partition;

    /** The newest in the log; null for a tombstone, or if there is nothing but what is pending. */
    CommittedOffset written;

    /** Where {@link #written} lies in the log, -1 for nowhere. */
    long writtenAt = -1;

    /** The newest that is committed; null if there is none. */
    CommittedOffset visible;

    /** Where {@link #visible}, or the tombstone that it gave way to, lies in the log; -1 for nowhere. */
    long visibleAt = -1;

    /** How many open transactions have written to it. */
    int pendingCount;

    /** How many of its changes are in the log and not committed. */
    int inFlightCount;

    OffsetCell(int partition) {
        this.partition = partition;
    }

    boolean isVoid() {
        return written == null && visible == null && pendingCount == 0 && inFlightCount == 0;
    }

    boolean isPending() {
        return pendingCount > 0;
    }
}
