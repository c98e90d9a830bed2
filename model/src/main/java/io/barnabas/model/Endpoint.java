package io.barnabas.model;

import java.util.Objects;

/**
 * Where a listener of a broker is reached by others.
 *
 * @param listener         name of the listener, upper case ({@code PLAINTEXT}, {@code INTERNAL})
 * @param securityProtocol what is spoken there: {@code PLAINTEXT}, {@code SSL}, {@code SASL_PLAINTEXT}, {@code SASL_SSL}
 * @param host             advertised host
 * @param port             advertised port
 */
public record Endpoint(String listener, String securityProtocol, String host, int port) {
    public Endpoint {
        Objects.requireNonNull(listener, "listener");
        Objects.requireNonNull(securityProtocol, "securityProtocol");
        Objects.requireNonNull(host, "host");
    }

    /** {@code LISTENER://host:port}, brackets around an IPv6 address. */
    @Override
    public String toString() {
        return listener + "://" + (host.indexOf(':') >= 0 ? "[" + host + "]" : host) + ":" + port;
    }
}
