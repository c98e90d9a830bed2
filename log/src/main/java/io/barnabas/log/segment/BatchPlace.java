package io.barnabas.log.segment;

/**
 * Where a batch lies in its segment.
 *
 * @param baseOffset    of the batch
 * @param positionBytes of its first byte in the file
 * @param sizeBytes     of the whole batch
 */
public record BatchPlace(long baseOffset, int positionBytes, int sizeBytes) {}
