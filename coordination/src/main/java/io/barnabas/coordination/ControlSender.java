package io.barnabas.coordination;

import io.barnabas.coordination.control.ControlMessage;
import io.barnabas.model.BrokerId;

/** Port: carries the controller's messages to brokers. */
public interface ControlSender {
    /**
     * Called from the controller's loop in the order in which {@code to} must see the messages; must not block.
     *
     * @param brokerEpoch the registration it is meant for; once that has ended the message is dropped (CTRL-18)
     */
    void send(BrokerId to, long brokerEpoch, ControlMessage message);
}
