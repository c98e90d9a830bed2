package io.barnabas.broker.api;

import io.barnabas.consumer.coordinator.GroupRequests;
import io.barnabas.protocol.message.DeleteGroupsRequestData;
import io.barnabas.protocol.message.DeleteGroupsResponseData;
import io.barnabas.protocol.message.DeleteGroupsResponseData.DeletableGroupResult;
import java.util.LinkedHashSet;
import java.util.List;

/** DeleteGroups, versions 0 to 2: each group has a code of its own (GROUP-25). */
public final class DeleteGroupsHandler implements RequestHandler<DeleteGroupsRequestData> {
    private final GroupRequests groups;

    public DeleteGroupsHandler(GroupRequests groups) {
        this.groups = groups;
    }

    @Override
    public void handle(RequestContext context, DeleteGroupsRequestData request, Reply reply) {
        List<String> groupIds = List.copyOf(new LinkedHashSet<>(request.groupsNames));
        var answers = new AnswerGathering<DeletableGroupResult>(context, request, reply, groupIds.size(), lines -> {
            DeleteGroupsResponseData response = new DeleteGroupsResponseData();
            response.results = lines;
            return response;
        });
        for (int i = 0; i < groupIds.size(); i++) {
            String groupId = groupIds.get(i);
            groups.deleteGroup(
                    groupId,
                    answers.slot(
                            i,
                            answer -> result(groupId, WireErrors.codeOf(answer.error())),
                            refusal -> result(groupId, WireErrors.codeOf(refusal))));
        }
        answers.sendIfEmpty();
    }

    private static DeletableGroupResult result(String groupId, short code) {
        DeletableGroupResult line = new DeletableGroupResult();
        line.groupId = groupId;
        line.errorCode = code;
        return line;
    }
}
