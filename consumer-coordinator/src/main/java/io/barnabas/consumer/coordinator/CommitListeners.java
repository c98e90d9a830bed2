package io.barnabas.consumer.coordinator;

import io.barnabas.consumer.coordinator.group.RebalanceReport;
import io.barnabas.consumer.coordinator.journal.GroupValue;
import java.util.List;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.function.Consumer;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/** Passes what is told on to all who listen; one that fails is logged, and keeps nobody from their work. */
final class CommitListeners implements CommitListener {
    private static final Logger LOG = LoggerFactory.getLogger(CommitListeners.class);

    private final List<CommitListener> listeners = new CopyOnWriteArrayList<>();

    void add(CommitListener listener) {
        listeners.add(listener);
    }

    @Override
    public void onCommit(String groupId, String topic, int partition, GroupValue.CommittedOffset value) {
        tell(listener -> listener.onCommit(groupId, topic, partition, value));
    }

    @Override
    public void onForgotten(String groupId, String topic, int partition) {
        tell(listener -> listener.onForgotten(groupId, topic, partition));
    }

    @Override
    public void onGroupGone(String groupId) {
        tell(listener -> listener.onGroupGone(groupId));
    }

    @Override
    public void onUnloaded(int offsetsPartition) {
        tell(listener -> listener.onUnloaded(offsetsPartition));
    }

    @Override
    public void onRebalance(String groupId, RebalanceReport report) {
        tell(listener -> listener.onRebalance(groupId, report));
    }

    private void tell(Consumer<CommitListener> news) {
        for (CommitListener listener : listeners) {
            try {
                news.accept(listener);
            } catch (RuntimeException failed) {
                LOG.atError().setCause(failed).log("one who listens to commits failed");
            }
        }
    }
}
