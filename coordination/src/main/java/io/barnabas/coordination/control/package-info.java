/**
 * What brokers say to each other, past the clients: what the controller tells, the whole cluster first and then numbered changes, and what is
 * asked and answered. The values know no wire format; begin at {@link io.barnabas.coordination.control.ControlMessage} and
 * {@link io.barnabas.coordination.control.PeerRequest}. Their bytes are {@link io.barnabas.coordination.control.KryoControlCodec}'s:
 * whoever adds a value or a component adds its form, by the rules of {@code FormLedger}.
 */
package io.barnabas.coordination.control;
