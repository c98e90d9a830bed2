package io.barnabas.broker.api;

import io.barnabas.consumer.coordinator.GroupRequests;
import io.barnabas.consumer.coordinator.group.GroupHeartbeat;
import io.barnabas.protocol.message.HeartbeatRequestData;
import io.barnabas.protocol.message.HeartbeatResponseData;

/** Heartbeat, versions 0 to 4. */
public final class HeartbeatHandler implements RequestHandler<HeartbeatRequestData> {
    private final GroupRequests groups;

    public HeartbeatHandler(GroupRequests groups) {
        this.groups = groups;
    }

    @Override
    public void handle(RequestContext context, HeartbeatRequestData request, Reply reply) {
        GroupHeartbeat command =
                new GroupHeartbeat(request.groupId, request.generationId, request.memberId, request.groupInstanceId);
        groups.heartbeat(command, new GroupReply<>(context, request, reply, answer -> {
            HeartbeatResponseData response = new HeartbeatResponseData();
            response.errorCode = WireErrors.codeOf(answer.error());
            return response;
        }));
    }
}
