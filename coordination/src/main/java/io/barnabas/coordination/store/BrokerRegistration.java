package io.barnabas.coordination.store;

import io.barnabas.model.BrokerId;
import io.barnabas.model.Endpoint;
import java.util.List;

/**
 * What a broker says about itself.
 *
 * @param rack null if it has none
 */
public record BrokerRegistration(BrokerId id, List<Endpoint> endpoints, String rack) {
    public BrokerRegistration {
        endpoints = List.copyOf(endpoints);
    }
}
