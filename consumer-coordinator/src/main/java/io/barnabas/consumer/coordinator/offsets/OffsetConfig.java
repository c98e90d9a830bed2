package io.barnabas.consumer.coordinator.offsets;

/**
 * The {@code offset*} keys of {@code server.properties} that committed offsets need.
 *
 * @param maxMetadataLength {@code offset.metadata.max.bytes}, counted in characters as Kafka counts
 * @param retentionMs       {@code offsets.retention.minutes}
 * @param checkIntervalMs   {@code offsets.retention.check.interval.ms}
 */
public record OffsetConfig(int maxMetadataLength, long retentionMs, long checkIntervalMs) {
    public static final OffsetConfig DEFAULT = new OffsetConfig(4096, 10_080L * 60_000, 600_000);
}
