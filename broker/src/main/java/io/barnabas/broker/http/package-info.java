/**
 * What the broker tells over HTTP: which path is answered by whom, and the JSON. The sockets are {@code broker.server}'s. Begin at
 * {@link io.barnabas.broker.http.HttpRoutes}.
 */
package io.barnabas.broker.http;
