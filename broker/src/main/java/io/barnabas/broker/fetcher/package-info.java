/**
 * Copies what others lead. Partitions come and go by {@link io.barnabas.broker.fetcher.ReplicaFetchers}; what is asked of a leader
 * is decided by {@code FetcherMachine}, a pure machine, and carried out by {@code ReplicaFetcher} over the port
 * {@link io.barnabas.broker.fetcher.LeaderConnections}. Nothing here knows of sockets.
 */
package io.barnabas.broker.fetcher;
