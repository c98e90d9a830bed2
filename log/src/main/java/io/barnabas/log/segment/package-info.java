/**
 * One stretch of a partition's log on disk: a file of record batches and the indexes that find offsets, times and aborted
 * transactions in it, in Kafka's own format. What belongs into the log, and when to roll, is decided by the callers.
 * Begin at {@link io.barnabas.log.segment.LogSegment}; {@link io.barnabas.log.segment.SegmentRecovery} makes a segment
 * whole again after a crash.
 */
package io.barnabas.log.segment;
