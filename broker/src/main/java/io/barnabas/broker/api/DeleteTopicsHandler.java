package io.barnabas.broker.api;

import io.barnabas.broker.metadata.ClusterView;
import io.barnabas.broker.metadata.CurrentCluster;
import io.barnabas.coordination.ControllerClient;
import io.barnabas.coordination.control.TopicRef;
import io.barnabas.coordination.control.TopicResult;
import io.barnabas.model.Refusal;
import io.barnabas.model.TopicIds;
import io.barnabas.protocol.ErrorCode;
import io.barnabas.protocol.message.DeleteTopicsRequestData;
import io.barnabas.protocol.message.DeleteTopicsRequestData.DeleteTopicState;
import io.barnabas.protocol.message.DeleteTopicsResponseData;
import io.barnabas.protocol.message.DeleteTopicsResponseData.DeletableTopicResult;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.UUID;

/** Deletes topics by name or by id, by way of the controller (CTRL-22, CTRL-26). */
public final class DeleteTopicsHandler implements RequestHandler<DeleteTopicsRequestData> {
    /** First version that asks by id and says so in its own list. */
    private static final int IDS_SINCE = 6;

    /** First version that knows TOPIC_DELETION_DISABLED. */
    private static final int DELETION_DISABLED_SINCE = 3;

    private final ControllerClient controller;
    private final CurrentCluster cluster;
    private final boolean deleteEnable;

    /** @param deleteEnable {@code delete.topic.enable} */
    public DeleteTopicsHandler(ControllerClient controller, CurrentCluster cluster, boolean deleteEnable) {
        this.controller = controller;
        this.cluster = cluster;
        this.deleteEnable = deleteEnable;
    }

    @Override
    public void handle(RequestContext context, DeleteTopicsRequestData request, Reply reply) {
        List<DeleteTopicState> states = context.apiVersion() >= IDS_SINCE ? request.topics : byName(request.topicNames);
        DeleteTopicsResponseData response = new DeleteTopicsResponseData();
        if (!deleteEnable) {
            ErrorCode error = context.apiVersion() >= DELETION_DISABLED_SINCE
                    ? ErrorCode.TOPIC_DELETION_DISABLED
                    : ErrorCode.INVALID_REQUEST;
            states.forEach(state ->
                    response.responses.add(line(state.name, state.topicId, error, "Topic deletion is disabled.")));
            reply.send(response);
            return;
        }
        Map<TopicRef, DeleteTopicState> asked = new LinkedHashMap<>();
        ClusterView view = cluster.view();
        Set<UUID> distinct = new HashSet<>();
        for (DeleteTopicState state : states) {
            boolean hasId = !TopicIds.ZERO.equals(state.topicId);
            if (hasId == (state.name != null)) {
                String message = hasId ? "Give a topic's name or its id, not both." : "Give a topic's name or its id.";
                response.responses.add(line(state.name, state.topicId, ErrorCode.INVALID_REQUEST, message));
                continue;
            }
            ClusterView.Topic topic = hasId ? view.topic(state.topicId) : view.topic(state.name);
            if (topic == null) {
                ErrorCode error = hasId ? ErrorCode.UNKNOWN_TOPIC_ID : ErrorCode.UNKNOWN_TOPIC_OR_PARTITION;
                response.responses.add(line(state.name, state.topicId, error, null));
            } else if (distinct.add(topic.id())) {
                asked.put(TopicRef.of(topic.id()), state);
            } else {
                response.responses.add(
                        line(state.name, state.topicId, ErrorCode.INVALID_REQUEST, "The topic stands there twice."));
            }
        }
        if (asked.isEmpty()) {
            reply.send(response);
            return;
        }
        List<TopicRef> order = new ArrayList<>(asked.keySet());
        controller
                .onBehalfOf(context.caller())
                .deleteTopics(order, request.timeoutMs)
                .whenComplete((results, failure) -> ApiDispatcher.attempt(context, request, reply, () -> {
                    int next = 0;
                    for (TopicRef ref : order) {
                        TopicResult result = failure == null && next < results.size() ? results.get(next++) : null;
                        response.responses.add(answer(view, ref, asked.get(ref), result, failure));
                    }
                    reply.send(response);
                }));
    }

    private static DeletableTopicResult answer(
            ClusterView view, TopicRef ref, DeleteTopicState state, TopicResult result, Throwable failure) {
        ClusterView.Topic topic = view.topic(ref.topicId());
        if (result == null) {
            return line(topic.name(), topic.id(), ErrorCode.UNKNOWN_SERVER_ERROR, String.valueOf(failure));
        }
        Refusal refusal = result.refusal();
        if (refusal == null) {
            return line(topic.name(), topic.id(), ErrorCode.NONE, null);
        }
        return line(state.name, state.topicId, WireErrors.of(refusal.reason()), refusal.message());
    }

    private static List<DeleteTopicState> byName(List<String> names) {
        List<DeleteTopicState> states = new ArrayList<>();
        for (String name : names) {
            DeleteTopicState state = new DeleteTopicState();
            state.name = name;
            states.add(state);
        }
        return states;
    }

    private static DeletableTopicResult line(String name, UUID id, ErrorCode error, String message) {
        DeletableTopicResult line = new DeletableTopicResult();
        line.name = name;
        line.topicId = id;
        line.errorCode = error.code();
        line.errorMessage = message;
        return line;
    }
}
