package io.barnabas.broker.app;

import io.barnabas.broker.config.InternalTopics;
import io.barnabas.broker.metadata.ClusterView;
import io.barnabas.broker.replica.Partition;
import io.barnabas.broker.replica.PartitionTable;
import io.barnabas.model.BrokerId;
import io.barnabas.model.TopicPartition;
import java.util.ArrayList;
import java.util.List;
import java.util.function.IntPredicate;
import java.util.stream.Collectors;

/** Whether a broker does what it is there for. */
final class Readiness {
    private static final int MOST_NAMED = 5;

    private Readiness() {}

    /**
     * @param coordinates whether the groups of a partition of {@code __consumer_offsets} are loaded
     * @return what is missing, a sentence each; none if nothing is
     */
    static List<String> missing(ClusterView view, BrokerId self, PartitionTable partitions, IntPredicate coordinates) {
        if (!view.known()) {
            return List.of("the controller has not told of the cluster yet");
        }
        if (!view.isAlive(self)) {
            return List.of("the broker is not registered in the cluster");
        }
        List<TopicPartition> notLed = new ArrayList<>();
        List<TopicPartition> notLoaded = new ArrayList<>();
        for (ClusterView.Topic topic : view.topics()) {
            for (ClusterView.Partition partition : topic.partitions()) {
                TopicPartition id = new TopicPartition(topic.name(), partition.number());
                if (!partition.leader().equals(self)) {
                    continue;
                }
                if (!isLed(partitions.find(id))) {
                    notLed.add(id);
                } else if (topic.name().equals(InternalTopics.OFFSETS) && !coordinates.test(partition.number())) {
                    notLoaded.add(id);
                }
            }
        }
        List<String> missing = new ArrayList<>();
        if (!notLed.isEmpty()) {
            missing.add("partitions that are to be led here and are not: " + named(notLed));
        }
        if (!notLoaded.isEmpty()) {
            missing.add("partitions whose groups are still being loaded: " + named(notLoaded));
        }
        return missing;
    }

    private static String named(List<TopicPartition> partitions) {
        String names = partitions.stream()
                .limit(MOST_NAMED)
                .map(TopicPartition::toString)
                .collect(Collectors.joining(", "));
        return partitions.size() + " (" + names + (partitions.size() > MOST_NAMED ? ", …" : "") + ")";
    }

    private static boolean isLed(Partition partition) {
        return partition != null && partition.view().isLeader();
    }
}
