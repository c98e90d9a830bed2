/**
 * What the controller tells brokers: the whole cluster first, then numbered changes. Plain values that know no wire format.
 * Begin at {@link io.barnabas.coordination.control.ControlMessage}.
 */
package io.barnabas.coordination.control;
