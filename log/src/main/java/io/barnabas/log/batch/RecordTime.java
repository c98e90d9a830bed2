package io.barnabas.log.batch;

/** Where a record stands and when it was made; -1 for no timestamp. */
public record RecordTime(long offset, long timestamp) {}
