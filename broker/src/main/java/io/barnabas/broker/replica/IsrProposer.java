package io.barnabas.broker.replica;

import io.barnabas.model.BrokerId;
import io.barnabas.model.LeaderAndIsr;
import io.barnabas.model.Refusal;
import io.barnabas.runtime.time.Clock;
import java.util.Map;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/** Carries a leader's proposals for another ISR to the controller, and what it answers back to the {@link ReplicaMachine}. */
final class IsrProposer {
    private static final Logger LOG = LoggerFactory.getLogger(IsrProposer.class);

    private final Partition partition;
    private final ReplicaMachine machine;
    private final IsrProposals proposals;
    private final Clock clock;

    IsrProposer(Partition partition, ReplicaMachine machine, IsrProposals proposals, Clock clock) {
        this.partition = partition;
        this.machine = machine;
        this.proposals = proposals;
        this.clock = clock;
    }

    void propose(LeaderAndIsr next, Map<BrokerId, Long> memberEpochs) {
        LOG.atInfo()
                .addKeyValue("partition", partition.id())
                .addKeyValue("inSyncReplicas", next.inSyncReplicas())
                .addKeyValue("leaderEpoch", next.leaderEpoch())
                .log("proposing another ISR");
        proposals.propose(partition.id(), next, memberEpochs).whenComplete((outcome, failure) -> {
            long now = clock.nanoTime();
            if (failure != null) {
                LOG.atWarn()
                        .addKeyValue("partition", partition.id())
                        .setCause(failure)
                        .log("fate of an ISR proposal is unknown");
                partition.takeTurn(() -> machine.onIsrRefused(next, IsrAnswer.UNKNOWN, now));
            } else if (outcome.isDone()) {
                partition.takeTurn(() -> machine.onIsrStored(outcome.value(), now));
            } else {
                LOG.atWarn()
                        .addKeyValue("partition", partition.id())
                        .addKeyValue("reason", outcome.refusal().reason())
                        .log("ISR proposal refused");
                IsrAnswer answer = meaningOf(outcome.refusal().reason());
                partition.takeTurn(() -> machine.onIsrRefused(next, answer, now));
            }
        });
    }

    /**
     * Only what proves that nothing was stored takes us back; on doubt both ISRs count (REPL-06, REPL-07). A stale broker epoch says
     * nothing about the leadership: this broker has registered again, and leads on if no controller noticed that it was away.
     */
    private static IsrAnswer meaningOf(Refusal.Reason reason) {
        return switch (reason) {
            case INELIGIBLE_REPLICA, INVALID_REPLICA_ASSIGNMENT -> IsrAnswer.NOT_APPLIED;
            case FENCED_LEADER_EPOCH,
                    NOT_LEADER_OR_FOLLOWER,
                    UNKNOWN_TOPIC_ID,
                    INCONSISTENT_TOPIC_ID,
                    UNKNOWN_TOPIC_OR_PARTITION,
                    INVALID_UPDATE_VERSION,
                    INVALID_REQUEST -> IsrAnswer.FENCED;
            default -> IsrAnswer.UNKNOWN;
        };
    }
}
