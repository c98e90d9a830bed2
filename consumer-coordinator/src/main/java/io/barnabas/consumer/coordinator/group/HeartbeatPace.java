package io.barnabas.consumer.coordinator.group;

/**
 * How often members are to come. While a group moves, each step of it waits for somebody's heartbeat, so they come quickly; once it has settled,
 * a heartbeat only tells that a member lives, so they come the more seldom the more members there are.
 */
final class HeartbeatPace {
    /** As long as a group has settled within this, it is in no trouble, and moving quickly helps. */
    static final long MOVING_MILLIS = 5_000;

    private static final int MOVING_INTERVAL_MS = 50;
    private static final int HEARTBEATS_PER_SECOND = 1_000;
    private static final int MOVING_HEARTBEATS_PER_SECOND = 4_000;

    private final GroupConfig.Consumer config;

    HeartbeatPace(GroupConfig.Consumer config) {
        this.config = config;
    }

    /** @param members of all groups of this coordinator */
    int settledMillis(int members) {
        return between(
                config.leastHeartbeatIntervalMs(),
                (long) members * 1_000 / HEARTBEATS_PER_SECOND,
                config.heartbeatIntervalMs());
    }

    /** @param members of all groups of this coordinator */
    int movingMillis(int members) {
        return Math.min(
                settledMillis(members),
                between(
                        MOVING_INTERVAL_MS,
                        (long) members * 1_000 / MOVING_HEARTBEATS_PER_SECOND,
                        config.heartbeatIntervalMs()));
    }

    private static int between(int least, long wished, int most) {
        return (int) Math.min(most, Math.max(least, wished));
    }
}
