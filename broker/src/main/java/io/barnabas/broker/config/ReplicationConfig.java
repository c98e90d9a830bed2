package io.barnabas.broker.config;

import io.barnabas.runtime.config.ConfigReader;

/**
 * How this broker copies from others.
 *
 * @param fetchers          {@code num.replica.fetchers}: loops that copy side by side
 * @param waitMaxMs         {@code replica.fetch.wait.max.ms}: how long a leader may hold back an answer that has nothing to tell
 * @param minBytes          {@code replica.fetch.min.bytes}
 * @param responseMaxBytes  {@code replica.fetch.response.max.bytes}
 * @param partitionMaxBytes {@code replica.fetch.max.bytes}: of one partition in one answer; a batch that is larger comes whole
 * @param backoffMs         {@code replica.fetch.backoff.ms}: the longest pause after failures; the first are shorter
 */
public record ReplicationConfig(
        int fetchers, int waitMaxMs, int minBytes, int responseMaxBytes, int partitionMaxBytes, int backoffMs) {
    static ReplicationConfig from(ConfigReader config) {
        return new ReplicationConfig(
                config.integer("num.replica.fetchers", 1, ConfigReader.atLeast(1)),
                config.integer("replica.fetch.wait.max.ms", 500, ConfigReader.atLeast(1)),
                config.bytes("replica.fetch.min.bytes", 1, ConfigReader.atLeast(0)),
                config.bytes("replica.fetch.response.max.bytes", 10_485_760, ConfigReader.atLeast(0)),
                config.bytes("replica.fetch.max.bytes", 1_048_576, ConfigReader.atLeast(0)),
                config.integer("replica.fetch.backoff.ms", 1_000, ConfigReader.atLeast(0)));
    }
}
