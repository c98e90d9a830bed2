package io.barnabas.coordination.control;

import io.barnabas.model.BrokerId;
import io.barnabas.model.Endpoint;
import java.util.List;
import java.util.Objects;

/**
 * A registered broker.
 *
 * @param brokerEpoch number of this registration; a restarted broker has a higher one (KIP-380)
 * @param endpoints   its advertised listeners
 * @param rack        null if it has none
 */
public record BrokerInfo(BrokerId id, long brokerEpoch, List<Endpoint> endpoints, String rack) {
    public BrokerInfo {
        Objects.requireNonNull(id, "id");
        endpoints = List.copyOf(endpoints);
    }
}
