package io.barnabas.coordination.store;

import io.barnabas.coordination.control.LastShutdown;
import io.barnabas.model.BrokerId;
import io.barnabas.model.Endpoint;
import java.util.List;
import java.util.UUID;

/**
 * What a broker says about itself.
 *
 * @param rack         null if it has none
 * @param incarnation  of its process, drawn at the start; null if it does not tell how it stopped before
 * @param lastShutdown how the process before ended
 */
public record BrokerRegistration(
        BrokerId id, List<Endpoint> endpoints, String rack, UUID incarnation, LastShutdown lastShutdown) {
    public BrokerRegistration {
        endpoints = List.copyOf(endpoints);
    }

    /** One that does not tell how it stopped before. */
    public BrokerRegistration(BrokerId id, List<Endpoint> endpoints, String rack) {
        this(id, endpoints, rack, null, LastShutdown.CLEAN);
    }
}
