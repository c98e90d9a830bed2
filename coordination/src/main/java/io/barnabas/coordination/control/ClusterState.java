package io.barnabas.coordination.control;

import io.barnabas.model.BrokerId;
import java.util.List;
import java.util.Map;

/**
 * Everything, as it is stored: what is not in here does not exist. Topics that are being deleted are left out.
 *
 * @param sequence always 0: changes are counted from here
 * @param features which are switched on
 */
public record ClusterState(
        int controllerEpoch,
        BrokerId controller,
        long sequence,
        List<BrokerInfo> brokers,
        List<TopicInfo> topics,
        Map<ConfigEntity, Map<String, String>> configs,
        FeatureLevels features)
        implements ControlMessage {
    public ClusterState {
        brokers = List.copyOf(brokers);
        topics = List.copyOf(topics);
        configs = Map.copyOf(configs);
    }

    /** A cluster in which no feature is switched on. */
    public ClusterState(
            int controllerEpoch,
            BrokerId controller,
            long sequence,
            List<BrokerInfo> brokers,
            List<TopicInfo> topics,
            Map<ConfigEntity, Map<String, String>> configs) {
        this(controllerEpoch, controller, sequence, brokers, topics, configs, FeatureLevels.NONE);
    }
}
