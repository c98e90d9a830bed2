/**
 * What brokers say to each other past the clients. As controller a broker speaks through {@link io.barnabas.broker.peer.ControllerChannels};
 * whoever wants something of the controller asks {@link io.barnabas.broker.peer.ControllerRoute}; what comes in arrives at
 * {@link io.barnabas.broker.peer.PeerDesk}. Nothing here knows how bytes travel: {@link io.barnabas.broker.peer.PeerNetwork} leads to another
 * broker, {@link io.barnabas.broker.peer.PeerService} receives it, and sockets live in {@code io.barnabas.broker.server}.
 */
package io.barnabas.broker.peer;
