package io.barnabas.broker.config;

import io.barnabas.runtime.config.ConfigReader;

/**
 * How fast lagging replicas may be copied as long as ZooKeeper says nothing else (KIP-73), and how that is measured.
 *
 * @param leaderBytesPerSecond   {@code leader.replication.throttled.rate}: what this broker sends; {@link Long#MAX_VALUE} for no bound
 * @param followerBytesPerSecond {@code follower.replication.throttled.rate}: what this broker fetches
 * @param windows                {@code replication.quota.window.num}: so many are kept
 * @param windowSeconds          {@code replication.quota.window.size.seconds}
 */
public record ThrottleConfig(long leaderBytesPerSecond, long followerBytesPerSecond, int windows, int windowSeconds) {
    /** The key of {@code leaderBytesPerSecond}. */
    public static final String LEADER_RATE = "leader.replication.throttled.rate";

    /** The key of {@code followerBytesPerSecond}. */
    public static final String FOLLOWER_RATE = "follower.replication.throttled.rate";

    /** Kafka's defaults. */
    public static final ThrottleConfig NONE = new ThrottleConfig(Long.MAX_VALUE, Long.MAX_VALUE, 11, 1);

    static ThrottleConfig from(ConfigReader config) {
        return new ThrottleConfig(
                config.longValue(LEADER_RATE, NONE.leaderBytesPerSecond, ConfigReader.atLeast(0)),
                config.longValue(FOLLOWER_RATE, NONE.followerBytesPerSecond, ConfigReader.atLeast(0)),
                config.integer("replication.quota.window.num", NONE.windows, ConfigReader.atLeast(1)),
                config.integer("replication.quota.window.size.seconds", NONE.windowSeconds, ConfigReader.atLeast(1)));
    }
}
