package io.barnabas.log;

import io.barnabas.log.compaction.OffsetMap;
import io.barnabas.runtime.config.ConfigReader;

/**
 * How a broker compacts its logs, whatever the topic. Keys as in {@code server.properties}.
 *
 * @param enabled           {@code log.cleaner.enable}
 * @param threads           {@code log.cleaner.threads}
 * @param backoffMs         {@code log.cleaner.backoff.ms}: how long a thread rests that has found nothing to do
 * @param dedupeBufferBytes {@code log.cleaner.dedupe.buffer.size}: for the keys of dirty records, of all threads together
 * @param dedupeLoadFactor  {@code log.cleaner.io.buffer.load.factor}: how full that memory may become
 * @param ioBufferBytes     {@code log.cleaner.io.buffer.size}: for reading and writing, of all threads together
 * @param maxBytesPerSecond {@code log.cleaner.io.max.bytes.per.second}: read and written, by all threads together
 */
public record LogCleanerConfig(
        boolean enabled,
        int threads,
        long backoffMs,
        long dedupeBufferBytes,
        double dedupeLoadFactor,
        int ioBufferBytes,
        double maxBytesPerSecond) {
    public static final LogCleanerConfig DEFAULTS =
            new LogCleanerConfig(true, 1, 15_000, 128L << 20, 0.9, 512 * 1024, Double.MAX_VALUE);

    private static final long LEAST_DEDUPE_BYTES = 1L << 20;
    private static final int LEAST_IO_BYTES = 1024;

    public LogCleanerConfig {
        if (threads < 0 || dedupeLoadFactor <= 0 || dedupeLoadFactor > 1 || maxBytesPerSecond <= 0) {
            throw new IllegalArgumentException("threads " + threads + ", load factor " + dedupeLoadFactor
                    + ", bytes per second " + maxBytesPerSecond);
        }
    }

    public static LogCleanerConfig from(ConfigReader config) {
        boolean enabled = config.bool("log.cleaner.enable", DEFAULTS.enabled);
        int threads = config.integer("log.cleaner.threads", DEFAULTS.threads, ConfigReader.atLeast(0));
        long dedupe = config.longValue("log.cleaner.dedupe.buffer.size", DEFAULTS.dedupeBufferBytes);
        if (enabled && threads > 0 && dedupe / threads < LEAST_DEDUPE_BYTES) {
            config.mistake("log.cleaner.dedupe.buffer.size=" + dedupe + ": must be at least 1 MiB for each of the "
                    + threads + " log.cleaner.threads");
            dedupe = DEFAULTS.dedupeBufferBytes;
        }
        return new LogCleanerConfig(
                enabled,
                threads,
                config.millis("log.cleaner.backoff.ms", DEFAULTS.backoffMs, ConfigReader.atLeast(0)),
                dedupe,
                config.decimal(
                        "log.cleaner.io.buffer.load.factor",
                        DEFAULTS.dedupeLoadFactor,
                        factor -> factor > 0 && factor <= 1 ? null : "must be above 0 and at most 1"),
                config.bytes("log.cleaner.io.buffer.size", DEFAULTS.ioBufferBytes, ConfigReader.atLeast(0)),
                config.decimal(
                        "log.cleaner.io.max.bytes.per.second",
                        DEFAULTS.maxBytesPerSecond,
                        rate -> rate > 0 ? null : "must be above 0"));
    }

    /** A thread's table of keys, with room for {@code keys} if they fit its share of the memory. */
    OffsetMap mapFor(long keys) {
        return new OffsetMap(dedupeBufferBytes / Math.max(1, threads), dedupeLoadFactor, keys);
    }

    /** A thread's buffer for reading, and the one for writing. */
    int bufferBytes() {
        return Math.max(LEAST_IO_BYTES, ioBufferBytes / Math.max(1, threads) / 2);
    }
}
