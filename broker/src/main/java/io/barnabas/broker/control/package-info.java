/**
 * Where the controller's words become deeds on this broker. {@link io.barnabas.broker.control.ControlHandler} takes the messages in
 * order, refuses those of older controllers, has {@link io.barnabas.broker.control.ReplicaAssignments} make, lead, follow or drop
 * partitions, and then swaps the picture that clients are told. Nothing is decided here.
 */
package io.barnabas.broker.control;
