package io.barnabas.broker.server;

import io.barnabas.broker.config.HttpListenersConfig;
import io.barnabas.broker.config.HttpListenersConfig.Address;
import io.barnabas.broker.http.HttpRoutes;
import io.barnabas.runtime.time.Clock;
import io.netty.bootstrap.ServerBootstrap;
import io.netty.channel.Channel;
import io.netty.channel.ChannelFuture;
import io.netty.channel.ChannelInitializer;
import io.netty.channel.ChannelOption;
import io.netty.channel.EventLoopGroup;
import io.netty.channel.FixedRecvByteBufAllocator;
import io.netty.channel.socket.ServerSocketChannel;
import io.netty.channel.socket.SocketChannel;
import io.netty.handler.codec.http.HttpDecoderConfig;
import io.netty.handler.codec.http.HttpServerCodec;
import java.net.InetSocketAddress;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.atomic.AtomicInteger;

/** The broker's HTTP listeners, on the loops of its clients. */
final class HttpServer {
    /** Ports tried behind one that is taken, before any free one is taken. */
    private static final int NEXT_PORTS = 100;

    private final HttpRoutes routes;
    private final HttpLimits limits;
    private final Clock clock;
    private final AtomicInteger connections = new AtomicInteger();
    private final List<Channel> bound = new ArrayList<>();

    HttpServer(HttpRoutes routes, HttpLimits limits, Clock clock) {
        this.routes = routes;
        this.limits = limits;
        this.clock = clock;
    }

    /** @throws ListenException if one of the listeners cannot be had; none is left listening then */
    void bind(
            HttpListenersConfig listeners,
            EventLoopGroup acceptor,
            EventLoopGroup loops,
            Class<? extends ServerSocketChannel> channel) {
        ServerBootstrap bootstrap = new ServerBootstrap()
                .group(acceptor, loops)
                .channel(channel)
                .option(ChannelOption.SO_REUSEADDR, true)
                .childOption(ChannelOption.AUTO_READ, false)
                .childOption(
                        ChannelOption.RECVBUF_ALLOCATOR,
                        new FixedRecvByteBufAllocator(HttpLimits.READ_BYTES).maxMessagesPerRead(1))
                .childOption(ChannelOption.TCP_NODELAY, true)
                .childHandler(new Newcomers());
        try {
            for (Address address : listeners.addresses()) {
                bound.add(listeners.orNextPort() ? bindNext(bootstrap, address) : bind(bootstrap, address));
            }
        } catch (ListenException cannotListen) {
            stopAccepting(0);
            throw cannotListen;
        }
    }

    /** Where it listens, in the order of the configuration. */
    List<InetSocketAddress> addresses() {
        return bound.stream()
                .map(channel -> (InetSocketAddress) channel.localAddress())
                .toList();
    }

    void stopAccepting(long timeoutMs) {
        bound.forEach(channel -> channel.close().awaitUninterruptibly(timeoutMs));
    }

    private static Channel bindNext(ServerBootstrap bootstrap, Address first) {
        for (int port = first.port(); port < first.port() + NEXT_PORTS; port++) {
            ChannelFuture binding =
                    bootstrap.bind(new InetSocketAddress(first.host(), port)).awaitUninterruptibly();
            if (binding.isSuccess()) {
                return binding.channel();
            }
        }
        return bind(bootstrap, new Address(first.host(), 0));
    }

    private static Channel bind(ServerBootstrap bootstrap, Address address) {
        InetSocketAddress place = address.host().isEmpty()
                ? new InetSocketAddress(address.port())
                : new InetSocketAddress(address.host(), address.port());
        String name = "http://" + address.host() + ":" + address.port();
        if (place.isUnresolved()) {
            throw new ListenException("cannot listen on " + name + ": this host name is not known", null);
        }
        ChannelFuture binding = bootstrap.bind(place).awaitUninterruptibly();
        if (!binding.isSuccess()) {
            throw new ListenException(
                    "cannot listen on " + name + ": " + binding.cause().getMessage(), binding.cause());
        }
        return binding.channel();
    }

    /** Makes an {@link HttpConnection} of every channel accepted, within the limits. */
    private final class Newcomers extends ChannelInitializer<SocketChannel> {
        @Override
        protected void initChannel(SocketChannel channel) {
            if (connections.incrementAndGet() > limits.maxConnections()) {
                connections.decrementAndGet();
                channel.close();
                return;
            }
            channel.closeFuture().addListener(closed -> connections.decrementAndGet());
            channel.pipeline()
                    .addLast(new HttpServerCodec(new HttpDecoderConfig()
                            .setMaxInitialLineLength(HttpLimits.LINE_BYTES)
                            .setMaxHeaderSize(HttpLimits.HEADER_BYTES)))
                    .addLast(new HttpConnection(routes, limits, clock));
        }
    }
}
