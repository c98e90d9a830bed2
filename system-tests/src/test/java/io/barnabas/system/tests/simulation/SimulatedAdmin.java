package io.barnabas.system.tests.simulation;

import io.barnabas.model.BrokerId;
import io.barnabas.protocol.ErrorCode;
import io.barnabas.protocol.message.CreateTopicsRequestData;
import io.barnabas.protocol.message.CreateTopicsResponseData;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;

/** Makes the topics that the others use. */
final class SimulatedAdmin extends SimulatedClient {
    private static final short CREATE_VERSION = 7;
    private static final int CREATE_TIMEOUT_MS = 2_000;

    SimulatedAdmin(SimulatedCluster cluster, String name, int place) {
        super(cluster, name, place);
    }

    /** Tries until it is there, then goes on. */
    void create(String topic, List<List<BrokerId>> assignment, Map<String, String> configs, Runnable then) {
        CreateTopicsRequestData.CreatableTopic entry = new CreateTopicsRequestData.CreatableTopic();
        entry.name = topic;
        entry.numPartitions = -1;
        entry.replicationFactor = -1;
        entry.assignments = new ArrayList<>();
        for (int partition = 0; partition < assignment.size(); partition++) {
            CreateTopicsRequestData.CreatableReplicaAssignment replicas =
                    new CreateTopicsRequestData.CreatableReplicaAssignment();
            replicas.partitionIndex = partition;
            replicas.brokerIds = new ArrayList<>(
                    assignment.get(partition).stream().map(BrokerId::value).toList());
            entry.assignments.add(replicas);
        }
        entry.configs = new ArrayList<>();
        new TreeMap<>(configs).forEach((name, value) -> {
            CreateTopicsRequestData.CreatableTopicConfig config = new CreateTopicsRequestData.CreatableTopicConfig();
            config.name = name;
            config.value = value;
            entry.configs.add(config);
        });
        CreateTopicsRequestData request = new CreateTopicsRequestData();
        request.topics = new ArrayList<>(List.of(entry));
        request.timeoutMs = CREATE_TIMEOUT_MS;
        ask(anyBroker(), request, CREATE_VERSION, answer -> {
            ErrorCode error = answer instanceof CreateTopicsResponseData told
                    ? ErrorCode.of(told.topics.get(0).errorCode)
                    : ErrorCode.REQUEST_TIMED_OUT;
            world.note(() -> "create " + topic + ": " + error);
            if (error == ErrorCode.NONE || error == ErrorCode.TOPIC_ALREADY_EXISTS) {
                then.run();
            } else {
                after(100, 500, () -> create(topic, assignment, configs, then));
            }
        });
    }
}
