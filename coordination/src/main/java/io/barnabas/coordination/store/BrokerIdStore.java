package io.barnabas.coordination.store;

import io.barnabas.model.BrokerId;
import java.util.concurrent.CompletionStage;

/** Makes ids for brokers that have none. */
public interface BrokerIdStore {
    /** @param reservedMax {@code reserved.broker.max.id}: the new id is higher */
    CompletionStage<BrokerId> next(int reservedMax);
}
