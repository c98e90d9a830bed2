package io.barnabas.log;

/**
 * What an append did.
 *
 * @param baseOffset      offset of the batch's first record
 * @param lastOffset      offset of its last record, inclusive
 * @param leaderEpoch     the epoch it was written in
 * @param logAppendTimeMs the time stamped into it; -1 where records keep their own times. A duplicate tells the timestamp
 *                        stored with the original (PROD-23)
 * @param logStartOffset  of the log, after the append
 * @param sizeInBytes     bytes written; 0 for a duplicate
 * @param duplicate       the batch was there already and nothing was written; its acknowledgement waits for the high
 *                        watermark all the same (PROD-24)
 */
public record AppendedBatch(
        long baseOffset,
        long lastOffset,
        int leaderEpoch,
        long logAppendTimeMs,
        long logStartOffset,
        int sizeInBytes,
        boolean duplicate) {}
