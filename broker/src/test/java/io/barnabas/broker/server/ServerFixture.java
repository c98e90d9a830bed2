package io.barnabas.broker.server;

import static org.awaitility.Awaitility.await;

import io.barnabas.broker.api.ApiDispatcher;
import io.barnabas.broker.api.Reply;
import io.barnabas.broker.api.RequestContext;
import io.barnabas.broker.api.RequestHandler;
import io.barnabas.broker.config.Listener;
import io.barnabas.broker.config.ListenersConfig;
import io.barnabas.protocol.ApiKey;
import io.barnabas.protocol.ApiTable;
import io.barnabas.protocol.VersionNegotiation;
import io.barnabas.protocol.message.ApiMessage;
import io.barnabas.protocol.message.ApiVersionsRequestData;
import io.barnabas.protocol.message.HeartbeatRequestData;
import io.barnabas.protocol.message.HeartbeatResponseData;
import io.barnabas.protocol.message.MetadataRequestData;
import io.barnabas.protocol.message.MetadataResponseData;
import io.barnabas.runtime.time.Clock;
import io.netty.buffer.PooledByteBufAllocator;
import java.io.IOException;
import java.time.Duration;
import java.util.List;
import java.util.concurrent.BlockingQueue;
import java.util.concurrent.LinkedBlockingQueue;
import java.util.function.UnaryOperator;

/**
 * A server with small handlers: ApiVersions as ever; Metadata answers with the cluster id "echo-" and the number of topics
 * asked for; Heartbeat is answered by the test. Closing it checks that every buffer was given back.
 */
final class ServerFixture implements AutoCloseable {
    static final String LISTENER = "PLAINTEXT";

    /** A request that the test answers when it likes. */
    record Waiting<Q extends ApiMessage>(RequestContext context, Q request, Reply reply) {}

    final ApiTable<RequestHandler<?>> table = new ApiTable<>();
    final BlockingQueue<Waiting<HeartbeatRequestData>> heartbeats = new LinkedBlockingQueue<>();
    private final long pinnedBefore = PooledByteBufAllocator.DEFAULT.pinnedDirectMemory();
    private NettyServer server;

    ServerFixture() {
        serve(ApiKey.API_VERSIONS, 0, 4, (RequestHandler<ApiVersionsRequestData>)
                (context, request, reply) -> reply.send(VersionNegotiation.versions(table)));
        serve(ApiKey.METADATA, 0, 13, (RequestHandler<MetadataRequestData>)
                (context, request, reply) -> reply.send(echo(request)));
        serve(ApiKey.HEARTBEAT, 0, 4, (RequestHandler<HeartbeatRequestData>)
                (context, request, reply) -> heartbeats.add(new Waiting<>(context, request, reply)));
    }

    static MetadataResponseData echo(MetadataRequestData request) {
        var response = new MetadataResponseData();
        response.clusterId = "echo-" + (request.topics == null ? 0 : request.topics.size());
        return response;
    }

    static HeartbeatResponseData beat(int throttleTimeMs) {
        var response = new HeartbeatResponseData();
        response.throttleTimeMs = throttleTimeMs;
        return response;
    }

    ServerFixture serve(ApiKey key, int min, int max, RequestHandler<?> handler) {
        table.serve(key, min, max, handler);
        return this;
    }

    ServerFixture start() {
        return start(config -> config);
    }

    ServerFixture start(UnaryOperator<ServerConfig> change) {
        bind(change).serve();
        return this;
    }

    NettyServer bind(UnaryOperator<ServerConfig> change) {
        server = new NettyServer(
                change.apply(config()),
                new ListenersConfig(List.of(listener(0)), LISTENER),
                new ApiDispatcher(table),
                Clock.system());
        server.bind();
        return server;
    }

    static Listener listener(int port) {
        return new Listener(LISTENER, "PLAINTEXT", "127.0.0.1", port, "127.0.0.1", port);
    }

    static ServerConfig config() {
        return new ServerConfig(
                Transport.AUTO,
                2,
                104_857_600,
                -1,
                -1,
                1024,
                600_000,
                100_000,
                100_000,
                30_000,
                256,
                16L << 20,
                256 << 10,
                64 << 10);
    }

    static ServerConfig withTransport(ServerConfig config, Transport transport) {
        return copy(
                config,
                transport,
                config.connectionsMaxIdleMs(),
                config.maxConnections(),
                config.maxConnectionsPerIp());
    }

    static ServerConfig withIdleMs(ServerConfig config, long idleMs) {
        return copy(config, config.transport(), idleMs, config.maxConnections(), config.maxConnectionsPerIp());
    }

    static ServerConfig withLimits(ServerConfig config, int maxConnections, int perIp) {
        return copy(config, config.transport(), config.connectionsMaxIdleMs(), maxConnections, perIp);
    }

    private static ServerConfig copy(ServerConfig c, Transport transport, long idleMs, int connections, int perIp) {
        return new ServerConfig(
                transport,
                c.networkThreads(),
                c.requestMaxBytes(),
                c.sendBufferBytes(),
                c.receiveBufferBytes(),
                c.backlog(),
                idleMs,
                connections,
                perIp,
                c.parkMaxMs(),
                c.maxRequestsInFlight(),
                c.maxBytesInFlight(),
                c.unsentHighBytes(),
                c.regionBytes());
    }

    NettyServer server() {
        return server;
    }

    RawClient connect() throws IOException {
        return new RawClient(server.port(LISTENER));
    }

    /** Bytes of direct memory that buffers of this server hold. */
    long heldBytes() {
        return PooledByteBufAllocator.DEFAULT.pinnedDirectMemory() - pinnedBefore;
    }

    @Override
    public void close() {
        if (server != null) {
            server.close();
        }
        await().alias("all buffers are given back")
                .atMost(Duration.ofSeconds(10))
                .until(() -> heldBytes() == 0);
    }
}
