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
 * @param lastShutdown for the controller; {@code MACHINE} only until what follows from it is stored. Others are told {@code CLEAN}
 */
public record BrokerInfo(
        BrokerId id, long brokerEpoch, List<Endpoint> endpoints, String rack, LastShutdown lastShutdown) {
    public BrokerInfo {
        Objects.requireNonNull(id, "id");
        Objects.requireNonNull(lastShutdown, "lastShutdown");
        endpoints = List.copyOf(endpoints);
    }

    /** A broker whose logs are whole. */
    public BrokerInfo(BrokerId id, long brokerEpoch, List<Endpoint> endpoints, String rack) {
        this(id, brokerEpoch, endpoints, rack, LastShutdown.CLEAN);
    }

    public BrokerInfo withLastShutdown(LastShutdown last) {
        return new BrokerInfo(id, brokerEpoch, endpoints, rack, last);
    }
}
