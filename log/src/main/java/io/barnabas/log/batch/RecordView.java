package io.barnabas.log.batch;

import java.nio.ByteBuffer;
import java.util.List;

/**
 * One record of a batch. Its buffers may be views into the batch, to be read, not changed.
 *
 * @param timestamp   milliseconds since 1970, or -1
 * @param key         null if the record has none
 * @param value       null for a tombstone
 * @param headers     in order, keys may repeat
 * @param sizeInBytes what the record takes in an uncompressed batch, its length field included
 */
public record RecordView(
        long offset, long timestamp, ByteBuffer key, ByteBuffer value, List<RecordHeader> headers, int sizeInBytes) {}
