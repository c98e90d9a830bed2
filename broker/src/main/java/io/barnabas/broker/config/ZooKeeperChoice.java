package io.barnabas.broker.config;

import io.barnabas.runtime.config.ConfigReader;

/**
 * Which ZooKeeper coordinates this broker.
 *
 * @param connect             servers and chroot as {@code host:port,host:port/chroot}; empty for one inside this process
 * @param sessionTimeoutMs    {@code zookeeper.session.timeout.ms}
 * @param connectionTimeoutMs how long the first connection may take
 */
public record ZooKeeperChoice(String connect, int sessionTimeoutMs, int connectionTimeoutMs) {
    private static final String EMBEDDED = "embedded";

    static ZooKeeperChoice from(ConfigReader config) {
        String connect = config.string("zookeeper.connect", "").trim();
        int session = config.integer("zookeeper.session.timeout.ms", 18_000, ConfigReader.atLeast(1));
        return new ZooKeeperChoice(
                connect.equalsIgnoreCase(EMBEDDED) ? "" : connect,
                session,
                config.integer("zookeeper.connection.timeout.ms", session, ConfigReader.atLeast(1)));
    }

    public boolean embedded() {
        return connect.isEmpty();
    }
}
