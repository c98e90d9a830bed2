package io.barnabas.broker.api;

import java.util.UUID;

/** Port: which topics the cluster has, as this broker was last told. Thread-safe, never blocks. */
public interface TopicLookup {
    /** Null if no topic has this id. */
    String topicName(UUID topicId);

    /** 0 if there is no such topic. */
    int partitionCount(String topic);
}
