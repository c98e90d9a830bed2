package io.barnabas.broker.api;

import io.barnabas.broker.metadata.ClusterView;
import io.barnabas.broker.metadata.CurrentCluster;
import io.barnabas.coordination.ControllerClient;
import io.barnabas.coordination.control.ElectionType;
import io.barnabas.coordination.control.PartitionResult;
import io.barnabas.model.Refusal;
import io.barnabas.model.Refusal.Reason;
import io.barnabas.model.TopicPartition;
import io.barnabas.protocol.ErrorCode;
import io.barnabas.protocol.message.ElectLeadersRequestData;
import io.barnabas.protocol.message.ElectLeadersResponseData;
import io.barnabas.protocol.message.ElectLeadersResponseData.ReplicaElectionResult;
import java.util.LinkedHashMap;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;

/** Has the controller elect preferred leaders, or any leaders where there are none (REPL-22). */
public final class ElectLeadersHandler implements RequestHandler<ElectLeadersRequestData> {
    /** First version with a type of election, and with an error code of its own. */
    private static final int FIRST_WITH_TYPES = 1;

    private final ControllerClient controller;
    private final CurrentCluster cluster;

    public ElectLeadersHandler(ControllerClient controller, CurrentCluster cluster) {
        this.controller = controller;
        this.cluster = cluster;
    }

    @Override
    public void handle(RequestContext context, ElectLeadersRequestData request, Reply reply) {
        boolean typed = context.apiVersion() >= FIRST_WITH_TYPES;
        if (typed && (request.electionType < 0 || request.electionType >= ElectionType.values().length)) {
            ElectLeadersResponseData response = new ElectLeadersResponseData();
            response.errorCode = ErrorCode.INVALID_REQUEST.code();
            reply.send(response);
            return;
        }
        ElectionType type = typed && request.electionType == 1 ? ElectionType.UNCLEAN : ElectionType.PREFERRED;
        boolean everything = request.topicPartitions == null;
        Set<TopicPartition> wanted = everything ? outOfOrder(type) : named(request);
        if (wanted.isEmpty()) {
            reply.send(new ElectLeadersResponseData());
            return;
        }
        controller
                .onBehalfOf(context.caller())
                .electLeaders(type, wanted, request.timeoutMs)
                .whenComplete((results, failure) -> ApiDispatcher.attempt(context, request, reply, () -> {
                    if (failure != null) {
                        throw new IllegalStateException(failure);
                    }
                    reply.send(response(results, everything, typed));
                }));
    }

    private static Set<TopicPartition> named(ElectLeadersRequestData request) {
        Set<TopicPartition> named = new LinkedHashSet<>();
        request.topicPartitions.forEach(
                topic -> topic.partitions.forEach(partition -> named.add(new TopicPartition(topic.topic, partition))));
        return named;
    }

    /** Of all partitions those where there is something to do. */
    private Set<TopicPartition> outOfOrder(ElectionType type) {
        ClusterView view = cluster.view();
        Set<TopicPartition> found = new LinkedHashSet<>();
        for (ClusterView.Topic topic : view.topics()) {
            for (ClusterView.Partition partition : topic.partitions()) {
                boolean inOrder = type == ElectionType.UNCLEAN
                        ? view.isAlive(partition.leader())
                        : partition.leader().equals(partition.assignedReplicas().get(0));
                if (!inOrder) {
                    found.add(new TopicPartition(topic.name(), partition.number()));
                }
            }
        }
        return found;
    }

    private static ElectLeadersResponseData response(List<PartitionResult> results, boolean everything, boolean typed) {
        ElectLeadersResponseData response = new ElectLeadersResponseData();
        if (typed && PartitionResults.isNotController(results)) {
            response.errorCode = ErrorCode.NOT_CONTROLLER.code();
        }
        Map<String, ReplicaElectionResult> topics = new LinkedHashMap<>();
        for (PartitionResult result : results) {
            Refusal refusal = result.refusal();
            if (everything && refusal != null && refusal.reason() == Reason.ELECTION_NOT_NEEDED) {
                continue;
            }
            ReplicaElectionResult topic =
                    topics.computeIfAbsent(result.partition().topic(), name -> {
                        ReplicaElectionResult made = new ReplicaElectionResult();
                        made.topic = name;
                        return made;
                    });
            ElectLeadersResponseData.PartitionResult line = new ElectLeadersResponseData.PartitionResult();
            line.partitionId = result.partition().partition();
            line.errorCode = WireErrors.codeOf(refusal == null ? null : refusal.reason());
            line.errorMessage = refusal == null ? null : refusal.message();
            topic.partitionResult.add(line);
        }
        response.replicaElectionResults.addAll(topics.values());
        return response;
    }
}
