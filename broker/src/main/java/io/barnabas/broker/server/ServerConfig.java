package io.barnabas.broker.server;

import io.barnabas.broker.config.BrokerConfig;
import io.barnabas.broker.config.ServingConfig;
import io.barnabas.runtime.config.ConfigReader;

/**
 * How sockets are served.
 *
 * @param transport            {@code barnabas.transport}
 * @param networkThreads       {@code num.network.threads}: loops on which connections, and their requests, run; if not
 *                             given, one per core but at least two, so that one slow disk write does not stop everything
 * @param requestMaxBytes      {@code socket.request.max.bytes}
 * @param sendBufferBytes      {@code socket.send.buffer.bytes}; -1 leaves it to the operating system
 * @param receiveBufferBytes   {@code socket.receive.buffer.bytes}; -1 leaves it to the operating system
 * @param backlog              {@code socket.listen.backlog.size}
 * @param connectionsMaxIdleMs {@code connections.max.idle.ms}; negative for never
 * @param maxConnections       {@code max.connections}
 * @param maxConnectionsPerIp  {@code max.connections.per.ip}
 * @param parkMaxMs            how long a request may wait for a broker that is still starting
 * @param maxRequestsInFlight  requests of one connection that may be unanswered; a few hundred keep any client's pipeline
 *                             full, and bound the objects that one connection can make us hold
 * @param maxBytesInFlight     bytes of these requests; what a 10 Gbit/s line carries in 13 ms. One request more is taken as
 *                             long as they are fewer, so a single larger one always passes
 * @param unsentHighBytes      answers handed to the socket and not taken by the peer; above it others wait as values
 * @param regionBytes          records of at least this many bytes are sent from their file by the kernel. Over loopback both
 *                             ways cost the same at 64 KiB; at 4 KiB reading them costs a third less, at 1 MiB a third more
 */
public record ServerConfig(
        Transport transport,
        int networkThreads,
        int requestMaxBytes,
        int sendBufferBytes,
        int receiveBufferBytes,
        int backlog,
        long connectionsMaxIdleMs,
        int maxConnections,
        int maxConnectionsPerIp,
        long parkMaxMs,
        int maxRequestsInFlight,
        long maxBytesInFlight,
        int unsentHighBytes,
        int regionBytes) {
    private static final int LEAST_THREADS = 2;
    private static final int MAX_REQUESTS_IN_FLIGHT = 256;
    private static final long MAX_BYTES_IN_FLIGHT = 16L << 20;
    private static final int UNSENT_HIGH_BYTES = 256 << 10;
    private static final int REGION_BYTES = 64 << 10;

    /** @throws io.barnabas.runtime.config.ConfigException if one of the keys read here is wrong */
    public static ServerConfig of(BrokerConfig broker) {
        ConfigReader config = new ConfigReader(broker.properties());
        ServingConfig serving = broker.serving();
        ServerConfig result = new ServerConfig(
                Transport.named(
                        config.string("barnabas.transport", "auto", ConfigReader.oneOf("auto", "epoll", "nio"))),
                config.has("num.network.threads") ? serving.networkThreads() : usualThreads(),
                serving.requestMaxBytes(),
                serving.sendBufferBytes(),
                serving.receiveBufferBytes(),
                serving.listenBacklog(),
                serving.connectionsMaxIdleMs(),
                config.integer("max.connections", Integer.MAX_VALUE, ConfigReader.atLeast(0)),
                config.integer("max.connections.per.ip", Integer.MAX_VALUE, ConfigReader.atLeast(0)),
                serving.requestTimeoutMs(),
                MAX_REQUESTS_IN_FLIGHT,
                MAX_BYTES_IN_FLIGHT,
                UNSENT_HIGH_BYTES,
                REGION_BYTES);
        config.orThrow();
        return result;
    }

    private static int usualThreads() {
        return Math.max(LEAST_THREADS, Runtime.getRuntime().availableProcessors());
    }
}
