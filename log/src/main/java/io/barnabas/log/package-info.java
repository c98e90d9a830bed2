/**
 * The front desk of the log: one {@link io.barnabas.log.PartitionLog} per partition, kept in a
 * {@link io.barnabas.log.LogDirectory} in Kafka's on-disk format. Appends, reads, truncation, retention, recovery and
 * durability are here; who leads a partition and what the high watermark is, the callers say.
 * Begin at {@link io.barnabas.log.PartitionLog}.
 */
package io.barnabas.log;
