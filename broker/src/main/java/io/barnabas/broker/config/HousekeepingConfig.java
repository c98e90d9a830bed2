package io.barnabas.broker.config;

import io.barnabas.log.LogCleanerConfig;
import io.barnabas.runtime.config.ConfigReader;

/**
 * How often the logs are looked after, in milliseconds, and how they are compacted.
 *
 * @param initialDelayMs           {@code log.initial.task.delay.ms}
 * @param retentionCheckMs         {@code log.retention.check.interval.ms}
 * @param flushCheckMs             {@code log.flush.scheduler.interval.ms}
 * @param recoveryPointMs          {@code log.flush.offset.checkpoint.interval.ms}
 * @param highWatermarkMs          {@code replica.high.watermark.checkpoint.interval.ms}
 * @param cleaner                  {@code log.cleaner.*}
 */
public record HousekeepingConfig(
        long initialDelayMs,
        long retentionCheckMs,
        long flushCheckMs,
        long recoveryPointMs,
        long highWatermarkMs,
        LogCleanerConfig cleaner) {
    static HousekeepingConfig from(ConfigReader config) {
        return new HousekeepingConfig(
                config.millis("log.initial.task.delay.ms", 30_000, ConfigReader.atLeast(0)),
                config.millis("log.retention.check.interval.ms", 300_000, ConfigReader.atLeast(1)),
                config.millis("log.flush.scheduler.interval.ms", Long.MAX_VALUE, ConfigReader.atLeast(1)),
                config.millis("log.flush.offset.checkpoint.interval.ms", 60_000, ConfigReader.atLeast(1)),
                config.millis("replica.high.watermark.checkpoint.interval.ms", 5_000, ConfigReader.atLeast(1)),
                LogCleanerConfig.from(config));
    }
}
