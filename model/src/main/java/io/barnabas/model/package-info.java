/**
 * The words that every module shares: small values that cannot be wrong, and the three kinds of no
 * ({@link io.barnabas.model.Refusal}, exceptions of the shells, {@link io.barnabas.model.Invariant}).
 * Nothing here acts, and nothing here knows the wire, the disk or ZooKeeper.
 * Begin at {@link io.barnabas.model.TopicPartition} and {@link io.barnabas.model.LeaderAndIsr}.
 */
package io.barnabas.model;
