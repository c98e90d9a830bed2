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
 * @param rackAwareReads    whether {@code replica.selector.class} names Kafka's rack-aware selector: consumers are sent to a replica in
 *                          their rack (KIP-392)
 * @param throttle          how fast replicas that lag may be copied
 * @param eligibleLeaders   {@code barnabas.eligible.leader.replicas.enable}: whether this broker, as controller, has eligible leader replicas
 */
public record ReplicationConfig(
        int fetchers,
        int waitMaxMs,
        int minBytes,
        int responseMaxBytes,
        int partitionMaxBytes,
        int backoffMs,
        boolean rackAwareReads,
        ThrottleConfig throttle,
        boolean eligibleLeaders) {
    private static final String LEADER_SELECTOR = "org.apache.kafka.common.replica.LeaderSelector";
    private static final String RACK_AWARE_SELECTOR = "org.apache.kafka.common.replica.RackAwareReplicaSelector";

    static ReplicationConfig from(ConfigReader config) {
        return new ReplicationConfig(
                config.integer("num.replica.fetchers", 1, ConfigReader.atLeast(1)),
                config.integer("replica.fetch.wait.max.ms", 500, ConfigReader.atLeast(1)),
                config.bytes("replica.fetch.min.bytes", 1, ConfigReader.atLeast(0)),
                config.bytes("replica.fetch.response.max.bytes", 10_485_760, ConfigReader.atLeast(0)),
                config.bytes("replica.fetch.max.bytes", 1_048_576, ConfigReader.atLeast(0)),
                config.integer("replica.fetch.backoff.ms", 1_000, ConfigReader.atLeast(0)),
                rackAwareReads(config),
                ThrottleConfig.from(config),
                config.bool("barnabas.eligible.leader.replicas.enable", false));
    }

    private static boolean rackAwareReads(ConfigReader config) {
        String selector = config.string("replica.selector.class", "");
        if (!selector.isEmpty() && !selector.equals(LEADER_SELECTOR) && !selector.equals(RACK_AWARE_SELECTOR)) {
            config.mistake("replica.selector.class=" + selector + ": must be " + LEADER_SELECTOR + " or "
                    + RACK_AWARE_SELECTOR + "; classes of others are not loaded");
        }
        return selector.equals(RACK_AWARE_SELECTOR);
    }
}
