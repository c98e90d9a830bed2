package io.barnabas.runtime.replicated;

import io.barnabas.model.Outcome;
import io.barnabas.model.Refusal;
import java.util.List;
import java.util.function.Consumer;

/**
 * The log of one machine, during one leadership of its partition. After the leadership every append is refused, whatever the
 * caller believes (FFD-08).
 */
public interface Journal {
    /** No producer: an ordinary batch. */
    long NO_PRODUCER = -1;

    /**
     * One record as it is stored.
     *
     * @param value null for a tombstone
     */
    record Entry(byte[] key, byte[] value) {
        public int sizeInBytes() {
            return key.length + (value == null ? 0 : value.length);
        }
    }

    /**
     * Records that are written together or not at all.
     *
     * @param producerId of the transaction that they belong to, {@link #NO_PRODUCER} for none
     */
    record Batch(List<Entry> entries, long timestampMillis, long producerId, short producerEpoch) {
        public Batch {
            entries = List.copyOf(entries);
        }
    }

    /**
     * Appends one batch at the log's end. Does not wait for replicas.
     *
     * @return the log end offset behind the batch, whose records have the offsets just below it; or why nothing was written
     */
    Outcome<Long> append(Batch batch);

    /** Below it, everything is committed. */
    long committedEndOffset();

    /**
     * Tells once whether everything below {@code endOffset} is committed.
     *
     * @param then called at once or later, on any thread: with null if it is committed, else with why that will not be known here
     */
    void whenCommitted(long endOffset, Consumer<Refusal> then);
}
