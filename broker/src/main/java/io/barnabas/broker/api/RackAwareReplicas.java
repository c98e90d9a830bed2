package io.barnabas.broker.api;

import io.barnabas.broker.metadata.ClusterView;
import io.barnabas.broker.metadata.CurrentCluster;
import io.barnabas.broker.replica.Partition;
import io.barnabas.model.BrokerId;
import java.util.Objects;

/** Sends consumers to the in-sync replica in their rack that is furthest; the leader, if it is there itself, comes first. */
public final class RackAwareReplicas implements ReadReplicas {
    private final BrokerId self;
    private final CurrentCluster cluster;

    public RackAwareReplicas(BrokerId self, CurrentCluster cluster) {
        this.self = self;
        this.cluster = cluster;
    }

    @Override
    public BrokerId preferred(Partition partition, String rack, long offset) {
        ClusterView view = cluster.view();
        if (isIn(rack, view, self)) {
            return BrokerId.NONE;
        }
        for (BrokerId follower : partition.inSyncFollowersWith(offset)) {
            if (isIn(rack, view, follower)) {
                return follower;
            }
        }
        return BrokerId.NONE;
    }

    @Override
    public boolean sendsToFollowers() {
        return true;
    }

    private static boolean isIn(String rack, ClusterView view, BrokerId id) {
        ClusterView.Broker broker = view.broker(id);
        return broker != null && Objects.equals(broker.rack(), rack);
    }
}
