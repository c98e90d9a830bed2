package io.barnabas.broker.api;

import io.barnabas.coordination.ControllerClient;
import io.barnabas.coordination.control.NewPartitions;
import io.barnabas.coordination.control.TopicResult;
import io.barnabas.model.BrokerId;
import io.barnabas.model.Refusal;
import io.barnabas.protocol.ErrorCode;
import io.barnabas.protocol.message.CreatePartitionsRequestData;
import io.barnabas.protocol.message.CreatePartitionsRequestData.CreatePartitionsTopic;
import io.barnabas.protocol.message.CreatePartitionsResponseData;
import io.barnabas.protocol.message.CreatePartitionsResponseData.CreatePartitionsTopicResult;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;

/** Gives topics more partitions by way of the controller, which judges and places them (CTRL-25). */
public final class CreatePartitionsHandler implements RequestHandler<CreatePartitionsRequestData> {
    private final ControllerClient controller;

    public CreatePartitionsHandler(ControllerClient controller) {
        this.controller = controller;
    }

    @Override
    public void handle(RequestContext context, CreatePartitionsRequestData request, Reply reply) {
        Map<String, Integer> mentions = new HashMap<>();
        request.topics.forEach(topic -> mentions.merge(topic.name, 1, Integer::sum));
        Map<String, CreatePartitionsTopicResult> answers = new LinkedHashMap<>();
        Map<String, NewPartitions> asked = new LinkedHashMap<>();
        for (CreatePartitionsTopic topic : request.topics) {
            if (mentions.get(topic.name) > 1) {
                answers.put(topic.name, line(topic.name, ErrorCode.INVALID_REQUEST, "Duplicate topic in request."));
            } else if (topic.assignments != null && topic.assignments.isEmpty()) {
                answers.put(
                        topic.name,
                        line(
                                topic.name,
                                ErrorCode.INVALID_REPLICA_ASSIGNMENT,
                                "A replica assignment was given, but for no partition."));
            } else {
                answers.put(topic.name, null);
                asked.put(topic.name, newPartitions(topic));
            }
        }
        if (asked.isEmpty()) {
            reply.send(response(answers));
            return;
        }
        controller
                .onBehalfOf(context.caller())
                .createPartitions(List.copyOf(asked.values()), request.validateOnly, request.timeoutMs)
                .whenComplete((results, failure) -> ApiDispatcher.attempt(context, request, reply, () -> {
                    if (failure != null) {
                        asked.keySet()
                                .forEach(name -> answers.put(
                                        name, line(name, ErrorCode.UNKNOWN_SERVER_ERROR, failure.toString())));
                    } else {
                        results.forEach(result -> answers.put(result.name(), answer(result)));
                    }
                    reply.send(response(answers));
                }));
    }

    private static NewPartitions newPartitions(CreatePartitionsTopic topic) {
        List<List<BrokerId>> assignment = new ArrayList<>();
        if (topic.assignments != null) {
            topic.assignments.forEach(each -> assignment.add(BrokerIds.of(each.brokerIds)));
        }
        return new NewPartitions(topic.name, topic.count, assignment);
    }

    private static CreatePartitionsTopicResult answer(TopicResult result) {
        Refusal refusal = result.refusal();
        return refusal == null
                ? line(result.name(), ErrorCode.NONE, null)
                : line(result.name(), WireErrors.of(refusal.reason()), refusal.message());
    }

    private static CreatePartitionsTopicResult line(String name, ErrorCode error, String message) {
        CreatePartitionsTopicResult line = new CreatePartitionsTopicResult();
        line.name = name;
        line.errorCode = error.code();
        line.errorMessage = message;
        return line;
    }

    private static CreatePartitionsResponseData response(Map<String, CreatePartitionsTopicResult> answers) {
        CreatePartitionsResponseData response = new CreatePartitionsResponseData();
        response.results.addAll(answers.values());
        return response;
    }
}
