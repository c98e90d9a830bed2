package io.barnabas.broker.server;

import io.barnabas.broker.peer.PeerService;

/** Where private requests go; closed until it is known who this broker is. Thread-safe. */
final class PeerDoor {
    private volatile PeerService service;

    /** Null while nobody is at home. */
    PeerService service() {
        return service;
    }

    void open(PeerService host) {
        service = host;
    }
}
