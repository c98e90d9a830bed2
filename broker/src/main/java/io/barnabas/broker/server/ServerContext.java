package io.barnabas.broker.server;

import io.barnabas.broker.api.ApiDispatcher;
import io.barnabas.runtime.time.Clock;

/** What all connections of a server share. */
record ServerContext(
        ServerConfig config,
        ApiDispatcher dispatcher,
        ServingGate gate,
        PeerDoor peers,
        ResponseWriter writer,
        ComplaintLog complaints,
        Clock clock) {}
