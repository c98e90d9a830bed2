package io.barnabas.broker.api;

import io.barnabas.consumer.coordinator.GroupRequests;
import io.barnabas.consumer.coordinator.group.GroupDescription;
import io.barnabas.protocol.message.ApiMessage;
import io.barnabas.protocol.message.ListGroupsRequestData;
import io.barnabas.protocol.message.ListGroupsResponseData;
import io.barnabas.protocol.message.ListGroupsResponseData.ListedGroup;
import java.util.List;
import java.util.Locale;
import java.util.Set;
import java.util.stream.Collectors;

/** ListGroups, versions 0 to 5: the groups that this broker coordinates; filters by state (version 4) and by type (version 5), either case. */
public final class ListGroupsHandler implements RequestHandler<ListGroupsRequestData> {
    private final GroupRequests groups;

    public ListGroupsHandler(GroupRequests groups) {
        this.groups = groups;
    }

    @Override
    public void handle(RequestContext context, ListGroupsRequestData request, Reply reply) {
        Set<String> states = lowerCase(request.statesFilter);
        Set<String> types = lowerCase(request.typesFilter);
        groups.list(new GroupReply<>(context, request, reply, answer -> response(answer, states, types)));
    }

    private static ApiMessage response(List<GroupDescription.Listed> answer, Set<String> states, Set<String> types) {
        ListGroupsResponseData response = new ListGroupsResponseData();
        for (GroupDescription.Listed group : answer) {
            if (passes(group.state(), states) && passes(group.groupType(), types)) {
                ListedGroup line = new ListedGroup();
                line.groupId = group.groupId();
                line.protocolType = group.protocolType();
                line.groupState = group.state();
                line.groupType = group.groupType();
                response.groups.add(line);
            }
        }
        return response;
    }

    private static boolean passes(String value, Set<String> filter) {
        return filter.isEmpty() || filter.contains(value.toLowerCase(Locale.ROOT));
    }

    private static Set<String> lowerCase(List<String> words) {
        return words.stream().map(word -> word.toLowerCase(Locale.ROOT)).collect(Collectors.toSet());
    }
}
