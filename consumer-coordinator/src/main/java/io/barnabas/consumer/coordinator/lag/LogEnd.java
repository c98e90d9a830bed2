package io.barnabas.consumer.coordinator.lag;

/**
 * Between what offsets a partition can be read.
 *
 * @param startOffset first offset that is still there
 * @param endOffset   offset behind the last record that consumers may read: the high watermark, exclusive
 */
public record LogEnd(long startOffset, long endOffset) {}
