/**
 * Where consumer groups meet the broker: their records go into a partition of {@code __consumer_offsets} through its leader, are read from its
 * log when a leadership begins, and the topics they read are those of the cluster's picture. Begin at
 * {@link io.barnabas.broker.group.GroupLeadership}. What groups decide is the business of {@code io.barnabas.consumer.coordinator}.
 */
package io.barnabas.broker.group;
