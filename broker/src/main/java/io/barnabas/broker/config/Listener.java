package io.barnabas.broker.config;

import java.util.Objects;

/**
 * One listener of this broker.
 *
 * @param name             upper case
 * @param securityProtocol {@code PLAINTEXT}; others are not served yet
 * @param bindHost         where to listen; empty for all addresses
 * @param bindPort         0 for any free port
 * @param advertisedHost   what others are told; null if the listener is not advertised, empty for "find out at the start"
 * @param advertisedPort   what others are told; 0 for the port that was bound
 */
public record Listener(
        String name,
        String securityProtocol,
        String bindHost,
        int bindPort,
        String advertisedHost,
        int advertisedPort) {
    public Listener {
        Objects.requireNonNull(name, "name");
        Objects.requireNonNull(securityProtocol, "securityProtocol");
        Objects.requireNonNull(bindHost, "bindHost");
    }

    public boolean advertised() {
        return advertisedHost != null;
    }
}
