package io.barnabas.broker.api;

import io.barnabas.consumer.coordinator.GroupRequests;
import io.barnabas.consumer.coordinator.group.SyncGroup;
import io.barnabas.model.Refusal;
import io.barnabas.protocol.message.ApiMessage;
import io.barnabas.protocol.message.SyncGroupRequestData;
import io.barnabas.protocol.message.SyncGroupResponseData;
import java.util.HashMap;
import java.util.Map;

/** SyncGroup, versions 0 to 5. */
public final class SyncGroupHandler implements RequestHandler<SyncGroupRequestData> {
    /** First version that must say which protocol it means (KIP-559). */
    private static final short FIRST_WITH_PROTOCOL = 5;

    private final GroupRequests groups;

    public SyncGroupHandler(GroupRequests groups) {
        this.groups = groups;
    }

    @Override
    public void handle(RequestContext context, SyncGroupRequestData request, Reply reply) {
        if (context.apiVersion() >= FIRST_WITH_PROTOCOL
                && (request.protocolType == null || request.protocolName == null)) {
            reply.send(response(SyncGroup.Answer.refused(Refusal.Reason.INCONSISTENT_GROUP_PROTOCOL)));
            return;
        }
        Map<String, byte[]> assignments = new HashMap<>();
        request.assignments.forEach(line -> assignments.put(line.memberId, line.assignment));
        SyncGroup command = new SyncGroup(
                request.groupId,
                request.generationId,
                request.memberId,
                request.groupInstanceId,
                request.protocolType,
                request.protocolName,
                assignments);
        context.releaseRequest();
        groups.sync(command, new GroupReply<>(context, request, reply, SyncGroupHandler::response));
    }

    private static ApiMessage response(SyncGroup.Answer answer) {
        SyncGroupResponseData response = new SyncGroupResponseData();
        response.errorCode = WireErrors.codeOf(answer.error());
        response.protocolType = answer.protocolType();
        response.protocolName = answer.protocolName();
        response.assignment = answer.assignment();
        return response;
    }
}
