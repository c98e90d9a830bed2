package io.barnabas.broker.server;

import io.barnabas.broker.api.ApiDispatcher;
import io.barnabas.broker.config.HttpListenersConfig;
import io.barnabas.broker.config.Listener;
import io.barnabas.broker.config.ListenersConfig;
import io.barnabas.broker.http.HttpRoutes;
import io.barnabas.broker.peer.PeerService;
import io.barnabas.runtime.loop.EventLoop;
import io.barnabas.runtime.time.Clock;
import io.netty.bootstrap.ServerBootstrap;
import io.netty.buffer.ByteBuf;
import io.netty.buffer.PooledByteBufAllocator;
import io.netty.channel.Channel;
import io.netty.channel.ChannelFuture;
import io.netty.channel.ChannelInitializer;
import io.netty.channel.ChannelOption;
import io.netty.channel.EventLoopGroup;
import io.netty.channel.FileRegion;
import io.netty.channel.MessageSizeEstimator;
import io.netty.channel.MultiThreadIoEventLoopGroup;
import io.netty.channel.WriteBufferWaterMark;
import io.netty.channel.group.ChannelGroup;
import io.netty.channel.group.DefaultChannelGroup;
import io.netty.channel.socket.SocketChannel;
import io.netty.util.concurrent.DefaultThreadFactory;
import io.netty.util.concurrent.EventExecutor;
import io.netty.util.concurrent.ImmediateEventExecutor;
import java.net.BindException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.util.ArrayList;
import java.util.Iterator;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicLong;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * The broker's listeners. {@link #bind()} listens, so that ports are known and connections are taken; requests other than
 * ApiVersions wait until {@link #serve()}. The listener of the brokers has loops of its own where clients have another
 * one, so that clients cannot hold up replication.
 */
public final class NettyServer implements AutoCloseable {
    private static final Logger LOG = LoggerFactory.getLogger(NettyServer.class);
    private static final int PRIVILEGED_THREADS = 2;
    private static final int LOW_WATER_SHARE = 4;
    private static final long CLOSE_TIMEOUT_MS = 10_000;

    /** Regions count in full, although they take no memory: their segments' files are held open for them. */
    private static final MessageSizeEstimator.Handle SIZES = message -> message instanceof FileRegion region
            ? (int) Math.min(Integer.MAX_VALUE, region.count())
            : ((ByteBuf) message).readableBytes();

    private final ListenersConfig listeners;
    private final ServerContext context;
    private final ConnectionLimits limits;
    private final AtomicLong lastConnectionId = new AtomicLong();
    private final Map<String, Channel> bound = new LinkedHashMap<>();
    private final List<EventLoopGroup> groups = new ArrayList<>();
    /** One that comes while they are closed is closed, too. */
    private final ChannelGroup connected = new DefaultChannelGroup(ImmediateEventExecutor.INSTANCE, true);

    private Transport transport;
    private EventLoopGroup acceptor;
    private EventLoopGroup clients;
    private HttpServer http;

    public NettyServer(ServerConfig config, ListenersConfig listeners, ApiDispatcher dispatcher, Clock clock) {
        this.listeners = listeners;
        this.limits = new ConnectionLimits(config.maxConnections(), config.maxConnectionsPerIp());
        this.context = new ServerContext(
                config,
                dispatcher,
                new ServingGate(),
                new PeerDoor(),
                new ResponseWriter(config.regionBytes(), config.unsentHighBytes()),
                new ComplaintLog(clock),
                clock);
    }

    /**
     * Listens on all listeners, or on none.
     *
     * @throws ListenException if one of them cannot be had
     */
    public void bind() {
        transport = context.config().transport().resolve();
        acceptor = loops("accept", 1, transport);
        clients = loops("io", context.config().networkThreads(), transport);
        EventLoopGroup brokers = clients;
        if (listeners.listeners().size() > 1) {
            brokers = loops("broker-io", PRIVILEGED_THREADS, transport);
        }
        try {
            for (Listener listener : listeners.listeners()) {
                boolean privileged = listener.name().equals(listeners.interBroker());
                ServerBootstrap bootstrap = bootstrap(transport)
                        .group(acceptor, privileged ? brokers : clients)
                        .childHandler(new Newcomers(new ListenerPlace(listener.name(), privileged)));
                bound.put(listener.name(), bind(bootstrap, listener));
            }
        } catch (ListenException cannotListen) {
            close();
            throw cannotListen;
        }
    }

    /**
     * Listens for HTTP, too, on the loops of the clients; what is not among the routes yet is not found yet. After {@link #bind()}.
     *
     * @throws ListenException if one of the listeners cannot be had
     */
    public void bindHttp(HttpListenersConfig httpListeners, HttpRoutes routes) {
        bindHttp(httpListeners, routes, HttpLimits.USUAL);
    }

    void bindHttp(HttpListenersConfig httpListeners, HttpRoutes routes, HttpLimits httpLimits) {
        http = new HttpServer(routes, httpLimits, context.clock());
        try {
            http.bind(httpListeners, acceptor, clients, transport.serverChannel());
        } catch (ListenException cannotListen) {
            close();
            throw cannotListen;
        }
    }

    /** Where HTTP is listened for; empty if it is not. */
    public List<InetSocketAddress> httpAddresses() {
        return http == null ? List.of() : http.addresses();
    }

    /**
     * The loops on which clients' requests run, for whoever deals with them further: a turn there costs no other thread. After
     * {@link #bind()}; they end with {@link #close()}.
     *
     * @param most so many of them
     */
    public List<EventLoop> loops(int most) {
        List<EventLoop> lent = new ArrayList<>();
        Iterator<EventExecutor> all = clients.iterator();
        while (all.hasNext() && lent.size() < most) {
            lent.add(new ConnectionLoop(all.next()));
        }
        return lent;
    }

    /** Lets requests through: those that waited, and all that come. */
    public void serve() {
        context.gate().open();
    }

    /** Has private requests served, which come over the brokers' listener; connections that bring some before are closed. */
    public void serve(PeerService peers) {
        context.peers().open(peers);
    }

    /** The port that a listener has got. */
    public int port(String listener) {
        return ((InetSocketAddress) bound.get(listener).localAddress()).getPort();
    }

    /** Connections that are open. */
    public int connections() {
        return limits.total();
    }

    /** No new connections; those there are go on. */
    public void stopAccepting() {
        bound.values().forEach(channel -> channel.close().awaitUninterruptibly(CLOSE_TIMEOUT_MS));
        if (http != null) {
            http.stopAccepting(CLOSE_TIMEOUT_MS);
        }
    }

    /** Ends everything; returns when the loops have stopped. */
    @Override
    public void close() {
        stopAccepting();
        // while the loops run, so that every connection is told of its end: a loop that stops may turn that away
        connected.close().awaitUninterruptibly(CLOSE_TIMEOUT_MS);
        groups.forEach(group -> group.shutdownGracefully(0, CLOSE_TIMEOUT_MS, TimeUnit.MILLISECONDS));
        for (EventLoopGroup group : groups) {
            if (!group.terminationFuture().awaitUninterruptibly(CLOSE_TIMEOUT_MS)) {
                LOG.warn("network loops did not stop in time");
            }
        }
    }

    private EventLoopGroup loops(String name, int threads, Transport transport) {
        var group = new MultiThreadIoEventLoopGroup(
                threads, new DefaultThreadFactory("barnabas-" + name, false), transport.ioHandlers());
        groups.add(group);
        return group;
    }

    private ServerBootstrap bootstrap(Transport transport) {
        ServerConfig config = context.config();
        int high = config.unsentHighBytes();
        ServerBootstrap bootstrap = new ServerBootstrap()
                .channel(transport.serverChannel())
                .option(ChannelOption.SO_REUSEADDR, true)
                .option(ChannelOption.SO_BACKLOG, config.backlog())
                .childOption(ChannelOption.ALLOCATOR, PooledByteBufAllocator.DEFAULT)
                .childOption(ChannelOption.MESSAGE_SIZE_ESTIMATOR, () -> SIZES)
                .childOption(
                        ChannelOption.WRITE_BUFFER_WATER_MARK, new WriteBufferWaterMark(high / LOW_WATER_SHARE, high))
                .childOption(ChannelOption.TCP_NODELAY, true)
                .childOption(ChannelOption.SO_KEEPALIVE, true);
        if (config.receiveBufferBytes() > 0) {
            bootstrap.option(ChannelOption.SO_RCVBUF, config.receiveBufferBytes());
        }
        if (config.sendBufferBytes() > 0) {
            bootstrap.childOption(ChannelOption.SO_SNDBUF, config.sendBufferBytes());
        }
        return bootstrap;
    }

    private Channel bind(ServerBootstrap bootstrap, Listener listener) {
        InetSocketAddress address = listener.bindHost().isEmpty()
                ? new InetSocketAddress(listener.bindPort())
                : new InetSocketAddress(listener.bindHost(), listener.bindPort());
        String place = listener.name() + "://" + listener.bindHost() + ":" + listener.bindPort();
        if (address.isUnresolved()) {
            throw new ListenException("cannot listen on " + place + ": this host name is not known", null);
        }
        ChannelFuture binding = bootstrap.bind(address).awaitUninterruptibly();
        if (!binding.isSuccess()) {
            Throwable cause = binding.cause();
            String reason = cause instanceof BindException
                            || "bind(..) failed: Address already in use".equals(cause.getMessage())
                    ? "the port is in use or the address is not this machine's (" + cause.getMessage() + ")"
                    : String.valueOf(cause.getMessage());
            throw new ListenException("cannot listen on " + place + ": " + reason, cause);
        }
        return binding.channel();
    }

    /** Makes a {@link Connection} of every channel accepted, within the limits. */
    private final class Newcomers extends ChannelInitializer<SocketChannel> {
        private final ListenerPlace place;

        Newcomers(ListenerPlace place) {
            this.place = place;
        }

        @Override
        protected void initChannel(SocketChannel channel) {
            InetSocketAddress remote = channel.remoteAddress();
            if (remote == null) {
                channel.close();
                return;
            }
            InetAddress client = remote.getAddress();
            if (!limits.admit(client, place.privileged())) {
                context.complaints().warn(client, "closed a new connection: too many");
                channel.close();
                return;
            }
            channel.closeFuture().addListener(closed -> limits.left(client));
            connected.add(channel);
            var decoder = new FrameDecoder(channel.alloc(), context.config().requestMaxBytes());
            channel.config().setRecvByteBufAllocator(new FrameReceiver(decoder));
            channel.pipeline()
                    .addLast(new Connection(context, place, lastConnectionId.incrementAndGet(), client, decoder));
        }
    }
}
