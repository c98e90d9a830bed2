package io.barnabas.broker.group;

import io.barnabas.broker.api.FeatureDowngrade;
import io.barnabas.broker.config.InternalTopics;
import io.barnabas.broker.metadata.ClusterView;
import io.barnabas.broker.metadata.CurrentCluster;
import io.barnabas.coordination.control.FeatureLevels;
import io.barnabas.model.BrokerId;
import io.barnabas.model.Refusal;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionStage;

/**
 * Before {@code group.version} goes to 0: the gates of all brokers are closed first, so that a group that moves meanwhile finds a closed one
 * everywhere; then every coordinator has the groups of the consumer protocol that are its own become classic ones.
 */
public final class ConsumerProtocolDowngrade implements FeatureDowngrade {
    private final BrokerId self;
    private final LocalDowngrade here;
    private final Brokers others;
    private final CurrentCluster cluster;

    /** Port to the other brokers. */
    public interface Brokers {
        /** A broker that nobody else is beside. */
        Brokers NONE = new Brokers() {
            @Override
            public CompletionStage<Refusal> prepare(BrokerId broker, List<Integer> partitions) {
                return CompletableFuture.completedFuture(new Refusal(
                        Refusal.Reason.COORDINATOR_NOT_AVAILABLE, "Broker " + broker + " cannot be asked."));
            }

            @Override
            public void end(BrokerId broker, boolean stored) {}
        };

        /** Has a broker close its gate, and take back what it coordinates in these partitions. @return null when that is done */
        CompletionStage<Refusal> prepare(BrokerId broker, List<Integer> partitions);

        /** Has a broker open its gate again, unless the lower level is stored. Whoever does not hear opens it by himself. */
        void end(BrokerId broker, boolean stored);
    }

    public ConsumerProtocolDowngrade(BrokerId self, LocalDowngrade here, Brokers others, CurrentCluster cluster) {
        this.self = self;
        this.here = here;
        this.others = others;
        this.cluster = cluster;
    }

    @Override
    public CompletionStage<Refusal> prepare(String feature, short level) {
        if (!switchesOff(feature, level)) {
            return CompletableFuture.completedFuture(null);
        }
        here.close();
        ClusterView view = cluster.view();
        if (!view.known()) {
            return CompletableFuture.completedFuture(new Refusal(
                    Refusal.Reason.COORDINATOR_NOT_AVAILABLE, "This broker does not know the cluster yet."));
        }
        Map<BrokerId, List<Integer>> nothing = new HashMap<>();
        others(view).forEach(broker -> nothing.put(broker, List.of()));
        return prepareAll(nothing).thenCompose(refusal -> {
            if (refusal != null) {
                return CompletableFuture.completedFuture(refusal);
            }
            Map<BrokerId, List<Integer>> led = new HashMap<>();
            ClusterView.Topic offsets = cluster.view().topic(InternalTopics.OFFSETS);
            if (offsets != null) {
                for (ClusterView.Partition partition : offsets.partitions()) {
                    if (partition.leader().isNone()) {
                        return CompletableFuture.completedFuture(new Refusal(
                                Refusal.Reason.COORDINATOR_NOT_AVAILABLE,
                                "The groups of " + InternalTopics.OFFSETS + "-" + partition.number()
                                        + " have no coordinator."));
                    }
                    led.computeIfAbsent(partition.leader(), none -> new ArrayList<>())
                            .add(partition.number());
                }
            }
            return prepareAll(led);
        });
    }

    @Override
    public void end(String feature, short level, boolean stored) {
        if (switchesOff(feature, level)) {
            here.reopen(stored);
            others(cluster.view()).forEach(broker -> others.end(broker, stored));
        }
    }

    /** All at once; the first refusal, or null. */
    private CompletionStage<Refusal> prepareAll(Map<BrokerId, List<Integer>> partitions) {
        CompletionStage<Refusal> all = CompletableFuture.completedFuture(null);
        for (Map.Entry<BrokerId, List<Integer>> each : partitions.entrySet()) {
            CompletionStage<Refusal> one = each.getKey().equals(self)
                    ? here.takeBack(each.getValue())
                    : others.prepare(each.getKey(), each.getValue());
            all = all.thenCombine(one, (before, next) -> before == null ? next : before);
        }
        return all;
    }

    private List<BrokerId> others(ClusterView view) {
        return view.brokers().stream()
                .map(ClusterView.Broker::id)
                .filter(broker -> !broker.equals(self))
                .toList();
    }

    static boolean switchesOff(String feature, short level) {
        return feature.equals(FeatureLevels.GROUP_VERSION) && level == 0;
    }
}
