package io.barnabas.broker.group;

import io.barnabas.broker.metadata.ClusterView;
import io.barnabas.broker.metadata.CurrentCluster;
import io.barnabas.coordination.control.FeatureLevels;

/**
 * Whether the consumer protocol is spoken here: where the configuration names it and the cluster has {@code group.version} at 1. While it is
 * being switched off nobody may join by it, so that what has been made classic stays so.
 */
public final class ConsumerProtocolGate {
    private static final short ON = 1;

    private final CurrentCluster cluster;
    private final boolean configured;

    /** How many are switching it off. */
    private int closing;

    /** Levels of this epoch and older ones do not tell that it is off. */
    private long outdatedEpoch = -1;

    /** @param configured whether {@code group.coordinator.rebalance.protocols} names it */
    public ConsumerProtocolGate(CurrentCluster cluster, boolean configured) {
        this.cluster = cluster;
        this.configured = configured;
    }

    /** Whether requests of the protocol are served; as long as nothing is known of the cluster, they go on to a coordinator that is not there. */
    public boolean isOn() {
        ClusterView view = cluster.view();
        return configured && (!view.known() || view.features().of(FeatureLevels.GROUP_VERSION) >= ON);
    }

    /** Whether members may join just now. */
    public synchronized boolean mayJoin() {
        FeatureLevels features = cluster.view().features();
        return closing == 0 && features.of(FeatureLevels.GROUP_VERSION) >= ON && features.epoch() > outdatedEpoch;
    }

    /** From now on nobody joins. */
    synchronized void close() {
        closing++;
    }

    /** @param off whether it has been switched off, though this broker may not have heard yet */
    synchronized void reopen(boolean off) {
        closing--;
        if (off) {
            FeatureLevels features = cluster.view().features();
            if (features.of(FeatureLevels.GROUP_VERSION) >= ON) {
                outdatedEpoch = features.epoch();
            }
        }
    }
}
