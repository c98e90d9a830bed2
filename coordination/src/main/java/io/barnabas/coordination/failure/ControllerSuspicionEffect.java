package io.barnabas.coordination.failure;

import io.barnabas.model.BrokerId;
import java.util.List;

/** What {@link ControllerSuspicion} wants done. */
public sealed interface ControllerSuspicionEffect {
    /** Calls the carrier's method for this kind of effect. */
    void carryOut(Carrier carrier);

    /** One method for each kind of effect. */
    interface Carrier {
        void probe(BrokerId controller, int round, long delayMs);

        void askConfirmation(BrokerId controller, int controllerEpoch, int round, List<BrokerId> brokers);

        void usurp(BrokerId controller, int controllerEpoch);
    }

    /** In {@code delayMs}, connect to every endpoint through which brokers reach it, and report the result with this round. */
    record Probe(BrokerId controller, int round, long delayMs) implements ControllerSuspicionEffect {
        @Override
        public void carryOut(Carrier carrier) {
            carrier.probe(controller, round, delayMs);
        }
    }

    /** Ask these whether they are refused, too, and report each answer with this round; no answer in time is a no. */
    record AskConfirmation(BrokerId controller, int controllerEpoch, int round, List<BrokerId> brokers)
            implements ControllerSuspicionEffect {
        public AskConfirmation {
            brokers = List.copyOf(brokers);
        }

        @Override
        public void carryOut(Carrier carrier) {
            carrier.askConfirmation(controller, controllerEpoch, round, brokers);
        }
    }

    /** Take its office now. */
    record Usurp(BrokerId controller, int controllerEpoch) implements ControllerSuspicionEffect {
        @Override
        public void carryOut(Carrier carrier) {
            carrier.usurp(controller, controllerEpoch);
        }
    }
}
