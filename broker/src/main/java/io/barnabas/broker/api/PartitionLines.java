package io.barnabas.broker.api;

import io.barnabas.broker.metadata.ClusterView;
import io.barnabas.model.BrokerId;
import io.barnabas.model.Endpoint;
import io.barnabas.protocol.ErrorCode;
import java.util.ArrayList;
import java.util.List;

/**
 * What a client that came over one listener is told of a partition (WIRE-24).
 *
 * @param leader   -1 if there is none that the client could reach
 * @param replicas all assigned ones, for version 0 of Metadata only those that can be reached
 * @param offline  assigned ones that are down or do not have the listener
 */
record PartitionLines(
        ErrorCode error,
        int leader,
        int leaderEpoch,
        List<Integer> replicas,
        List<Integer> inSync,
        List<Integer> offline) {
    /** First version of Metadata that knows LISTENER_NOT_FOUND. */
    private static final int LISTENER_NOT_FOUND_SINCE = 6;

    /** @param metadataVersion version of the Metadata API whose rules hold */
    static PartitionLines of(ClusterView view, ClusterView.Partition partition, String listener, int metadataVersion) {
        List<Integer> replicas = new ArrayList<>();
        List<Integer> offline = new ArrayList<>();
        for (BrokerId replica : partition.assignedReplicas()) {
            boolean reachable = reaches(view, replica, listener);
            if (!reachable) {
                offline.add(replica.value());
            }
            if (reachable || metadataVersion > 0) {
                replicas.add(replica.value());
            }
        }
        List<Integer> inSync = new ArrayList<>();
        for (BrokerId replica : partition.inSyncReplicas()) {
            if (metadataVersion > 0 || reaches(view, replica, listener)) {
                inSync.add(replica.value());
            }
        }
        Endpoint leader = view.leaderEndpoint(partition, listener);
        ErrorCode error = ErrorCode.NONE;
        if (leader == null) {
            boolean lacksListener = view.isAlive(partition.leader());
            error = lacksListener && metadataVersion >= LISTENER_NOT_FOUND_SINCE
                    ? ErrorCode.LISTENER_NOT_FOUND
                    : ErrorCode.LEADER_NOT_AVAILABLE;
        } else if (metadataVersion == 0 && !offline.isEmpty()) {
            error = ErrorCode.REPLICA_NOT_AVAILABLE;
        }
        return new PartitionLines(
                error,
                leader == null ? BrokerId.NONE.value() : partition.leader().value(),
                partition.leaderEpoch(),
                replicas,
                inSync,
                offline);
    }

    private static boolean reaches(ClusterView view, BrokerId broker, String listener) {
        ClusterView.Broker alive = view.broker(broker);
        return alive != null && alive.endpoint(listener) != null;
    }
}
