package io.barnabas.consumer.coordinator.group;

import java.util.List;
import java.util.Map;
import java.util.SortedSet;

/**
 * What a member of a classic group of the type "consumer" says of itself when it joins (the embedded consumer protocol).
 *
 * @param topics          it subscribes to
 * @param userData        the assignor's own; null if none, not to be changed
 * @param ownedPartitions by topic; empty before version 1
 * @param generationId    that the owned partitions belong to, -1 if unknown or before version 2
 * @param rackId          null if unknown or before version 3
 */
public record ConsumerSubscription(
        List<String> topics,
        byte[] userData,
        Map<String, SortedSet<Integer>> ownedPartitions,
        int generationId,
        String rackId) {
    public ConsumerSubscription {
        topics = List.copyOf(topics);
        ownedPartitions = Map.copyOf(ownedPartitions);
    }

    /**
     * What the leader of such a group gives to a member.
     *
     * @param partitions by topic
     * @param userData   null if none, not to be changed
     */
    public record Assignment(Map<String, SortedSet<Integer>> partitions, byte[] userData) {
        public Assignment {
            partitions = Map.copyOf(partitions);
        }
    }
}
