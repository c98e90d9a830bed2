package io.barnabas.consumer.coordinator.lag;

/**
 * One place in a window of commits.
 *
 * @param offset   committed
 * @param commitMs when, in milliseconds since 1970; of the last one if several share the place
 * @param lag      records behind it at that moment, {@link PartitionLag#UNKNOWN} if the log's end was not known
 */
public record WindowPoint(long offset, long commitMs, long lag) {}
