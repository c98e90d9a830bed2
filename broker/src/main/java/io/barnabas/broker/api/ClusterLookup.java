package io.barnabas.broker.api;

import io.barnabas.broker.metadata.ClusterView;
import io.barnabas.broker.metadata.CurrentCluster;
import io.barnabas.model.Endpoint;
import io.barnabas.model.TopicPartition;
import java.util.UUID;

/** Answers from the newest picture of the cluster what requests for data ask of it. */
public final class ClusterLookup implements TopicLookup, LeaderHints {
    private final CurrentCluster cluster;

    public ClusterLookup(CurrentCluster cluster) {
        this.cluster = cluster;
    }

    @Override
    public String topicName(UUID topicId) {
        ClusterView.Topic topic = cluster.view().topic(topicId);
        return topic == null ? null : topic.name();
    }

    @Override
    public int partitionCount(String topic) {
        ClusterView.Topic known = cluster.view().topic(topic);
        return known == null ? 0 : known.partitions().size();
    }

    @Override
    public Hint find(TopicPartition id, String listener) {
        ClusterView view = cluster.view();
        ClusterView.Partition partition = view.partition(id);
        if (partition == null) {
            return null;
        }
        Endpoint endpoint = view.leaderEndpoint(partition, listener);
        if (endpoint == null) {
            return null;
        }
        return new Hint(
                partition.leader(),
                partition.leaderEpoch(),
                endpoint.host(),
                endpoint.port(),
                view.broker(partition.leader()).rack());
    }
}
