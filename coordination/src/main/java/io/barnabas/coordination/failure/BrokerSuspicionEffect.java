package io.barnabas.coordination.failure;

import io.barnabas.model.BrokerId;

/** What {@link BrokerSuspicion} wants done. */
public sealed interface BrokerSuspicionEffect {
    /** Calls the carrier's method for this kind of effect. */
    void carryOut(Carrier carrier);

    /** One method for each kind of effect. */
    interface Carrier {
        void probe(BrokerId broker, long brokerEpoch, int round, long delayMs);

        void suspect(BrokerId broker, long brokerEpoch);

        void reappeared(BrokerId broker, long brokerEpoch);
    }

    /**
     * In {@code delayMs}, connect to every endpoint through which brokers reach this one, and report the result with this round.
     * A connection that succeeds is used for a new channel.
     */
    record Probe(BrokerId broker, long brokerEpoch, int round, long delayMs) implements BrokerSuspicionEffect {
        @Override
        public void carryOut(Carrier carrier) {
            carrier.probe(broker, brokerEpoch, round, delayMs);
        }
    }

    /** Fence this registration now (FFD-04). */
    record Suspect(BrokerId broker, long brokerEpoch) implements BrokerSuspicionEffect {
        @Override
        public void carryOut(Carrier carrier) {
            carrier.suspect(broker, brokerEpoch);
        }
    }

    /** It was suspected, and lives under the same registration: it has to make another (FFD-09). */
    record Reappeared(BrokerId broker, long brokerEpoch) implements BrokerSuspicionEffect {
        @Override
        public void carryOut(Carrier carrier) {
            carrier.reappeared(broker, brokerEpoch);
        }
    }
}
