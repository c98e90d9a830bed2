package io.barnabas.coordination.zookeeper;

import io.barnabas.runtime.config.ConfigReader;

/**
 * How ZooKeeper is reached.
 *
 * @param connect             {@code zookeeper.connect}: servers and chroot as {@code host:port,host:port/chroot}
 * @param sessionTimeoutMs    {@code zookeeper.session.timeout.ms}: after this silence ZooKeeper ends the session
 * @param connectionTimeoutMs {@code zookeeper.connection.timeout.ms}: how long the first connection may take
 */
public record ZooKeeperConfig(String connect, int sessionTimeoutMs, int connectionTimeoutMs) {
    public static ZooKeeperConfig from(ConfigReader config) {
        int session = config.integer("zookeeper.session.timeout.ms", 18_000, ConfigReader.atLeast(1));
        int connection = config.integer("zookeeper.connection.timeout.ms", session, ConfigReader.atLeast(1));
        if (config.bool("zookeeper.ssl.client.enable", false)) {
            config.mistake("zookeeper.ssl.client.enable=true: connections to ZooKeeper are not encrypted yet");
        }
        if (config.bool("zookeeper.set.acl", false)) {
            config.mistake("zookeeper.set.acl=true: ZooKeeper nodes are not protected with ACLs yet");
        }
        return new ZooKeeperConfig(config.string("zookeeper.connect", "").trim(), session, connection);
    }

    /** {@code /kafka/a}, or empty for the root. */
    String chroot() {
        int slash = connect.indexOf('/');
        String path = slash < 0 ? "" : connect.substring(slash);
        return path.endsWith("/") ? path.substring(0, path.length() - 1) : path;
    }

    String servers() {
        int slash = connect.indexOf('/');
        return slash < 0 ? connect : connect.substring(0, slash);
    }
}
