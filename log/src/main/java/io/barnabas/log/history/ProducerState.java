package io.barnabas.log.history;

/**
 * What is kept of one producer across restarts: an entry of a {@code .snapshot} file, and what DescribeProducers shows.
 *
 * @param lastSequence                  of its last batch, or -1
 * @param lastOffset                    of its last batch, inclusive, or -1
 * @param offsetDelta                   last minus first offset of that batch
 * @param timestamp                     of its last batch or marker
 * @param coordinatorEpoch              of the last marker, or -1
 * @param currentTransactionFirstOffset first offset of its open transaction, or -1
 */
public record ProducerState(
        long producerId,
        short producerEpoch,
        int lastSequence,
        long lastOffset,
        int offsetDelta,
        long timestamp,
        int coordinatorEpoch,
        long currentTransactionFirstOffset) {}
