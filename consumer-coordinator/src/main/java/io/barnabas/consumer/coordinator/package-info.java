/**
 * Consumer groups: rebalancing and committed offsets (DESIGN: coordinators are replicated state machines). The rooms below decide;
 * the classes here run them, one shard for each partition of {@code __consumer_offsets}, and know nothing of wire or log.
 */
package io.barnabas.consumer.coordinator;
