package io.barnabas.broker.group;

import io.barnabas.broker.config.GroupConfigKey;
import io.barnabas.broker.metadata.CurrentCluster;
import io.barnabas.consumer.coordinator.group.GroupConfig;
import io.barnabas.consumer.coordinator.group.GroupSettings;
import java.util.Map;

/** The configuration of single groups, as the cluster's newest picture has it. */
public final class ClusterGroupSettings implements GroupSettings {
    private final CurrentCluster cluster;
    private final GroupConfig.Consumer broker;

    /** @param broker has the bounds */
    public ClusterGroupSettings(CurrentCluster cluster, GroupConfig.Consumer broker) {
        this.cluster = cluster;
        this.broker = broker;
    }

    @Override
    public Map<String, String> of(String groupId) {
        return GroupConfigKey.obeyed(cluster.view().configs().group(groupId), broker);
    }
}
