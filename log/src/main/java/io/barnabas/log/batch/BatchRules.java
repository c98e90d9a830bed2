package io.barnabas.log.batch;

import java.util.Objects;

/**
 * What a topic asks of the batches that clients send.
 *
 * @param timestampType        {@code message.timestamp.type}
 * @param timestampBeforeMaxMs {@code message.timestamp.before.max.ms}: how far behind now a record may be dated
 * @param timestampAfterMaxMs  {@code message.timestamp.after.max.ms}: how far ahead of now a record may be dated
 * @param compacted            whether {@code cleanup.policy} has {@code compact}, so that every record needs a key
 * @param maxMessageBytes      {@code max.message.bytes}: largest batch, its 12-byte prefix included
 * @param segmentBytes         {@code segment.bytes}: no batch can be larger than a segment
 * @param compression          {@code compression.type}, or null to store what the producer sent ({@code producer})
 * @param levels               for recompression
 */
public record BatchRules(
        TimestampType timestampType,
        long timestampBeforeMaxMs,
        long timestampAfterMaxMs,
        boolean compacted,
        int maxMessageBytes,
        int segmentBytes,
        Compression compression,
        CompressionLevels levels) {
    /** Kafka's defaults for a topic. */
    public static final BatchRules DEFAULT = new BatchRules(
            TimestampType.CREATE_TIME,
            Long.MAX_VALUE,
            3_600_000,
            false,
            1_048_588,
            1 << 30,
            null,
            CompressionLevels.DEFAULT);

    private static final long LEAST_INFLATED_LIMIT = 64L << 20;
    private static final int INFLATED_PER_MESSAGE_BYTE = 100;

    public BatchRules {
        Objects.requireNonNull(timestampType, "timestampType");
        Objects.requireNonNull(levels, "levels");
        if (timestampBeforeMaxMs < 0 || timestampAfterMaxMs < 0 || maxMessageBytes < 0 || segmentBytes < 0) {
            throw new IllegalArgumentException("negative limit: timestamps -" + timestampBeforeMaxMs + " +"
                    + timestampAfterMaxMs + ", batch " + maxMessageBytes + ", segment " + segmentBytes);
        }
    }

    /**
     * How many bytes the records of one compressed batch may have once inflated: a hundred times the largest batch, at
     * least 64 MiB. Kafka has no such bound; without one a few kilobytes occupy a broker for seconds.
     */
    public long maxInflatedBytes() {
        return Math.max(LEAST_INFLATED_LIMIT, (long) maxMessageBytes * INFLATED_PER_MESSAGE_BYTE);
    }

    public BatchRules withTimestampType(TimestampType type) {
        return new BatchRules(
                type,
                timestampBeforeMaxMs,
                timestampAfterMaxMs,
                compacted,
                maxMessageBytes,
                segmentBytes,
                compression,
                levels);
    }

    public BatchRules withTimestampBounds(long beforeMaxMs, long afterMaxMs) {
        return new BatchRules(
                timestampType, beforeMaxMs, afterMaxMs, compacted, maxMessageBytes, segmentBytes, compression, levels);
    }

    public BatchRules withCompacted(boolean isCompacted) {
        return new BatchRules(
                timestampType,
                timestampBeforeMaxMs,
                timestampAfterMaxMs,
                isCompacted,
                maxMessageBytes,
                segmentBytes,
                compression,
                levels);
    }

    public BatchRules withSizes(int maxMessage, int segment) {
        return new BatchRules(
                timestampType,
                timestampBeforeMaxMs,
                timestampAfterMaxMs,
                compacted,
                maxMessage,
                segment,
                compression,
                levels);
    }

    public BatchRules withCompression(Compression type, CompressionLevels newLevels) {
        return new BatchRules(
                timestampType,
                timestampBeforeMaxMs,
                timestampAfterMaxMs,
                compacted,
                maxMessageBytes,
                segmentBytes,
                type,
                newLevels);
    }
}
