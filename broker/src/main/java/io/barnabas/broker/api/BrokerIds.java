package io.barnabas.broker.api;

import io.barnabas.model.BrokerId;
import java.util.ArrayList;
import java.util.List;

/** Lists of brokers as requests carry them. */
final class BrokerIds {
    private BrokerIds() {}

    /** {@link BrokerId} knows no number below -1; whatever is negative is no broker. */
    static List<BrokerId> of(List<Integer> ids) {
        List<BrokerId> brokers = new ArrayList<>(ids.size());
        ids.forEach(id -> brokers.add(id < 0 ? BrokerId.NONE : new BrokerId(id)));
        return brokers;
    }

    static List<Integer> toWire(List<BrokerId> brokers) {
        List<Integer> ids = new ArrayList<>(brokers.size());
        brokers.forEach(broker -> ids.add(broker.value()));
        return ids;
    }
}
