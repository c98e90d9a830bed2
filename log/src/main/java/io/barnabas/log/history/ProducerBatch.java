package io.barnabas.log.history;

/**
 * What a batch of records tells of its producer. Offsets may still be unknown (-1) when it is only checked.
 *
 * @param producerId    from 0
 * @param firstSequence sequence of the first record
 * @param lastSequence  sequence of the last record; smaller than the first if they wrap
 * @param firstOffset   base offset of the batch
 * @param lastOffset    last offset of the batch, inclusive
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
