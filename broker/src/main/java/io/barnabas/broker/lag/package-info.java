/**
 * Keeps the windows of all groups whose coordinators run here, and looks into the logs for them. The verdicts are those of
 * {@code consumer.coordinator.lag}. Begin at {@link io.barnabas.broker.lag.LagMonitor}.
 */
package io.barnabas.broker.lag;
