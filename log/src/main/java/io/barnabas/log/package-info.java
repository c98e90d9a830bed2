/**
 * The front desk of the log: one {@link io.barnabas.log.PartitionLog} per partition, kept in a
 * {@link io.barnabas.log.LogDirectory} in Kafka's on-disk format. Appends, reads, truncation, retention, recovery and
 * durability are here; who leads a partition and what the high watermark is, the callers say.
 * Begin at {@link io.barnabas.log.PartitionLog}; {@code LogAppends}, {@code LogTruncation} and {@code LogRetention} change
 * one {@code LogState}, {@code LogReads} reads what it has published.
 */
package io.barnabas.log;
