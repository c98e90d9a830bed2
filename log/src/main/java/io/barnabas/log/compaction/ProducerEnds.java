package io.barnabas.log.compaction;

import io.barnabas.log.batch.StoredBatch;
import io.barnabas.log.history.ProducerState;
import java.util.Collection;
import java.util.HashMap;
import java.util.Map;

/**
 * The last batch of each producer that is still remembered: it has to stay, even without records, for it tells a restarted
 * broker how the producer's sequence goes on, and which of its epochs are fenced.
 */
public final class ProducerEnds {
    private final Map<Long, ProducerState> producers = new HashMap<>();

    public ProducerEnds(Collection<ProducerState> active) {
        active.forEach(state -> producers.put(state.producerId(), state));
    }

    /** Whether the batch is what its producer's state rests on. */
    boolean isLast(StoredBatch batch) {
        ProducerState state = batch.hasProducerId() ? producers.get(batch.producerId()) : null;
        if (state == null) {
            return false;
        }
        // a producer may have nothing but a marker, which came with a newer epoch
        return state.lastOffset() >= 0
                ? state.lastOffset() == batch.lastOffset()
                : batch.isControl() && batch.producerEpoch() == state.producerEpoch();
    }
}
