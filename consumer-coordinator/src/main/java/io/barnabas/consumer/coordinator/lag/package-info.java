/**
 * Judges how groups keep up: a window of the latest commits for each partition, and a verdict from how they moved, after the rules of Burrow. Nothing
 * here acts; commits, the time and the ends of logs are handed in. Begin at {@link io.barnabas.consumer.coordinator.lag.GroupLag}; the rules stand in
 * {@link io.barnabas.consumer.coordinator.lag.CommitWindow}, and for people in {@code docs/operations.md}.
 */
package io.barnabas.consumer.coordinator.lag;
