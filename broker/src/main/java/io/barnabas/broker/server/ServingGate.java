package io.barnabas.broker.server;

import io.barnabas.protocol.ApiKey;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;

/**
 * Holds back requests until the broker knows the cluster: an answer before that could deny topics that exist (WIRE-26).
 * ApiVersions passes always. A held connection is not read any further, so each holds one request and at most what one
 * read brought. Thread-safe.
 */
final class ServingGate {
    private final Set<Connection> parked = ConcurrentHashMap.newKeySet();
    private volatile boolean open;

    boolean admits(short apiKey) {
        return open || apiKey == ApiKey.API_VERSIONS.id();
    }

    /** Lets the connection know when the gate opens. */
    void park(Connection connection) {
        parked.add(connection);
        if (open) {
            open();
        }
    }

    void forget(Connection connection) {
        parked.remove(connection);
    }

    void open() {
        open = true;
        for (Connection connection : parked) {
            if (parked.remove(connection)) {
                connection.unpark();
            }
        }
    }
}
