package io.barnabas.consumer.coordinator.assignor;

import java.util.List;
import java.util.Map;
import java.util.UUID;

/**
 * What is to be divided, and among whom.
 *
 * @param subscribers each member once
 */
public record AssignmentTask(Map<UUID, TopicShape> topics, List<Subscriber> subscribers) {
    public AssignmentTask {
        topics = Map.copyOf(topics);
        subscribers = List.copyOf(subscribers);
    }
}
