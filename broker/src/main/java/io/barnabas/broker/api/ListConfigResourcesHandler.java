package io.barnabas.broker.api;

import io.barnabas.broker.metadata.ClusterView;
import io.barnabas.broker.metadata.CurrentCluster;
import io.barnabas.protocol.ErrorCode;
import io.barnabas.protocol.message.ListConfigResourcesRequestData;
import io.barnabas.protocol.message.ListConfigResourcesResponseData;
import java.util.Collection;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Set;
import java.util.TreeSet;

/**
 * Tells what has a configuration: every topic and broker, and the groups that set something of their own (KIP-1142). Version 0 asks for client
 * metrics alone, of which this broker has none.
 */
public final class ListConfigResourcesHandler implements RequestHandler<ListConfigResourcesRequestData> {
    private static final int FIRST_VERSION_WITH_TYPES = 1;
    private static final List<Byte> ALL = List.of(
            ConfigResource.TOPIC,
            ConfigResource.BROKER,
            ConfigResource.BROKER_LOGGER,
            ConfigResource.CLIENT_METRICS,
            ConfigResource.GROUP);

    private final CurrentCluster cluster;

    public ListConfigResourcesHandler(CurrentCluster cluster) {
        this.cluster = cluster;
    }

    @Override
    public void handle(RequestContext context, ListConfigResourcesRequestData request, Reply reply) {
        ListConfigResourcesResponseData response = new ListConfigResourcesResponseData();
        if (context.apiVersion() >= FIRST_VERSION_WITH_TYPES) {
            Set<Byte> types = new LinkedHashSet<>(request.resourceTypes.isEmpty() ? ALL : request.resourceTypes);
            if (ALL.containsAll(types)) {
                ClusterView view = cluster.view();
                types.forEach(type -> add(response, type, names(view, type)));
            } else {
                response.errorCode = ErrorCode.UNSUPPORTED_VERSION.code();
            }
        }
        reply.send(response);
    }

    private static Collection<String> names(ClusterView view, byte type) {
        Set<String> names = new TreeSet<>();
        switch (type) {
            case ConfigResource.TOPIC -> view.topics().forEach(topic -> names.add(topic.name()));
            case ConfigResource.BROKER, ConfigResource.BROKER_LOGGER ->
                view.brokers().forEach(broker -> names.add(broker.id().toString()));
            case ConfigResource.GROUP -> names.addAll(view.configs().groups().keySet());
            default -> {
                // client metrics: none are received
            }
        }
        return names;
    }

    private static void add(ListConfigResourcesResponseData response, byte type, Collection<String> names) {
        for (String name : names) {
            var line = new ListConfigResourcesResponseData.ConfigResource();
            line.resourceName = name;
            line.resourceType = type;
            response.configResources.add(line);
        }
    }
}
