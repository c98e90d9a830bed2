/**
 * Ports to what the cluster remembers. Every write is compare-and-set, the controller's writes also name its
 * {@link io.barnabas.coordination.store.Term} and fail once another controller was elected. Answers come on any thread;
 * a stage fails only with {@link io.barnabas.coordination.store.CoordinationException}, when the world did not answer.
 * Begin at {@link io.barnabas.coordination.store.ControllerLease} and {@link io.barnabas.coordination.store.PartitionStateStore}.
 */
package io.barnabas.coordination.store;
