package io.barnabas.broker.peer;

import io.barnabas.model.BrokerId;
import io.barnabas.model.Endpoint;
import java.util.concurrent.CompletionStage;

/** Where other brokers are reached. */
@FunctionalInterface
public interface PeerDirectory {
    /**
     * @param fresh what was found before did not lead there: look where it is stored
     * @return the endpoint of its listener for brokers; null if it has none, or is not registered
     */
    CompletionStage<Endpoint> find(BrokerId broker, boolean fresh);
}
