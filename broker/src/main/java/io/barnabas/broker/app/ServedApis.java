package io.barnabas.broker.app;

import io.barnabas.broker.api.ApiVersionsHandler;
import io.barnabas.broker.api.RequestHandler;
import io.barnabas.broker.metadata.CurrentCluster;
import io.barnabas.protocol.ApiKey;
import io.barnabas.protocol.ApiTable;
import io.barnabas.protocol.message.ApiMessage;
import java.util.function.Function;

/**
 * Which APIs this broker serves, in which versions. The table is complete before there is anything to serve, so that the ports can be
 * bound and ApiVersions answered while the broker still finds out who it is; the other requests are held back by the server until
 * then (WIRE-26).
 */
public final class ServedApis {
    private final ApiTable<RequestHandler<?>> table = new ApiTable<>();
    private volatile Handlers handlers;

    public ServedApis(CurrentCluster cluster) {
        table.serve(ApiKey.PRODUCE, 3, 13, later(Handlers::produce))
                // librdkafka compresses only for brokers that say so from version 0 on (WIRE-09)
                .advertise(ApiKey.PRODUCE, 0, 13)
                .serve(ApiKey.FETCH, 4, 17, later(Handlers::fetch))
                .serve(ApiKey.LIST_OFFSETS, 1, 11, later(Handlers::listOffsets))
                .serve(ApiKey.METADATA, 0, 13, later(Handlers::metadata))
                .serve(ApiKey.API_VERSIONS, 0, 4, new ApiVersionsHandler(table, cluster))
                .serve(ApiKey.CREATE_TOPICS, 2, 7, later(Handlers::createTopics))
                .serve(ApiKey.DELETE_TOPICS, 1, 6, later(Handlers::deleteTopics))
                .serve(ApiKey.DELETE_RECORDS, 0, 2, later(Handlers::deleteRecords))
                .serve(ApiKey.INIT_PRODUCER_ID, 0, 5, later(Handlers::initProducerId))
                .serve(ApiKey.OFFSET_FOR_LEADER_EPOCH, 2, 4, later(Handlers::offsetForLeaderEpoch))
                .serve(ApiKey.DESCRIBE_CONFIGS, 1, 4, later(Handlers::describeConfigs))
                .serve(ApiKey.ALTER_CONFIGS, 0, 2, later(Handlers::alterConfigs))
                .serve(ApiKey.INCREMENTAL_ALTER_CONFIGS, 0, 1, later(Handlers::incrementalAlterConfigs))
                .serve(ApiKey.CREATE_PARTITIONS, 0, 3, later(Handlers::createPartitions))
                .serve(ApiKey.ELECT_LEADERS, 0, 2, later(Handlers::electLeaders))
                .serve(ApiKey.ALTER_PARTITION_REASSIGNMENTS, 0, 1, later(Handlers::alterPartitionReassignments))
                .serve(ApiKey.LIST_PARTITION_REASSIGNMENTS, 0, 0, later(Handlers::listPartitionReassignments))
                .serve(ApiKey.DESCRIBE_CLUSTER, 0, 2, later(Handlers::describeCluster))
                .serve(ApiKey.DESCRIBE_TOPIC_PARTITIONS, 0, 0, later(Handlers::describeTopicPartitions))
                .serve(ApiKey.LIST_CONFIG_RESOURCES, 0, 1, later(Handlers::listConfigResources))
                .serve(ApiKey.UPDATE_FEATURES, 0, 2, later(Handlers::updateFeatures));
        serveGroups();
    }

    private void serveGroups() {
        table.serve(ApiKey.OFFSET_COMMIT, 2, 10, ofGroups(GroupHandlers::offsetCommit))
                .serve(ApiKey.OFFSET_FETCH, 1, 10, ofGroups(GroupHandlers::offsetFetch))
                .serve(ApiKey.FIND_COORDINATOR, 0, 6, ofGroups(GroupHandlers::findCoordinator))
                .serve(ApiKey.JOIN_GROUP, 0, 9, ofGroups(GroupHandlers::joinGroup))
                .serve(ApiKey.HEARTBEAT, 0, 4, ofGroups(GroupHandlers::heartbeat))
                .serve(ApiKey.LEAVE_GROUP, 0, 5, ofGroups(GroupHandlers::leaveGroup))
                .serve(ApiKey.SYNC_GROUP, 0, 5, ofGroups(GroupHandlers::syncGroup))
                .serve(ApiKey.DESCRIBE_GROUPS, 0, 6, ofGroups(GroupHandlers::describeGroups))
                .serve(ApiKey.LIST_GROUPS, 0, 5, ofGroups(GroupHandlers::listGroups))
                .serve(ApiKey.DELETE_GROUPS, 0, 2, ofGroups(GroupHandlers::deleteGroups))
                .serve(ApiKey.OFFSET_DELETE, 0, 0, ofGroups(GroupHandlers::offsetDelete))
                .serve(ApiKey.CONSUMER_GROUP_HEARTBEAT, 0, 1, ofGroups(GroupHandlers::consumerGroupHeartbeat))
                .serve(ApiKey.CONSUMER_GROUP_DESCRIBE, 0, 1, ofGroups(GroupHandlers::consumerGroupDescribe));
    }

    public ApiTable<RequestHandler<?>> table() {
        return table;
    }

    /** From here on requests are answered; the server must hold them back until then. */
    public void serveWith(BrokerCore core) {
        handlers = core.handlers();
    }

    private <Q extends ApiMessage> RequestHandler<Q> ofGroups(Function<GroupHandlers, RequestHandler<Q>> which) {
        return later(made -> which.apply(made.groups()));
    }

    private <Q extends ApiMessage> RequestHandler<Q> later(Function<Handlers, RequestHandler<Q>> which) {
        return (context, request, reply) -> which.apply(handlers).handle(context, request, reply);
    }
}
