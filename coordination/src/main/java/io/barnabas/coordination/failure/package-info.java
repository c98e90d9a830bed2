/**
 * Judges whether a broker is dead before its session with the store has ended. Nothing in this package acts: it opens no
 * connection, reads no clock and talks to nobody. {@link BrokerSuspicion} is the controller's, {@link ControllerSuspicion} every
 * broker's. What they say is a suspicion, not a fact: only conditional writes make acting on it safe (FFD-02).
 */
package io.barnabas.coordination.failure;
