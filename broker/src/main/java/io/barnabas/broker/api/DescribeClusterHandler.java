package io.barnabas.broker.api;

import io.barnabas.broker.metadata.ClusterView;
import io.barnabas.broker.metadata.CurrentCluster;
import io.barnabas.model.Endpoint;
import io.barnabas.protocol.ErrorCode;
import io.barnabas.protocol.message.DescribeClusterRequestData;
import io.barnabas.protocol.message.DescribeClusterResponseData;
import io.barnabas.protocol.message.DescribeClusterResponseData.DescribeClusterBroker;

/** Tells an administrator which brokers live and which of them is the controller (KIP-700). */
public final class DescribeClusterHandler implements RequestHandler<DescribeClusterRequestData> {
    private static final byte BROKERS = 1;
    private static final byte CONTROLLERS = 2;

    private final CurrentCluster cluster;
    private final String clusterId;

    public DescribeClusterHandler(CurrentCluster cluster, String clusterId) {
        this.cluster = cluster;
        this.clusterId = clusterId;
    }

    @Override
    public void handle(RequestContext context, DescribeClusterRequestData request, Reply reply) {
        DescribeClusterResponseData response = new DescribeClusterResponseData();
        if (request.endpointType != BROKERS) {
            response.errorCode = (request.endpointType == CONTROLLERS
                            ? ErrorCode.MISMATCHED_ENDPOINT_TYPE
                            : ErrorCode.UNSUPPORTED_ENDPOINT_TYPE)
                    .code();
            response.errorMessage = "This is a broker; it can only tell of brokers.";
            response.endpointType = BROKERS;
            reply.send(response);
            return;
        }
        ClusterView view = cluster.view();
        response.clusterId = clusterId;
        response.controllerId = view.controller().value();
        response.clusterAuthorizedOperations =
                AuthorizedOperations.ofCluster(request.includeClusterAuthorizedOperations);
        for (ClusterView.Broker broker : view.brokers()) {
            Endpoint endpoint = broker.endpoint(context.listener());
            if (endpoint != null) {
                DescribeClusterBroker line = new DescribeClusterBroker();
                line.brokerId = broker.id().value();
                line.host = endpoint.host();
                line.port = endpoint.port();
                line.rack = broker.rack();
                response.brokers.add(line);
            }
        }
        reply.send(response);
    }
}
