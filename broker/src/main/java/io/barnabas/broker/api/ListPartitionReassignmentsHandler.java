package io.barnabas.broker.api;

import io.barnabas.broker.metadata.ClusterView;
import io.barnabas.broker.metadata.CurrentCluster;
import io.barnabas.model.BrokerId;
import io.barnabas.protocol.message.ListPartitionReassignmentsRequestData;
import io.barnabas.protocol.message.ListPartitionReassignmentsResponseData;
import io.barnabas.protocol.message.ListPartitionReassignmentsResponseData.OngoingPartitionReassignment;
import io.barnabas.protocol.message.ListPartitionReassignmentsResponseData.OngoingTopicReassignment;
import java.util.ArrayList;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Set;

/** Which partitions are moving, as this broker has heard of it (REPL-28). Those that are not, or do not exist, are left out. */
public final class ListPartitionReassignmentsHandler implements RequestHandler<ListPartitionReassignmentsRequestData> {
    private final CurrentCluster cluster;

    public ListPartitionReassignmentsHandler(CurrentCluster cluster) {
        this.cluster = cluster;
    }

    @Override
    public void handle(RequestContext context, ListPartitionReassignmentsRequestData request, Reply reply) {
        ClusterView view = cluster.view();
        ListPartitionReassignmentsResponseData response = new ListPartitionReassignmentsResponseData();
        response.errorMessage = null;
        if (request.topics == null) {
            view.topics().forEach(topic -> add(topic, topic.partitions(), response));
        } else {
            for (var asked : request.topics) {
                ClusterView.Topic topic = view.topic(asked.name);
                if (topic != null) {
                    Set<Integer> numbers = new LinkedHashSet<>(asked.partitionIndexes);
                    List<ClusterView.Partition> partitions = new ArrayList<>();
                    numbers.forEach(number -> {
                        if (topic.partition(number) != null) {
                            partitions.add(topic.partition(number));
                        }
                    });
                    add(topic, partitions, response);
                }
            }
        }
        reply.send(response);
    }

    private static void add(
            ClusterView.Topic topic,
            List<ClusterView.Partition> partitions,
            ListPartitionReassignmentsResponseData response) {
        OngoingTopicReassignment moving = new OngoingTopicReassignment();
        moving.name = topic.name();
        for (ClusterView.Partition partition : partitions) {
            if (!partition.adding().isEmpty() || !partition.removing().isEmpty()) {
                moving.partitions.add(line(partition));
            }
        }
        if (!moving.partitions.isEmpty()) {
            response.topics.add(moving);
        }
    }

    private static OngoingPartitionReassignment line(ClusterView.Partition partition) {
        OngoingPartitionReassignment line = new OngoingPartitionReassignment();
        line.partitionIndex = partition.number();
        line.replicas = BrokerIds.toWire(partition.assignedReplicas());
        // what a replaced move had brought in is in both lists; to a reader it is going
        List<BrokerId> adding = new ArrayList<>(partition.adding());
        adding.removeAll(partition.removing());
        line.addingReplicas = BrokerIds.toWire(adding);
        line.removingReplicas = BrokerIds.toWire(partition.removing());
        return line;
    }
}
