package io.barnabas.broker.config;

import io.barnabas.consumer.coordinator.lag.LagConfig;
import io.barnabas.runtime.config.ConfigReader;

/**
 * How the lag of groups is watched.
 *
 * @param windows          what is kept and how patient the verdicts are
 * @param sampleIntervalMs {@code barnabas.lag.sample.interval.ms}: how often the ends of logs are compared with what groups have committed
 */
public record LagMonitoringConfig(LagConfig windows, long sampleIntervalMs) {
    private static final int MOST_COMMITS = 1_000;

    static LagMonitoringConfig from(ConfigReader config) {
        LagConfig usual = LagConfig.DEFAULT;
        return new LagMonitoringConfig(
                new LagConfig(
                        config.integer(
                                "barnabas.lag.window.commits",
                                usual.windowCommits(),
                                ConfigReader.between(2, MOST_COMMITS)),
                        config.millis("barnabas.lag.window.spacing.ms", usual.spacingMs(), ConfigReader.atLeast(0)),
                        config.millis("barnabas.lag.stop.least.ms", usual.leastSilenceMs(), ConfigReader.atLeast(0))),
                config.millis("barnabas.lag.sample.interval.ms", 5_000, ConfigReader.atLeast(10)));
    }
}
