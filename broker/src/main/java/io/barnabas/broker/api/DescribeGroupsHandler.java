package io.barnabas.broker.api;

import io.barnabas.consumer.coordinator.GroupRequests;
import io.barnabas.consumer.coordinator.group.GroupDescription;
import io.barnabas.model.Refusal;
import io.barnabas.protocol.message.DescribeGroupsRequestData;
import io.barnabas.protocol.message.DescribeGroupsResponseData;
import io.barnabas.protocol.message.DescribeGroupsResponseData.DescribedGroup;
import io.barnabas.protocol.message.DescribeGroupsResponseData.DescribedGroupMember;
import java.util.LinkedHashSet;
import java.util.List;

/** DescribeGroups, versions 0 to 6, of groups of the classic protocol. What is none is Dead; only version 6 calls that an error (GROUP-26). */
public final class DescribeGroupsHandler implements RequestHandler<DescribeGroupsRequestData> {
    /** First version that tells Dead groups from those that are not there (KIP-1043). */
    private static final short FIRST_WITH_NOT_FOUND = 6;

    private final GroupRequests groups;

    public DescribeGroupsHandler(GroupRequests groups) {
        this.groups = groups;
    }

    @Override
    public void handle(RequestContext context, DescribeGroupsRequestData request, Reply reply) {
        List<String> groupIds = List.copyOf(new LinkedHashSet<>(request.groups));
        int operations = AuthorizedOperations.ofGroup(request.includeAuthorizedOperations);
        short version = context.apiVersion();
        var answers = new AnswerGathering<DescribedGroup>(context, request, reply, groupIds.size(), lines -> {
            DescribeGroupsResponseData response = new DescribeGroupsResponseData();
            response.groups = lines;
            return response;
        });
        for (int i = 0; i < groupIds.size(); i++) {
            String groupId = groupIds.get(i);
            groups.describe(
                    groupId,
                    answers.slot(
                            i, answer -> described(answer, version, operations), refusal -> refused(groupId, refusal)));
        }
        answers.sendIfEmpty();
    }

    private static DescribedGroup described(GroupDescription.Classic answer, short version, int operations) {
        DescribedGroup line = new DescribedGroup();
        line.groupId = answer.groupId();
        line.groupState = answer.state();
        line.protocolType = answer.protocolType();
        line.protocolData = answer.protocolName();
        line.authorizedOperations = operations;
        boolean notFound = answer.error() == Refusal.Reason.GROUP_ID_NOT_FOUND;
        if (!notFound || version >= FIRST_WITH_NOT_FOUND) {
            line.errorCode = WireErrors.codeOf(answer.error());
            line.errorMessage = answer.message();
        }
        for (GroupDescription.ClassicMember member : answer.members()) {
            DescribedGroupMember at = new DescribedGroupMember();
            at.memberId = member.memberId();
            at.groupInstanceId = member.groupInstanceId();
            at.clientId = member.clientId();
            at.clientHost = member.clientHost();
            at.memberMetadata = member.metadata();
            at.memberAssignment = member.assignment();
            line.members.add(at);
        }
        return line;
    }

    private static DescribedGroup refused(String groupId, Refusal refusal) {
        DescribedGroup line = new DescribedGroup();
        line.groupId = groupId;
        line.errorCode = WireErrors.codeOf(refusal);
        line.errorMessage = refusal.message();
        return line;
    }
}
