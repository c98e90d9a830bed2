package io.barnabas.broker.api;

import io.barnabas.broker.config.InternalTopics;
import io.barnabas.broker.metadata.ClusterView;
import io.barnabas.broker.metadata.CurrentCluster;
import io.barnabas.model.BrokerId;
import io.barnabas.model.Endpoint;
import io.barnabas.model.TopicIds;
import io.barnabas.protocol.ErrorCode;
import io.barnabas.protocol.message.MetadataRequestData;
import io.barnabas.protocol.message.MetadataRequestData.MetadataRequestTopic;
import io.barnabas.protocol.message.MetadataResponseData;
import io.barnabas.protocol.message.MetadataResponseData.MetadataResponseBroker;
import io.barnabas.protocol.message.MetadataResponseData.MetadataResponsePartition;
import io.barnabas.protocol.message.MetadataResponseData.MetadataResponseTopic;
import java.util.HashSet;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Set;
import java.util.UUID;

/** Tells clients who is there and who leads what, for the listener they came in on; asks for topics that do not exist yet. */
public final class MetadataHandler implements RequestHandler<MetadataRequestData> {
    /** First version in which a null list means all topics and an empty one none (WIRE-23). */
    private static final int NULL_MEANS_ALL_SINCE = 1;

    /** First version that can say whether topics may be created; before, they may. */
    private static final int CREATION_FLAG_SINCE = 4;

    /** First version in which a topic may be asked for by its id. */
    private static final int TOPIC_IDS_SINCE = 12;

    private final CurrentCluster cluster;
    private final String clusterId;
    private final AutoTopicCreation creation;
    private final LeadersInDoubt doubts;

    public MetadataHandler(
            CurrentCluster cluster, String clusterId, AutoTopicCreation creation, LeadersInDoubt doubts) {
        this.doubts = doubts;
        this.cluster = cluster;
        this.clusterId = clusterId;
        this.creation = creation;
    }

    @Override
    public void handle(RequestContext context, MetadataRequestData request, Reply reply) {
        doubts.settle(context, request, reply, view -> leaders(view, request), () -> answer(context, request, reply));
    }

    /** Of the topics that are asked for by name or id; who asks for all does not wait for one. */
    private static Set<BrokerId> leaders(ClusterView view, MetadataRequestData request) {
        if (request.topics == null) {
            return Set.of();
        }
        Set<BrokerId> leaders = new HashSet<>();
        for (MetadataRequestTopic asked : request.topics) {
            ClusterView.Topic topic = asked.name == null ? view.topic(asked.topicId) : view.topic(asked.name);
            if (topic != null) {
                topic.partitions().forEach(partition -> leaders.add(partition.leader()));
            }
        }
        return leaders;
    }

    private void answer(RequestContext context, MetadataRequestData request, Reply reply) {
        ClusterView view = cluster.view();
        short version = context.apiVersion();
        MetadataResponseData response = new MetadataResponseData();
        for (ClusterView.Broker broker : view.brokers()) {
            Endpoint endpoint = broker.endpoint(context.listener());
            if (endpoint != null) {
                MetadataResponseBroker line = new MetadataResponseBroker();
                line.nodeId = broker.id().value();
                line.host = endpoint.host();
                line.port = endpoint.port();
                line.rack = broker.rack();
                response.brokers.add(line);
            }
        }
        response.clusterId = clusterId;
        response.controllerId = view.controller().value();
        response.clusterAuthorizedOperations =
                AuthorizedOperations.ofCluster(request.includeClusterAuthorizedOperations);
        List<MetadataRequestTopic> topics = request.topics;
        boolean all = version < NULL_MEANS_ALL_SINCE ? topics == null || topics.isEmpty() : topics == null;
        int operations = AuthorizedOperations.ofTopic(request.includeTopicAuthorizedOperations);
        if (all) {
            view.topics().forEach(topic -> response.topics.add(known(view, topic, context, operations)));
        } else if (usesIdsTooEarly(topics, version)) {
            for (MetadataRequestTopic topic : topics) {
                response.topics.add(
                        refused(topic.name == null ? "" : topic.name, topic.topicId, ErrorCode.INVALID_REQUEST));
            }
            response.errorCode = ErrorCode.INVALID_REQUEST.code();
        } else {
            boolean mayCreate = version < CREATION_FLAG_SINCE || request.allowAutoTopicCreation;
            named(view, topics, context, mayCreate, operations, response);
        }
        reply.send(response);
    }

    private void named(
            ClusterView view,
            List<MetadataRequestTopic> topics,
            RequestContext context,
            boolean mayCreate,
            int operations,
            MetadataResponseData response) {
        Set<String> names = new LinkedHashSet<>();
        Set<UUID> ids = new LinkedHashSet<>();
        for (MetadataRequestTopic topic : topics) {
            if (!TopicIds.ZERO.equals(topic.topicId)) {
                ids.add(topic.topicId);
            } else if (topic.name != null) {
                names.add(topic.name);
            }
        }
        for (UUID id : ids) {
            ClusterView.Topic topic = view.topic(id);
            response.topics.add(
                    topic == null
                            ? refused(null, id, ErrorCode.UNKNOWN_TOPIC_ID)
                            : known(view, topic, context, operations));
        }
        for (String name : names) {
            ClusterView.Topic topic = view.topic(name);
            response.topics.add(
                    topic == null
                            ? refused(name, TopicIds.ZERO, creation.missing(name, mayCreate))
                            : known(view, topic, context, operations));
        }
    }

    private static MetadataResponseTopic known(
            ClusterView view, ClusterView.Topic topic, RequestContext context, int operations) {
        MetadataResponseTopic line = new MetadataResponseTopic();
        line.name = topic.name();
        line.topicId = topic.id();
        line.isInternal = InternalTopics.isInternal(topic.name());
        line.topicAuthorizedOperations = operations;
        for (ClusterView.Partition partition : topic.partitions()) {
            PartitionLines told = PartitionLines.of(view, partition, context.listener(), context.apiVersion());
            MetadataResponsePartition part = new MetadataResponsePartition();
            part.errorCode = told.error().code();
            part.partitionIndex = partition.number();
            part.leaderId = told.leader();
            part.leaderEpoch = told.leaderEpoch();
            part.replicaNodes = told.replicas();
            part.isrNodes = told.inSync();
            part.offlineReplicas = told.offline();
            line.partitions.add(part);
        }
        return line;
    }

    private static MetadataResponseTopic refused(String name, UUID id, ErrorCode error) {
        MetadataResponseTopic line = new MetadataResponseTopic();
        line.name = name;
        line.topicId = id;
        line.errorCode = error.code();
        line.isInternal = name != null && InternalTopics.isInternal(name);
        return line;
    }

    /** Versions 10 and 11 carry ids in their form, but nobody could ask by them (WIRE-23). */
    private static boolean usesIdsTooEarly(List<MetadataRequestTopic> topics, short version) {
        return version < TOPIC_IDS_SINCE
                && topics.stream().anyMatch(topic -> topic.name == null || !TopicIds.ZERO.equals(topic.topicId));
    }
}
