package io.barnabas.broker.config;

import io.barnabas.runtime.config.ConfigReader;

/**
 * How this broker takes its leave.
 *
 * @param controlled     {@code controlled.shutdown.enable}: hand over leaderships first
 * @param attempts       {@code controlled.shutdown.max.retries}
 * @param retryBackoffMs {@code controlled.shutdown.retry.backoff.ms}
 */
public record ShutdownConfig(boolean controlled, int attempts, long retryBackoffMs) {
    static ShutdownConfig from(ConfigReader config) {
        return new ShutdownConfig(
                config.bool("controlled.shutdown.enable", true),
                config.integer("controlled.shutdown.max.retries", 3, ConfigReader.atLeast(0)),
                config.millis("controlled.shutdown.retry.backoff.ms", 5_000, ConfigReader.atLeast(0)));
    }
}
