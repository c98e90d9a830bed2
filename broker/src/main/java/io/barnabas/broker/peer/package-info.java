/**
 * What brokers say to each other past the clients: {@link io.barnabas.broker.peer.PeerNetwork} leads to another broker,
 * {@link io.barnabas.broker.peer.PeerService} receives it. Nothing here knows how bytes travel; sockets live in
 * {@code io.barnabas.broker.server}.
 */
package io.barnabas.broker.peer;
