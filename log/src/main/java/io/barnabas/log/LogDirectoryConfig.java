package io.barnabas.log;

import io.barnabas.runtime.config.ConfigReader;
import java.util.concurrent.TimeUnit;

/**
 * How a log directory is kept, whatever the topic.
 *
 * @param recoveryThreads      {@code num.recovery.threads.per.data.dir}: partitions recovered at a time
 * @param producerExpirationMs {@code producer.id.expiration.ms}: silence after which a producer is forgotten
 * @param hotBytes             bytes appended or read lately that are taken to lie in the page cache
 */
public record LogDirectoryConfig(int recoveryThreads, long producerExpirationMs, long hotBytes) {
    public static final LogDirectoryConfig DEFAULTS = new LogDirectoryConfig(2, TimeUnit.DAYS.toMillis(1), 1L << 30);

    public LogDirectoryConfig {
        if (recoveryThreads < 1 || producerExpirationMs < 1 || hotBytes < 0) {
            throw new IllegalArgumentException("recoveryThreads " + recoveryThreads + ", producerExpirationMs "
                    + producerExpirationMs + ", hotBytes " + hotBytes);
        }
    }

    public static LogDirectoryConfig from(ConfigReader config) {
        return new LogDirectoryConfig(
                config.integer("num.recovery.threads.per.data.dir", DEFAULTS.recoveryThreads, ConfigReader.atLeast(1)),
                config.integer(
                        "producer.id.expiration.ms", (int) DEFAULTS.producerExpirationMs, ConfigReader.atLeast(1)),
                DEFAULTS.hotBytes);
    }

    /** The same with another estimate of what the page cache holds. */
    public LogDirectoryConfig withHotBytes(long bytes) {
        return new LogDirectoryConfig(recoveryThreads, producerExpirationMs, bytes);
    }
}
