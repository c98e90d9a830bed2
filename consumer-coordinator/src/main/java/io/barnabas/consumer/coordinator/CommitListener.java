package io.barnabas.consumer.coordinator;

import io.barnabas.consumer.coordinator.group.RebalanceReport;
import io.barnabas.consumer.coordinator.journal.GroupValue;

/**
 * Is told what groups have got to. Called on the threads of the coordinators, one group always by one of them at a time; must not block
 * and must not throw.
 */
public interface CommitListener {
    /** Nobody wants to know. */
    CommitListener NONE = new CommitListener() {
        @Override
        public void onCommit(String groupId, String topic, int partition, GroupValue.CommittedOffset value) {}

        @Override
        public void onForgotten(String groupId, String topic, int partition) {}

        @Override
        public void onGroupGone(String groupId) {}

        @Override
        public void onUnloaded(int offsetsPartition) {}

        @Override
        public void onRebalance(String groupId, RebalanceReport report) {}
    };

    /** An offset has become visible: committed just now, or found in the log when the coordinator was loaded, with the time it was stored with. */
    void onCommit(String groupId, String topic, int partition, GroupValue.CommittedOffset value);

    /** The group has no committed offset there any more: it expired, was deleted, or the topic was. */
    void onForgotten(String groupId, String topic, int partition);

    /** The group is no more, nor is any offset of it. */
    void onGroupGone(String groupId);

    /** The groups of this partition of {@code __consumer_offsets} are coordinated elsewhere from now on, or nowhere. */
    void onUnloaded(int offsetsPartition);

    /** A rebalance of the group is over. */
    void onRebalance(String groupId, RebalanceReport report);
}
