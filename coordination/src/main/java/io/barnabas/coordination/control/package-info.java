/**
 * What the controller says to brokers, as plain values. Between processes they travel in a form of their own; the domain sees only these.
 * Begin at {@link io.barnabas.coordination.control.ControlMessage}.
 */
package io.barnabas.coordination.control;
