package io.barnabas.broker.api;

import io.barnabas.consumer.coordinator.GroupRequests;
import io.barnabas.consumer.coordinator.group.JoinGroup;
import io.barnabas.protocol.message.ApiMessage;
import io.barnabas.protocol.message.JoinGroupRequestData;
import io.barnabas.protocol.message.JoinGroupResponseData;
import io.barnabas.protocol.message.JoinGroupResponseData.JoinGroupResponseMember;

/** JoinGroup, versions 0 to 9. */
public final class JoinGroupHandler implements RequestHandler<JoinGroupRequestData> {
    /** First version with a rebalance timeout of its own. */
    private static final short FIRST_WITH_REBALANCE_TIMEOUT = 1;

    /** First version in which a new member is given its id before it is let in (KIP-394). */
    private static final short FIRST_WITH_REQUIRED_ID = 4;

    /** First version in which there may be no protocol. */
    private static final short FIRST_WITH_NULL_PROTOCOL = 7;

    /** First version in which a leader may be spared the assignment (KIP-814). */
    private static final short FIRST_WITH_SKIPPED_ASSIGNMENT = 9;

    private final GroupRequests groups;

    public JoinGroupHandler(GroupRequests groups) {
        this.groups = groups;
    }

    @Override
    public void handle(RequestContext context, JoinGroupRequestData request, Reply reply) {
        short version = context.apiVersion();
        JoinGroup command = new JoinGroup(
                request.groupId,
                request.memberId,
                request.groupInstanceId,
                Clients.id(context),
                Clients.host(context),
                version >= FIRST_WITH_REQUIRED_ID,
                version >= FIRST_WITH_SKIPPED_ASSIGNMENT,
                request.sessionTimeoutMs,
                version < FIRST_WITH_REBALANCE_TIMEOUT ? request.sessionTimeoutMs : request.rebalanceTimeoutMs,
                request.protocolType,
                request.protocols.stream()
                        .map(protocol -> new JoinGroup.Protocol(protocol.name, protocol.metadata))
                        .toList(),
                request.reason);
        context.releaseRequest();
        groups.join(command, new GroupReply<>(context, request, reply, answer -> response(answer, version)));
    }

    private static ApiMessage response(JoinGroup.Answer answer, short version) {
        JoinGroupResponseData response = new JoinGroupResponseData();
        response.errorCode = WireErrors.codeOf(answer.error());
        response.generationId = answer.generationId();
        response.protocolType = answer.protocolType();
        response.protocolName =
                answer.protocolName() == null && version < FIRST_WITH_NULL_PROTOCOL ? "" : answer.protocolName();
        response.leader = answer.leader();
        response.skipAssignment = answer.skipAssignment();
        response.memberId = answer.memberId();
        for (JoinGroup.Member member : answer.members()) {
            JoinGroupResponseMember line = new JoinGroupResponseMember();
            line.memberId = member.memberId();
            line.groupInstanceId = member.groupInstanceId();
            line.metadata = member.metadata();
            response.members.add(line);
        }
        return response;
    }
}
