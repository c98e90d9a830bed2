package io.barnabas.coordination.control;

import io.barnabas.model.BrokerId;
import java.util.List;
import java.util.Map;

/** Everything. What a broker knew before and is not in here is gone. */
public record ClusterState(
        int controllerEpoch,
        BrokerId controller,
        long sequence,
        List<BrokerInfo> brokers,
        List<TopicInfo> topics,
        Map<ConfigEntity, Map<String, String>> configs)
        implements ControlMessage {
    public ClusterState {
        brokers = List.copyOf(brokers);
        topics = List.copyOf(topics);
        configs = Map.copyOf(configs);
    }
}
