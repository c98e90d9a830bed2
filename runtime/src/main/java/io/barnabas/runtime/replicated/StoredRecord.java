package io.barnabas.runtime.replicated;

/**
 * One record with its place in the log.
 *
 * @param producerId of the transaction it belongs to, {@link Journal#NO_PRODUCER} for none: then it counts at once
 */
public record StoredRecord<R>(long offset, long timestampMillis, long producerId, short producerEpoch, R record) {}
