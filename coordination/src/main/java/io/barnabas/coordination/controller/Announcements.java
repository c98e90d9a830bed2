package io.barnabas.coordination.controller;

import io.barnabas.coordination.control.BrokerInfo;
import io.barnabas.coordination.control.ClusterChange;
import io.barnabas.coordination.control.ClusterState;
import io.barnabas.coordination.control.PartitionInfo;
import io.barnabas.coordination.control.TopicInfo;
import io.barnabas.model.BrokerId;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;

/** Tells brokers: everything once per registration, then changes with numbers that show a gap (CTRL-18, CTRL-19). */
final class Announcements {
    private final int controllerEpoch;
    private final BrokerId controller;
    private final ClusterImage image;

    /** By broker, the number of the next message; only brokers that have the full state. */
    private final Map<BrokerId, Long> nextSequence = new HashMap<>();

    Announcements(int controllerEpoch, BrokerId controller, ClusterImage image) {
        this.controllerEpoch = controllerEpoch;
        this.controller = controller;
        this.image = image;
    }

    /** The registration has ended; the next one gets everything. */
    void forget(BrokerId broker) {
        nextSequence.remove(broker);
    }

    void tell(Turn turn, List<ControllerEffect> effects) {
        if (turn.tellsSomething()) {
            tellChange(turn, effects);
        }
        if (!turn.fullState.isEmpty()) {
            tellEverything(turn, effects);
        }
    }

    private void tellChange(Turn turn, List<ControllerEffect> effects) {
        List<TopicInfo> topics = changedTopics(turn);
        for (BrokerInfo broker : image.brokers.registered()) {
            Long sequence = nextSequence.get(broker.id());
            if (sequence == null || turn.fullState.contains(broker.id())) {
                continue;
            }
            nextSequence.put(broker.id(), sequence + 1);
            ClusterChange change = new ClusterChange(
                    controllerEpoch,
                    controller,
                    sequence,
                    sequence - 1,
                    List.copyOf(turn.brokers.values()),
                    turn.goneBrokers,
                    topics,
                    turn.deletedTopics,
                    turn.configs,
                    turn.features);
            effects.add(new ControllerEffect.Tell(broker.id(), broker.brokerEpoch(), change));
        }
    }

    private void tellEverything(Turn turn, List<ControllerEffect> effects) {
        List<BrokerInfo> brokers = List.copyOf(image.brokers.registered());
        List<TopicInfo> topics = image.topics().stream()
                .filter(topic -> !topic.deleting)
                .map(topic -> withNew(topic, turn))
                .toList();
        ClusterState everything = new ClusterState(
                controllerEpoch, controller, 0, brokers, topics, image.configs.all(), image.features.levels());
        for (BrokerInfo broker : brokers) {
            if (turn.fullState.contains(broker.id())) {
                nextSequence.put(broker.id(), 1L);
                effects.add(new ControllerEffect.Tell(broker.id(), broker.brokerEpoch(), everything));
            }
        }
    }

    private static TopicInfo withNew(TopicEntry topic, Turn turn) {
        if (turn.newPartitions.isEmpty()) {
            return topic.info();
        }
        List<PartitionInfo> partitions = new ArrayList<>();
        for (PartitionEntry partition : topic.partitions.values()) {
            partitions.add(partition.info(turn.newPartitions.contains(partition)));
        }
        return new TopicInfo(topic.name, topic.id, partitions);
    }

    private static List<TopicInfo> changedTopics(Turn turn) {
        Map<TopicEntry, List<PartitionInfo>> byTopic = new LinkedHashMap<>();
        for (PartitionEntry partition : turn.partitions) {
            byTopic.computeIfAbsent(partition.topic, topic -> new ArrayList<>())
                    .add(partition.info(turn.newPartitions.contains(partition)));
        }
        List<TopicInfo> topics = new ArrayList<>();
        byTopic.forEach((topic, partitions) -> topics.add(new TopicInfo(topic.name, topic.id, partitions)));
        return topics;
    }
}
