package io.barnabas.broker.api;

import io.barnabas.coordination.ControllerClient;
import io.barnabas.coordination.control.PartitionResult;
import io.barnabas.coordination.control.Reassignment;
import io.barnabas.model.Refusal;
import io.barnabas.model.TopicPartition;
import io.barnabas.protocol.ErrorCode;
import io.barnabas.protocol.message.AlterPartitionReassignmentsRequestData;
import io.barnabas.protocol.message.AlterPartitionReassignmentsResponseData;
import io.barnabas.protocol.message.AlterPartitionReassignmentsResponseData.ReassignablePartitionResponse;
import io.barnabas.protocol.message.AlterPartitionReassignmentsResponseData.ReassignableTopicResponse;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;

/** Has the controller move partitions to other brokers, or call that off (REPL-28, REPL-29). */
public final class AlterPartitionReassignmentsHandler
        implements RequestHandler<AlterPartitionReassignmentsRequestData> {
    private final ControllerClient controller;

    public AlterPartitionReassignmentsHandler(ControllerClient controller) {
        this.controller = controller;
    }

    @Override
    public void handle(RequestContext context, AlterPartitionReassignmentsRequestData request, Reply reply) {
        Map<TopicPartition, Reassignment> asked = new LinkedHashMap<>();
        request.topics.forEach(topic -> topic.partitions.forEach(partition -> {
            TopicPartition id = new TopicPartition(topic.name, partition.partitionIndex);
            asked.put(id, new Reassignment(id, partition.replicas == null ? null : BrokerIds.of(partition.replicas)));
        }));
        boolean replicationFactorMayChange = request.allowReplicationFactorChange;
        if (asked.isEmpty()) {
            reply.send(response(List.of(), replicationFactorMayChange));
            return;
        }
        controller
                .onBehalfOf(context.caller())
                .alterReassignments(List.copyOf(asked.values()), replicationFactorMayChange, request.timeoutMs)
                .whenComplete((results, failure) -> ApiDispatcher.attempt(context, request, reply, () -> {
                    if (failure != null) {
                        throw new IllegalStateException(failure);
                    }
                    reply.send(response(results, replicationFactorMayChange));
                }));
    }

    private static AlterPartitionReassignmentsResponseData response(
            List<PartitionResult> results, boolean replicationFactorMayChange) {
        AlterPartitionReassignmentsResponseData response = new AlterPartitionReassignmentsResponseData();
        response.allowReplicationFactorChange = replicationFactorMayChange;
        response.errorMessage = null;
        if (PartitionResults.isNotController(results)) {
            response.errorCode = ErrorCode.NOT_CONTROLLER.code();
        }
        Map<String, ReassignableTopicResponse> topics = new LinkedHashMap<>();
        for (PartitionResult result : results) {
            Refusal refusal = result.refusal();
            ReassignablePartitionResponse line = new ReassignablePartitionResponse();
            line.partitionIndex = result.partition().partition();
            line.errorCode = WireErrors.codeOf(refusal == null ? null : refusal.reason());
            line.errorMessage = refusal == null ? null : refusal.message();
            topics.computeIfAbsent(result.partition().topic(), name -> {
                        ReassignableTopicResponse made = new ReassignableTopicResponse();
                        made.name = name;
                        return made;
                    })
                    .partitions
                    .add(line);
        }
        response.responses.addAll(topics.values());
        return response;
    }
}
