package io.barnabas.log.history;

/**
 * The end of a transaction as it stands in the log.
 *
 * @param coordinatorEpoch of the transaction coordinator that wrote it
 * @param offset           of the marker; -1 while it is only checked
 * @param timestamp        of the marker
 */
public record TransactionMarker(
        long producerId, short producerEpoch, boolean committed, int coordinatorEpoch, long offset, long timestamp) {}
