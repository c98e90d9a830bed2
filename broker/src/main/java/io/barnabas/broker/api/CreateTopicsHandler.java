package io.barnabas.broker.api;

import io.barnabas.broker.api.ConfigDescriptions.Described;
import io.barnabas.broker.metadata.CurrentCluster;
import io.barnabas.coordination.ControllerClient;
import io.barnabas.coordination.control.NewTopic;
import io.barnabas.coordination.control.TopicResult;
import io.barnabas.model.BrokerId;
import io.barnabas.model.Refusal;
import io.barnabas.protocol.ErrorCode;
import io.barnabas.protocol.message.CreateTopicsRequestData;
import io.barnabas.protocol.message.CreateTopicsRequestData.CreatableReplicaAssignment;
import io.barnabas.protocol.message.CreateTopicsRequestData.CreatableTopic;
import io.barnabas.protocol.message.CreateTopicsRequestData.CreatableTopicConfig;
import io.barnabas.protocol.message.CreateTopicsResponseData;
import io.barnabas.protocol.message.CreateTopicsResponseData.CreatableTopicConfigs;
import io.barnabas.protocol.message.CreateTopicsResponseData.CreatableTopicResult;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;

/** Creates topics by way of the controller, which judges them (CTRL-20); what is wrong with the request itself is judged here. */
public final class CreateTopicsHandler implements RequestHandler<CreateTopicsRequestData> {
    private static final int UNSET = -1;

    private final ControllerClient controller;
    private final CurrentCluster cluster;
    private final ConfigDescriptions descriptions;

    public CreateTopicsHandler(ControllerClient controller, CurrentCluster cluster, ConfigDescriptions descriptions) {
        this.controller = controller;
        this.cluster = cluster;
        this.descriptions = descriptions;
    }

    @Override
    public void handle(RequestContext context, CreateTopicsRequestData request, Reply reply) {
        Map<String, CreatableTopicResult> answers = new LinkedHashMap<>();
        Map<String, Integer> mentions = new HashMap<>();
        request.topics.forEach(topic -> mentions.merge(topic.name, 1, Integer::sum));
        Map<String, NewTopic> asked = new LinkedHashMap<>();
        for (CreatableTopic topic : request.topics) {
            if (mentions.get(topic.name) > 1) {
                answers.put(topic.name, refused(topic.name, ErrorCode.INVALID_REQUEST, "Duplicate topic name."));
                continue;
            }
            CreatableTopicResult wrong = wrongForm(topic);
            answers.put(topic.name, wrong);
            if (wrong == null) {
                asked.put(topic.name, newTopic(topic));
            }
        }
        if (asked.isEmpty()) {
            reply.send(response(answers));
            return;
        }
        controller
                .onBehalfOf(context.caller())
                .createTopics(List.copyOf(asked.values()), request.validateOnly, request.timeoutMs)
                .whenComplete((results, failure) -> ApiDispatcher.attempt(context, request, reply, () -> {
                    if (failure != null) {
                        asked.keySet()
                                .forEach(name -> answers.put(
                                        name, refused(name, ErrorCode.UNKNOWN_SERVER_ERROR, failure.toString())));
                    } else {
                        results.forEach(result -> answers.put(result.name(), answer(result, asked.get(result.name()))));
                    }
                    reply.send(response(answers));
                }));
    }

    private CreatableTopicResult answer(TopicResult result, NewTopic asked) {
        Refusal refusal = result.refusal();
        if (refusal != null) {
            return refused(result.name(), WireErrors.of(refusal.reason()), refusal.message());
        }
        CreatableTopicResult line = new CreatableTopicResult();
        line.name = result.name();
        line.topicId = result.topicId();
        line.numPartitions = result.partitions();
        line.replicationFactor = (short) result.replicationFactor();
        line.configs = new ArrayList<>();
        for (Described config :
                descriptions.topic(asked.configs(), cluster.view().configs())) {
            CreatableTopicConfigs told = new CreatableTopicConfigs();
            told.name = config.name();
            told.value = config.value();
            told.readOnly = config.readOnly();
            told.configSource = config.source().wireId();
            told.isSensitive = config.sensitive();
            line.configs.add(told);
        }
        return line;
    }

    private static CreatableTopicResult wrongForm(CreatableTopic topic) {
        String name = topic.name;
        if (!topic.assignments.isEmpty() && (topic.numPartitions != UNSET || topic.replicationFactor != UNSET)) {
            return refused(
                    name,
                    ErrorCode.INVALID_REQUEST,
                    "Give either the partitions and their replication factor or a replica assignment, not both.");
        }
        for (CreatableTopicConfig config : topic.configs) {
            if (config.value == null) {
                return refused(
                        name, ErrorCode.INVALID_CONFIG, "Null value not supported for topic configs: " + config.name);
            }
        }
        long distinct = topic.assignments.stream()
                .mapToInt(assignment -> assignment.partitionIndex)
                .distinct()
                .count();
        if (distinct != topic.assignments.size()) {
            return refused(
                    name,
                    ErrorCode.INVALID_REPLICA_ASSIGNMENT,
                    "A partition stands more than once in the replica assignment.");
        }
        return null;
    }

    private static NewTopic newTopic(CreatableTopic topic) {
        Map<Integer, List<BrokerId>> assignment = new TreeMap<>();
        for (CreatableReplicaAssignment partition : topic.assignments) {
            assignment.put(partition.partitionIndex, BrokerIds.of(partition.brokerIds));
        }
        Map<String, String> configs = new TreeMap<>();
        topic.configs.forEach(config -> configs.put(config.name, config.value));
        return new NewTopic(topic.name, topic.numPartitions, topic.replicationFactor, assignment, configs);
    }

    private static CreatableTopicResult refused(String name, ErrorCode error, String message) {
        CreatableTopicResult line = new CreatableTopicResult();
        line.name = name;
        line.errorCode = error.code();
        line.errorMessage = message;
        line.configs = null;
        return line;
    }

    private static CreateTopicsResponseData response(Map<String, CreatableTopicResult> answers) {
        CreateTopicsResponseData response = new CreateTopicsResponseData();
        response.topics.addAll(answers.values());
        return response;
    }
}
