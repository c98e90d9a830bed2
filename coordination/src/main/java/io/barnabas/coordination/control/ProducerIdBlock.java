package io.barnabas.coordination.control;

/**
 * Producer ids for one broker.
 *
 * @param first of {@code count} consecutive ids
 */
public record ProducerIdBlock(long first, int count) {
    /** The last id, inclusive. */
    public long last() {
        return first + count - 1;
    }
}
