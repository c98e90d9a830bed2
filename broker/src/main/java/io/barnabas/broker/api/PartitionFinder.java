package io.barnabas.broker.api;

import io.barnabas.broker.replica.Partition;
import io.barnabas.broker.replica.PartitionTable;
import io.barnabas.model.Refusal;
import io.barnabas.model.TopicPartition;
import java.util.UUID;

/** Finds the partitions that requests name, and says why one is not here. */
public final class PartitionFinder {
    private final PartitionTable table;
    private final TopicLookup topics;

    public PartitionFinder(PartitionTable table, TopicLookup topics) {
        this.table = table;
        this.topics = topics;
    }

    /** Null if it is not hosted here: ask {@link #whyAbsent(String, int)}. Any number is taken, as it comes from the wire. */
    Partition find(String topic, int partition) {
        return partition < 0 ? null : table.find(new TopicPartition(topic, partition));
    }

    /** Null if it is not hosted here: ask {@link #whyAbsent(UUID, int)}. */
    Partition find(UUID topicId, int partition) {
        return table.find(topicId, partition);
    }

    Refusal.Reason whyAbsent(String topic, int partition) {
        if (partition < 0 || partition >= topics.partitionCount(topic)) {
            return Refusal.Reason.UNKNOWN_TOPIC_OR_PARTITION;
        }
        return table.isOnFailedDisk(new TopicPartition(topic, partition))
                ? Refusal.Reason.STORAGE_ERROR
                : Refusal.Reason.NOT_LEADER_OR_FOLLOWER;
    }

    /** A topic that was deleted and made anew has another id: the old one is unknown, or known for a name that is not its own. */
    Refusal.Reason whyAbsent(UUID topicId, int partition) {
        String topic = topics.topicName(topicId);
        if (topic == null) {
            return Refusal.Reason.UNKNOWN_TOPIC_ID;
        }
        Partition ofThatName = find(topic, partition);
        if (ofThatName != null && !ofThatName.topicId().equals(topicId)) {
            return Refusal.Reason.INCONSISTENT_TOPIC_ID;
        }
        return whyAbsent(topic, partition);
    }

    /** Null if no topic has this id. */
    String topicName(UUID topicId) {
        return topics.topicName(topicId);
    }
}
