package io.barnabas.log.batch;

import java.nio.ByteBuffer;

/**
 * A batch that may be stored once base offset and leader epoch are stamped ({@link RecordBatchHeader#stamp} at
 * {@code bytes.position()}).
 *
 * @param bytes             exactly the batch, from position to limit; the bytes that were handed in, or new ones after
 *                          recompression
 * @param count             records, at least 1; the last offset is base offset + count - 1
 * @param maxTimestamp      largest timestamp of the batch; -1 if no record has one
 * @param maxTimestampDelta offset delta of the first record with that timestamp
 * @param logAppendTimeMs   what the produce response tells: the time given by the leader, or -1 for CreateTime
 */
public record ValidBatch(ByteBuffer bytes, int count, long maxTimestamp, int maxTimestampDelta, long logAppendTimeMs) {}
