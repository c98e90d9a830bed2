package io.barnabas.broker.http;

import io.barnabas.broker.lag.LagMonitor;
import io.barnabas.broker.metadata.ClusterView;
import io.barnabas.broker.metadata.CurrentCluster;
import io.barnabas.consumer.coordinator.lag.LogEnds;
import io.barnabas.runtime.time.Clock;
import java.util.UUID;
import java.util.concurrent.Executor;
import java.util.function.Function;

/** Adds the paths that tell of groups: {@code /v1/groups} and Burrow's {@code /v3/kafka}. */
public final class LagRoutes {
    private LagRoutes() {}

    /**
     * @param host    that Burrow's answers are said to come from
     * @param workers put answers together; the sockets' loops and the coordinators' have other things to do
     */
    public static void addTo(
            HttpRoutes routes,
            GroupQueries groups,
            LagMonitor lag,
            LogEnds ends,
            CurrentCluster cluster,
            String clusterId,
            String host,
            Executor workers,
            Clock clock) {
        Function<UUID, String> topicName = id -> {
            ClusterView.Topic topic = cluster.view().topic(id);
            return topic == null ? null : topic.name();
        };
        GroupInspector inspector = new GroupInspector(groups, lag, topicName, workers);
        new GroupRoutes(inspector, workers, clock).addTo(routes);
        new BurrowRoutes(inspector, ends, cluster, clusterId, host, workers).addTo(routes);
    }
}
