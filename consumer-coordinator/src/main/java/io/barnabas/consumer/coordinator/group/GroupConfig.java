package io.barnabas.consumer.coordinator.group;

import java.util.List;

/**
 * The {@code group.*} keys of {@code server.properties} that groups themselves need.
 *
 * @param minSessionTimeoutMs      {@code group.min.session.timeout.ms}
 * @param maxSessionTimeoutMs      {@code group.max.session.timeout.ms}
 * @param maxSize                  {@code group.max.size}
 * @param initialRebalanceDelayMs  {@code group.initial.rebalance.delay.ms}
 * @param consumer                 the consumer protocol's
 */
public record GroupConfig(
        int minSessionTimeoutMs, int maxSessionTimeoutMs, int maxSize, int initialRebalanceDelayMs, Consumer consumer) {

    /**
     * {@code group.consumer.*}.
     *
     * @param heartbeatIntervalMs  the longest interval that members are told; shorter ones are ours to choose, down to
     *     {@code leastHeartbeatIntervalMs}, unless the group has an interval of its own
     * @param leastHeartbeatIntervalMs {@code barnabas.group.consumer.least.heartbeat.interval.ms}
     * @param assignors            by name, the first is the default
     * @param migrationPolicy      {@code group.consumer.migration.policy}
     * @param assignmentIntervalMs {@code group.consumer.assignment.interval.ms}; only large groups are held to it (GROUP-29)
     * @param regexRefreshIntervalMs how often regular expressions are matched anew (GROUP-35)
     */
    public record Consumer(
            int sessionTimeoutMs,
            int minSessionTimeoutMs,
            int maxSessionTimeoutMs,
            int heartbeatIntervalMs,
            int minHeartbeatIntervalMs,
            int maxHeartbeatIntervalMs,
            int leastHeartbeatIntervalMs,
            int maxSize,
            List<String> assignors,
            MigrationPolicy migrationPolicy,
            int assignmentIntervalMs,
            int regexRefreshIntervalMs) {
        public Consumer {
            assignors = List.copyOf(assignors);
        }

        public static final Consumer DEFAULT = new Consumer(
                45_000,
                45_000,
                60_000,
                5_000,
                5_000,
                15_000,
                200,
                Integer.MAX_VALUE,
                List.of("uniform", "range"),
                MigrationPolicy.BIDIRECTIONAL,
                1_000,
                600_000);
    }

    /** Which way a group may change its protocol while it has members (KIP-848). */
    public enum MigrationPolicy {
        DISABLED,
        UPGRADE,
        DOWNGRADE,
        BIDIRECTIONAL;

        public boolean upgrades() {
            return this == UPGRADE || this == BIDIRECTIONAL;
        }

        public boolean downgrades() {
            return this == DOWNGRADE || this == BIDIRECTIONAL;
        }
    }

    public static final GroupConfig DEFAULT =
            new GroupConfig(6_000, 1_800_000, Integer.MAX_VALUE, 3_000, Consumer.DEFAULT);
}
