package io.barnabas.coordination.control;

import java.util.Objects;

/**
 * On whose behalf something is asked of the controller; kept when a broker passes a client's request on (WIRE-30).
 *
 * @param principal     as Kafka writes it: {@code User:name}
 * @param clientAddress of the client, as text
 * @param listener      name of the listener the client came in on
 */
public record Caller(String principal, String clientAddress, String listener) {
    /** A broker, for itself. */
    public static final Caller BROKER = new Caller("User:ANONYMOUS", "", "");

    public Caller {
        Objects.requireNonNull(principal, "principal");
        Objects.requireNonNull(clientAddress, "clientAddress");
        Objects.requireNonNull(listener, "listener");
    }
}
