package io.barnabas.coordination;

import io.barnabas.coordination.control.BrokerInfo;
import io.barnabas.coordination.control.ControlMessage;
import io.barnabas.model.BrokerId;
import java.util.Collection;

/** Port: carries the controller's messages to brokers. Called from the controller's loop; must not block. */
@FunctionalInterface
public interface ControlSender {
    /**
     * Calls for one broker come in the order in which {@code to} must see the messages.
     *
     * @param brokerEpoch the registration it is meant for; once that has ended the message is dropped (CTRL-18)
     */
    void send(BrokerId to, long brokerEpoch, ControlMessage message);

    /** This broker is controller from now on; what was left to send of an earlier term is dropped. */
    default void begin(int controllerEpoch) {}

    /** All brokers that are registered now: channels to them are kept open, channels to other registrations closed. */
    default void registered(Collection<BrokerInfo> brokers) {}

    /** Has a broker that was fenced, and turned out to be alive, make a new registration (FFD-09). */
    default void registerAgain(BrokerId to, long brokerEpoch) {}

    /** The term is over: nothing is sent any more. */
    default void end() {}
}
