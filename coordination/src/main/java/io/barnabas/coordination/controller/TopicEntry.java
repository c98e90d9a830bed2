package io.barnabas.coordination.controller;

import io.barnabas.coordination.control.PartitionInfo;
import io.barnabas.coordination.control.TopicInfo;
import io.barnabas.coordination.store.StoredTopic;
import io.barnabas.model.BrokerId;
import io.barnabas.model.LeaderAndIsr;
import io.barnabas.model.TopicPartition;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.SortedMap;
import java.util.TreeMap;
import java.util.UUID;

/** One topic in the controller's memory. */
final class TopicEntry {
    final String name;
    final UUID id;
    final SortedMap<Integer, PartitionEntry> partitions = new TreeMap<>();

    /** Marked: nothing of it changes any more, brokers do not know it. */
    boolean deleting;

    TopicEntry(StoredTopic stored, Map<TopicPartition, LeaderAndIsr> states) {
        name = stored.name();
        id = stored.topicId();
        for (Map.Entry<Integer, List<BrokerId>> each : stored.assignment().entrySet()) {
            int number = each.getKey();
            TopicPartition partition = new TopicPartition(name, number);
            PartitionEntry entry = new PartitionEntry(
                    partition,
                    this,
                    List.copyOf(each.getValue()),
                    stored.adding().getOrDefault(number, List.of()),
                    stored.removing().getOrDefault(number, List.of()));
            entry.committed = states.get(partition);
            partitions.put(number, entry);
        }
    }

    TopicInfo info() {
        List<PartitionInfo> all = new ArrayList<>(partitions.size());
        for (PartitionEntry partition : partitions.values()) {
            all.add(partition.info(false));
        }
        return new TopicInfo(name, id, all);
    }
}
