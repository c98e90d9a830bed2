package io.barnabas.broker.api;

import io.barnabas.model.BrokerId;
import io.barnabas.model.TopicPartition;

/** Port: who leads a partition now, so that a refused client need not ask for metadata (KIP-951). Thread-safe, never blocks. */
@FunctionalInterface
public interface LeaderHints {
    /**
     * @param listener the client's; the address is the one advertised there
     * @return null if no leader is known, or it has no such listener
     */
    Hint find(TopicPartition partition, String listener);

    /** @param rack null if the broker has none */
    record Hint(BrokerId leader, int leaderEpoch, String host, int port, String rack) {}
}
