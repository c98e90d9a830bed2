package io.barnabas.consumer.coordinator.lag;

/**
 * How much is kept, and how patient the verdicts are.
 *
 * @param windowCommits  {@code barnabas.lag.window.commits}: commits kept for each partition of each group; Burrow's {@code intervals}
 * @param spacingMs      {@code barnabas.lag.window.spacing.ms}: commits that follow each other more closely share one place in the window; Burrow's
 *                       {@code min-distance}
 * @param leastSilenceMs {@code barnabas.lag.stop.least.ms}: a shorter silence never counts as a stop, however short the window is
 */
public record LagConfig(int windowCommits, long spacingMs, long leastSilenceMs) {
    public static final LagConfig DEFAULT = new LagConfig(10, 1_000, 30_000);

    public LagConfig {
        if (windowCommits < 2 || spacingMs < 0 || leastSilenceMs < 0) {
            throw new IllegalArgumentException(
                    "window of " + windowCommits + " commits, " + spacingMs + " ms apart, silence " + leastSilenceMs);
        }
    }
}
