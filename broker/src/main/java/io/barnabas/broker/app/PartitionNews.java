package io.barnabas.broker.app;

import io.barnabas.broker.metadata.ClusterView;
import io.barnabas.broker.replica.PartitionTable;
import io.barnabas.model.BrokerId;
import java.util.HashMap;
import java.util.Map;
import java.util.function.Consumer;

/** Tells the partitions led here what they may wait for and no state of theirs tells: who is live, and that a controller has told all it knows. */
final class PartitionNews implements Consumer<ClusterView> {
    private final Runnable onBrokersChanged;
    private final Runnable onFullState;
    private Map<BrokerId, Long> registrations = Map.of();

    PartitionNews(PartitionTable partitions) {
        this(partitions::onBrokersChanged, partitions::onFullState);
    }

    PartitionNews(Runnable onBrokersChanged, Runnable onFullState) {
        this.onBrokersChanged = onBrokersChanged;
        this.onFullState = onFullState;
    }

    /** A new picture, whose states of partitions have been applied. Called by one thread at a time. */
    @Override
    public void accept(ClusterView view) {
        Map<BrokerId, Long> now = new HashMap<>();
        view.brokers().forEach(broker -> now.put(broker.id(), broker.brokerEpoch()));
        if (!now.entrySet().containsAll(registrations.entrySet())) {
            onBrokersChanged.run();
        }
        registrations = now;
        if (view.sequence() == 0) {
            onFullState.run();
        }
    }
}
