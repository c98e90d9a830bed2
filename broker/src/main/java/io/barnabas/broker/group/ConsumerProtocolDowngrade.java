package io.barnabas.broker.group;

import io.barnabas.broker.api.FeatureDowngrade;
import io.barnabas.broker.config.InternalTopics;
import io.barnabas.broker.metadata.ClusterView;
import io.barnabas.broker.metadata.CurrentCluster;
import io.barnabas.consumer.coordinator.GroupCoordinator;
import io.barnabas.coordination.control.FeatureLevels;
import io.barnabas.model.Refusal;
import io.barnabas.runtime.replicated.Reply;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionStage;

/** Before {@code group.version} goes to 0: the gate is closed, and every group of the consumer protocol becomes a classic one. */
public final class ConsumerProtocolDowngrade implements FeatureDowngrade {
    private final ConsumerProtocolGate gate;
    private final GroupCoordinator coordinator;
    private final CurrentCluster cluster;

    public ConsumerProtocolDowngrade(ConsumerProtocolGate gate, GroupCoordinator coordinator, CurrentCluster cluster) {
        this.gate = gate;
        this.coordinator = coordinator;
        this.cluster = cluster;
    }

    @Override
    public CompletionStage<Refusal> prepare(String feature, short level) {
        if (!switchesOff(feature, level)) {
            return CompletableFuture.completedFuture(null);
        }
        gate.close();
        ClusterView view = cluster.view();
        if (!view.known()) {
            return CompletableFuture.completedFuture(new Refusal(
                    Refusal.Reason.COORDINATOR_NOT_AVAILABLE, "This broker does not know the cluster yet."));
        }
        ClusterView.Topic offsets = view.topic(InternalTopics.OFFSETS);
        CompletableFuture<Refusal> outcome = new CompletableFuture<>();
        coordinator.downgradeAll(offsets == null ? 0 : offsets.partitions().size(), new Reply<>() {
            @Override
            public void answer(Boolean done) {
                outcome.complete(null);
            }

            @Override
            public void refuse(Refusal refusal) {
                outcome.complete(refusal);
            }
        });
        return outcome;
    }

    @Override
    public void end(String feature, short level, boolean stored) {
        if (switchesOff(feature, level)) {
            gate.reopen(stored);
        }
    }

    private static boolean switchesOff(String feature, short level) {
        return feature.equals(FeatureLevels.GROUP_VERSION) && level == 0;
    }
}
