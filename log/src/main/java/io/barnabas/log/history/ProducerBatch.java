package io.barnabas.log.history;

/**
 * What a batch of records tells of its producer. Offsets may still be unknown (-1) when it is only checked.
 *
 * @param producerId    from 0
 * @param firstSequence sequence of the first record; -1 for a batch without sequences, which only a coordinator writes
 * @param lastSequence  sequence of the last record; smaller than the first if they wrap
 * @param firstOffset   base offset of the batch
 * @param lastOffset    last offset of the batch, inclusive; not told rightly without sequences, and not asked for
 * @param maxTimestamp  of the batch
 */
public record ProducerBatch(
        long producerId,
        short producerEpoch,
        int firstSequence,
        int lastSequence,
        long firstOffset,
        long lastOffset,
        long maxTimestamp,
        boolean transactional) {
    /** Whether it can be known again when it comes a second time. */
    boolean hasSequence() {
        return firstSequence >= 0;
    }

    /** The same batch with the place it was given. */
    public ProducerBatch at(long baseOffset) {
        return new ProducerBatch(
                producerId,
                producerEpoch,
                firstSequence,
                lastSequence,
                baseOffset,
                baseOffset + ProducerHistory.distance(firstSequence, lastSequence),
                maxTimestamp,
                transactional);
    }
}
