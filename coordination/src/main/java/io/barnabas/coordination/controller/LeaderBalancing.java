package io.barnabas.coordination.controller;

/**
 * When partitions go back to their preferred replicas by themselves.
 *
 * @param enabled          {@code auto.leader.rebalance.enable}
 * @param checkIntervalMs  {@code leader.imbalance.check.interval.seconds}
 * @param imbalancePercent {@code leader.imbalance.per.broker.percentage}: of the partitions that a broker is preferred for, so many
 *     per cent may be led by others
 */
public record LeaderBalancing(boolean enabled, long checkIntervalMs, int imbalancePercent) {
    public static final LeaderBalancing OFF = new LeaderBalancing(false, 300_000, 10);

    public LeaderBalancing {
        if (checkIntervalMs < 1 || imbalancePercent < 0) {
            throw new IllegalArgumentException(
                    "balancing every " + checkIntervalMs + " ms above " + imbalancePercent + " per cent");
        }
    }
}
