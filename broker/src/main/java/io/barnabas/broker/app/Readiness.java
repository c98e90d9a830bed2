package io.barnabas.broker.app;

import io.barnabas.broker.metadata.ClusterView;
import io.barnabas.broker.replica.Partition;
import io.barnabas.broker.replica.PartitionTable;
import io.barnabas.model.BrokerId;
import io.barnabas.model.TopicPartition;
import java.util.ArrayList;
import java.util.List;

/** Whether a broker does what it is there for. */
final class Readiness {
    private static final int MOST_NAMED = 5;

    private Readiness() {}

    /** @return what is missing, a sentence each; none if nothing is */
    static List<String> missing(ClusterView view, BrokerId self, PartitionTable partitions) {
        if (!view.known()) {
            return List.of("the controller has not told of the cluster yet");
        }
        if (!view.isAlive(self)) {
            return List.of("the broker is not registered in the cluster");
        }
        List<TopicPartition> notLed = new ArrayList<>();
        for (ClusterView.Topic topic : view.topics()) {
            for (ClusterView.Partition partition : topic.partitions()) {
                TopicPartition id = new TopicPartition(topic.name(), partition.number());
                if (partition.leader().equals(self) && !isLed(partitions.find(id))) {
                    notLed.add(id);
                }
            }
        }
        if (notLed.isEmpty()) {
            return List.of();
        }
        String named = String.join(
                ", ",
                notLed.stream().limit(MOST_NAMED).map(TopicPartition::toString).toList());
        return List.of(notLed.size() + " partitions are to be led here and are not: " + named
                + (notLed.size() > MOST_NAMED ? ", …" : ""));
    }

    private static boolean isLed(Partition partition) {
        return partition != null && partition.view().isLeader();
    }
}
