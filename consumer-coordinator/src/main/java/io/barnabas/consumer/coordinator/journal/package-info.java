/**
 * What is stored in {@code __consumer_offsets}: keys and values as plain values, and the one codec that turns them into Kafka's bytes and
 * back (GROUP-07, GROUP-08). Begin at {@link io.barnabas.consumer.coordinator.journal.GroupRecord}.
 */
package io.barnabas.consumer.coordinator.journal;
