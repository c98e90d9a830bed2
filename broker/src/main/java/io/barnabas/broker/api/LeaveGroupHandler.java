package io.barnabas.broker.api;

import io.barnabas.consumer.coordinator.GroupRequests;
import io.barnabas.consumer.coordinator.group.LeaveGroup;
import io.barnabas.consumer.coordinator.group.LeaveGroup.Leaver;
import io.barnabas.protocol.message.ApiMessage;
import io.barnabas.protocol.message.LeaveGroupRequestData;
import io.barnabas.protocol.message.LeaveGroupResponseData;
import io.barnabas.protocol.message.LeaveGroupResponseData.MemberResponse;
import java.util.List;

/** LeaveGroup, versions 0 to 5: one member, or from version 3 on several, each with a code of its own. */
public final class LeaveGroupHandler implements RequestHandler<LeaveGroupRequestData> {
    private static final short FIRST_WITH_MEMBERS = 3;

    private final GroupRequests groups;

    public LeaveGroupHandler(GroupRequests groups) {
        this.groups = groups;
    }

    @Override
    public void handle(RequestContext context, LeaveGroupRequestData request, Reply reply) {
        short version = context.apiVersion();
        List<Leaver> leavers = version < FIRST_WITH_MEMBERS
                ? List.of(new Leaver(request.memberId, null, null))
                : request.members.stream()
                        .map(member -> new Leaver(member.memberId, member.groupInstanceId, member.reason))
                        .toList();
        groups.leave(
                new LeaveGroup(request.groupId, leavers),
                new GroupReply<>(context, request, reply, answer -> response(answer, version)));
    }

    private static ApiMessage response(LeaveGroup.Answer answer, short version) {
        LeaveGroupResponseData response = new LeaveGroupResponseData();
        response.errorCode = WireErrors.codeOf(answer.error());
        if (answer.error() != null) {
            return response;
        }
        if (version < FIRST_WITH_MEMBERS) {
            response.errorCode = WireErrors.codeOf(answer.members().get(0).error());
            return response;
        }
        for (LeaveGroup.Left left : answer.members()) {
            MemberResponse line = new MemberResponse();
            line.memberId = left.memberId();
            line.groupInstanceId = left.groupInstanceId();
            line.errorCode = WireErrors.codeOf(left.error());
            response.members.add(line);
        }
        return response;
    }
}
