/** Copies what others lead: follows {@link io.barnabas.broker.fetcher.LeaderConnections to the leaders}. */
package io.barnabas.broker.fetcher;
