package io.barnabas.broker.replica;

import io.barnabas.model.BrokerId;
import io.barnabas.model.LeaderAndIsr;
import java.util.Map;

/** What a {@link ReplicaMachine} wants done. Effects are carried out after the turn, outside of the partition's lock. */
sealed interface ReplicaEffect {
    /** More is committed, or acknowledgements that wait have to be judged anew: wake who waits for it. */
    record HighWatermarkMoved() implements ReplicaEffect {
        static final HighWatermarkMoved INSTANCE = new HighWatermarkMoved();
    }

    /** Whoever waits for an acknowledgement under the old leadership must be told now, not at its deadline. */
    record LeadershipLost() implements ReplicaEffect {
        static final LeadershipLost INSTANCE = new LeadershipLost();
    }

    /**
     * Ask the controller for another ISR. One is in flight per partition until it is answered.
     *
     * @param next         carries the partition epoch it is based on; stored only if that is still the stored one
     * @param memberEpochs registrations of followers in {@code next} that told theirs with their fetches (REPL-26)
     */
    record ProposeIsr(LeaderAndIsr next, Map<BrokerId, Long> memberEpochs) implements ReplicaEffect {}
}
