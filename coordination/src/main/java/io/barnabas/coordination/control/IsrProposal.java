package io.barnabas.coordination.control;

import io.barnabas.model.BrokerId;
import io.barnabas.model.LeaderAndIsr;
import io.barnabas.model.TopicPartition;
import java.util.Map;

/**
 * A leader asks for another ISR (KIP-497).
 *
 * @param next              carries the partition epoch it is based on
 * @param leaderBrokerEpoch registration of the leader that asks
 * @param memberEpochs      broker epochs of followers in {@code next} as their fetches named them; a follower that is absent named none.
 *     Only current registrations are taken in (REPL-26)
 */
public record IsrProposal(
        TopicPartition partition, LeaderAndIsr next, long leaderBrokerEpoch, Map<BrokerId, Long> memberEpochs) {
    public IsrProposal {
        memberEpochs = Map.copyOf(memberEpochs);
    }
}
