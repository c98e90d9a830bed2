package io.barnabas.broker.replica;

import io.barnabas.model.BrokerId;

/** Port: which registrations of brokers are current. */
@FunctionalInterface
public interface LiveBrokers {
    /** @param brokerEpoch -1 if the broker did not tell it */
    boolean isEligible(BrokerId broker, long brokerEpoch);
}
