/**
 * One class per API of the public wire. A {@link io.barnabas.broker.api.RequestHandler} translates the request into the
 * broker's words and its answer back; it decides nothing about partitions or the cluster, and never sees a socket: who
 * asks is a {@link io.barnabas.broker.api.RequestContext}, the way back a {@link io.barnabas.broker.api.Reply}.
 * Begin at {@link io.barnabas.broker.api.ApiDispatcher}.
 */
package io.barnabas.broker.api;
