package io.barnabas.broker.config;

import io.barnabas.runtime.config.ConfigReader;

/**
 * Bounds of what the APIs answer.
 *
 * @param networkThreads         {@code num.network.threads}
 * @param requestMaxBytes        {@code socket.request.max.bytes}
 * @param sendBufferBytes        {@code socket.send.buffer.bytes}; -1 leaves it to the operating system
 * @param receiveBufferBytes     {@code socket.receive.buffer.bytes}; -1 leaves it to the operating system
 * @param listenBacklog          {@code socket.listen.backlog.size}
 * @param connectionsMaxIdleMs   {@code connections.max.idle.ms}; negative for never
 * @param fetchMaxBytes          {@code fetch.max.bytes}
 * @param fetchSessions          {@code max.incremental.fetch.session.cache.slots}
 * @param describePartitionLimit {@code max.request.partition.size.limit}
 * @param requestTimeoutMs       {@code request.timeout.ms}
 * @param replicaLagMaxMs        {@code replica.lag.time.max.ms}
 * @param leaderLeaseMs          {@code leader.lease.ms}
 */
public record ServingConfig(
        int networkThreads,
        int requestMaxBytes,
        int sendBufferBytes,
        int receiveBufferBytes,
        int listenBacklog,
        long connectionsMaxIdleMs,
        int fetchMaxBytes,
        int fetchSessions,
        int describePartitionLimit,
        int requestTimeoutMs,
        long replicaLagMaxMs,
        long leaderLeaseMs) {
    private static final int LEAST_LEASE_MS = 300;

    static ServingConfig from(ConfigReader config) {
        return new ServingConfig(
                config.integer("num.network.threads", 3, ConfigReader.atLeast(1)),
                config.bytes("socket.request.max.bytes", 104_857_600, ConfigReader.atLeast(1)),
                config.bytes("socket.send.buffer.bytes", 102_400, ConfigReader.atLeast(-1)),
                config.bytes("socket.receive.buffer.bytes", 102_400, ConfigReader.atLeast(-1)),
                config.integer("socket.listen.backlog.size", 50, ConfigReader.atLeast(1)),
                config.millis("connections.max.idle.ms", 600_000, ConfigReader.anything()),
                config.bytes("fetch.max.bytes", 57_671_680, ConfigReader.atLeast(1024)),
                config.integer("max.incremental.fetch.session.cache.slots", 1000, ConfigReader.atLeast(0)),
                config.integer("max.request.partition.size.limit", 2000, ConfigReader.atLeast(1)),
                config.integer("request.timeout.ms", 30_000, ConfigReader.atLeast(1)),
                config.millis("replica.lag.time.max.ms", 30_000, ConfigReader.atLeast(1)),
                leaderLeaseMs(config));
    }

    /** As long as a session, so that others lead no sooner than this broker has stopped; never longer. */
    private static long leaderLeaseMs(ConfigReader config) {
        long session = ZooKeeperChoice.from(config).sessionTimeoutMs();
        long lease = config.millis(
                "leader.lease.ms", Math.max(session, LEAST_LEASE_MS), ConfigReader.atLeast(LEAST_LEASE_MS));
        if (lease > Math.max(session, LEAST_LEASE_MS)) {
            config.mistake("leader.lease.ms=" + lease + ": must not be above zookeeper.session.timeout.ms=" + session);
        }
        return lease;
    }
}
