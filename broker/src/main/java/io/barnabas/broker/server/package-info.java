/**
 * The sockets: the only room with Netty's channels. Bytes become frames ({@link io.barnabas.broker.server.FrameDecoder}),
 * frames become requests that run at once on their connection's loop ({@link io.barnabas.broker.server.Connection}), and
 * answers leave in the order of the requests ({@link io.barnabas.broker.server.ResponseSequencer}), records straight from
 * the log's files. What a request means is decided in {@code io.barnabas.broker.api}.
 * Begin at {@link io.barnabas.broker.server.NettyServer}.
 */
package io.barnabas.broker.server;
