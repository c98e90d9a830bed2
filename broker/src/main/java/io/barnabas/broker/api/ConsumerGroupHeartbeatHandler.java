package io.barnabas.broker.api;

import io.barnabas.consumer.coordinator.GroupRequests;
import io.barnabas.consumer.coordinator.group.ConsumerHeartbeat;
import io.barnabas.consumer.coordinator.journal.TopicPartitions;
import io.barnabas.protocol.ErrorCode;
import io.barnabas.protocol.message.ApiMessage;
import io.barnabas.protocol.message.ConsumerGroupHeartbeatRequestData;
import io.barnabas.protocol.message.ConsumerGroupHeartbeatResponseData;
import java.util.List;
import java.util.function.BooleanSupplier;

/** ConsumerGroupHeartbeat, versions 0 and 1 (KIP-848); refused while the cluster has not finalized {@code group.version}. */
public final class ConsumerGroupHeartbeatHandler implements RequestHandler<ConsumerGroupHeartbeatRequestData> {
    private final GroupRequests groups;
    private final BooleanSupplier enabled;

    /** @param enabled whether the consumer protocol is switched on in this cluster */
    public ConsumerGroupHeartbeatHandler(GroupRequests groups, BooleanSupplier enabled) {
        this.groups = groups;
        this.enabled = enabled;
    }

    @Override
    public void handle(RequestContext context, ConsumerGroupHeartbeatRequestData request, Reply reply) {
        if (!enabled.getAsBoolean()) {
            reply.send(ErrorReplies.to(request, context.apiVersion(), ErrorCode.UNSUPPORTED_VERSION, null));
            return;
        }
        ConsumerHeartbeat command = new ConsumerHeartbeat(
                context.apiVersion(),
                request.groupId,
                request.memberId,
                request.memberEpoch,
                request.instanceId,
                request.rackId,
                request.rebalanceTimeoutMs,
                request.subscribedTopicNames,
                request.subscribedTopicRegex,
                request.serverAssignor,
                owned(request.topicPartitions),
                Clients.id(context),
                Clients.host(context));
        context.releaseRequest();
        groups.consumerHeartbeat(
                command, new GroupReply<>(context, request, reply, ConsumerGroupHeartbeatHandler::response));
    }

    private static List<TopicPartitions> owned(List<ConsumerGroupHeartbeatRequestData.TopicPartitions> told) {
        return told == null
                ? null
                : told.stream()
                        .map(topic -> new TopicPartitions(topic.topicId, topic.partitions))
                        .toList();
    }

    private static ApiMessage response(ConsumerHeartbeat.Answer answer) {
        ConsumerGroupHeartbeatResponseData response = new ConsumerGroupHeartbeatResponseData();
        response.errorCode = WireErrors.codeOf(answer.error());
        response.errorMessage = answer.message();
        response.memberId = answer.memberId();
        response.memberEpoch = answer.memberEpoch();
        response.heartbeatIntervalMs = answer.heartbeatIntervalMs();
        if (answer.assignment() != null) {
            response.assignment = new ConsumerGroupHeartbeatResponseData.Assignment();
            for (TopicPartitions topic : answer.assignment()) {
                var line = new ConsumerGroupHeartbeatResponseData.TopicPartitions();
                line.topicId = topic.topicId();
                line.partitions = topic.partitions();
                response.assignment.topicPartitions.add(line);
            }
        }
        return response;
    }
}
