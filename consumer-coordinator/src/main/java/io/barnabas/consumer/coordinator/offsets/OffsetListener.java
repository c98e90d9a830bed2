package io.barnabas.consumer.coordinator.offsets;

import io.barnabas.consumer.coordinator.journal.GroupValue;

/** Is told what readers may see of committed offsets. Called in the machine's turn; must be quick. */
public interface OffsetListener {
    void onVisible(String groupId, String topic, int partition, GroupValue.CommittedOffset value);

    void onForgotten(String groupId, String topic, int partition);
}
