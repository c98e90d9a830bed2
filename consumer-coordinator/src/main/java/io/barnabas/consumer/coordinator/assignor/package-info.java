/**
 * Divides partitions among the members of a group on the server's side (KIP-848). Pure: the same task gives the same answer, in whatever order
 * its parts come. Begin at {@link Assignors}. Which topics a regular expression means is decided here, too, by {@link TopicPatterns}.
 */
package io.barnabas.consumer.coordinator.assignor;
