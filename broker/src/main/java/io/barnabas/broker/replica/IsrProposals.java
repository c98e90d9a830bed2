package io.barnabas.broker.replica;

import io.barnabas.model.BrokerId;
import io.barnabas.model.LeaderAndIsr;
import io.barnabas.model.Outcome;
import io.barnabas.model.TopicPartition;
import java.util.Map;
import java.util.concurrent.CompletionStage;

/** Port: how a leader asks the controller for another ISR. */
public interface IsrProposals {
    /**
     * @param next         carries the partition epoch it is based on
     * @param memberEpochs registrations of followers in {@code next}, as their fetches named them (REPL-26)
     * @return what is stored now, at its new partition epoch; or a refusal. A stage that fails leaves it unknown whether the
     *     proposal was stored
     */
    CompletionStage<Outcome<LeaderAndIsr>> propose(
            TopicPartition partition, LeaderAndIsr next, Map<BrokerId, Long> memberEpochs);
}
