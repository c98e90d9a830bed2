package io.barnabas.broker.server;

import io.barnabas.broker.fetcher.LeaderConnection;
import io.barnabas.broker.fetcher.LeaderConnections;
import io.barnabas.broker.peer.LinkEnd;
import io.barnabas.broker.peer.PeerLink;
import io.barnabas.broker.peer.PeerNetwork;
import io.barnabas.model.BrokerId;
import io.barnabas.model.Endpoint;
import io.barnabas.runtime.loop.EventLoop;
import io.barnabas.runtime.time.Clock;
import io.netty.bootstrap.Bootstrap;
import io.netty.buffer.PooledByteBufAllocator;
import io.netty.channel.Channel;
import io.netty.channel.ChannelFuture;
import io.netty.channel.ChannelInitializer;
import io.netty.channel.ChannelOption;
import io.netty.channel.EventLoopGroup;
import io.netty.channel.MultiThreadIoEventLoopGroup;
import io.netty.channel.socket.SocketChannel;
import io.netty.util.NetUtil;
import io.netty.util.concurrent.DefaultThreadFactory;
import java.net.ConnectException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.UnknownHostException;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.Executor;
import java.util.concurrent.RejectedExecutionException;
import java.util.concurrent.TimeUnit;
import java.util.function.BiConsumer;
import java.util.function.Consumer;
import java.util.function.Function;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Connections of this broker to others, on loops of their own. Whoever works on one of these {@link #loops()} is called there
 * directly; for all others answers are handed over to the loop they gave.
 */
public final class PeerClient implements PeerNetwork, LeaderConnections, AutoCloseable {
    private static final Logger LOG = LoggerFactory.getLogger(PeerClient.class);
    private static final long CLOSE_TIMEOUT_MS = 10_000;

    private final PeerClientConfig config;
    private final Function<BrokerId, Endpoint> whereIs;
    private final Executor resolving;
    private final Clock clock;
    private final Transport transport;
    private final EventLoopGroup group;
    private final List<ConnectionLoop> loops = new ArrayList<>();

    /**
     * @param whereIs   where a broker's listener for brokers is reached; null if that is not known
     * @param resolving where names of hosts are looked up, which may block
     */
    public PeerClient(PeerClientConfig config, Function<BrokerId, Endpoint> whereIs, Executor resolving, Clock clock) {
        this.config = config;
        this.whereIs = whereIs;
        this.resolving = resolving;
        this.clock = clock;
        transport = config.transport().resolve();
        group = new MultiThreadIoEventLoopGroup(
                config.loops(), new DefaultThreadFactory("barnabas-peer", true), transport.ioHandlers());
        group.forEach(executor -> loops.add(new ConnectionLoop(executor)));
    }

    /** As many as were asked for. Closed with this. */
    public List<EventLoop> loops() {
        return List.copyOf(loops);
    }

    /** Ends all connections; returns when the loops have stopped. */
    @Override
    public void close() {
        group.shutdownGracefully(0, CLOSE_TIMEOUT_MS, TimeUnit.MILLISECONDS);
        if (!group.terminationFuture().awaitUninterruptibly(CLOSE_TIMEOUT_MS)) {
            LOG.warn("loops of connections to other brokers did not stop in time");
        }
    }

    @Override
    public void connect(Endpoint to, EventLoop loop, long timeoutMs, Listener listener) {
        open(
                to,
                loop,
                timeoutMs,
                (how, why) -> handLater(loop, () -> listener.onEnd(how, why)),
                connection -> {
                    Link link = new Link(connection, loop);
                    hand(loop, () -> listener.onOpen(link));
                },
                (failure, why) -> hand(loop, () -> listener.onFailed(failure, why)));
    }

    @Override
    public LeaderConnection to(BrokerId leader, EventLoop loop) {
        return new LeaderLink(this, leader, loop, config.clientId(), config.requestTimeoutMs());
    }

    /** Null if that is not known. */
    Endpoint whereIs(BrokerId broker) {
        return whereIs.apply(broker);
    }

    /** A connection and its channel: sends from any thread come to the channel's loop. */
    record Opened(OutgoingConnection connection, Channel channel) {
        void execute(Runnable task, Runnable otherwise) {
            if (channel.eventLoop().inEventLoop()) {
                task.run();
                return;
            }
            try {
                channel.eventLoop().execute(task);
            } catch (RejectedExecutionException loopIsGone) {
                LOG.debug("a connection's loop is gone");
                otherwise.run();
            }
        }
    }

    /** Connects on the loop given if it is ours, else on any. The callbacks come on the channel's loop, or where names are looked up. */
    void open(
            Endpoint to,
            EventLoop loop,
            long timeoutMs,
            BiConsumer<LinkEnd, String> onEnd,
            Consumer<Opened> onOpen,
            BiConsumer<Failure, String> onFailed) {
        byte[] literal = NetUtil.createByteArrayFromIpAddressString(to.host());
        if (literal != null) {
            connect(address(to.host(), literal), to, loop, timeoutMs, onEnd, onOpen, onFailed);
            return;
        }
        try {
            resolving.execute(() -> {
                InetAddress address;
                try {
                    address = InetAddress.getByName(to.host());
                } catch (UnknownHostException unknown) {
                    onFailed.accept(Failure.OTHER, "the name " + to.host() + " is not known");
                    return;
                }
                connect(address, to, loop, timeoutMs, onEnd, onOpen, onFailed);
            });
        } catch (RejectedExecutionException stopping) {
            LOG.debug("nobody looks up names any more");
            onFailed.accept(Failure.OTHER, "this broker is stopping");
        }
    }

    private static InetAddress address(String host, byte[] literal) {
        try {
            return InetAddress.getByAddress(host, literal);
        } catch (UnknownHostException impossible) {
            throw new IllegalArgumentException(host, impossible); // the array's length is right
        }
    }

    private void connect(
            InetAddress address,
            Endpoint to,
            EventLoop loop,
            long timeoutMs,
            BiConsumer<LinkEnd, String> onEnd,
            Consumer<Opened> onOpen,
            BiConsumer<Failure, String> onFailed) {
        ConnectAttempt attempt = new ConnectAttempt(onEnd, onOpen, onFailed);
        Bootstrap bootstrap = new Bootstrap()
                .group(loop instanceof ConnectionLoop own ? own.group() : group)
                .channel(transport.socketChannel())
                .option(ChannelOption.CONNECT_TIMEOUT_MILLIS, (int) Math.min(Integer.MAX_VALUE, timeoutMs))
                .option(ChannelOption.ALLOCATOR, PooledByteBufAllocator.DEFAULT)
                .option(ChannelOption.TCP_NODELAY, true)
                .option(ChannelOption.SO_KEEPALIVE, true)
                .handler(new ChannelInitializer<SocketChannel>() {
                    @Override
                    protected void initChannel(SocketChannel channel) {
                        var decoder = new FrameDecoder(channel.alloc(), config.answerMaxBytes());
                        channel.config().setRecvByteBufAllocator(new FrameReceiver(decoder));
                        var connection = new OutgoingConnection(decoder, clock, attempt::onEnd);
                        attempt.onMade(connection);
                        channel.pipeline().addLast(connection);
                    }
                });
        if (config.receiveBufferBytes() > 0) {
            bootstrap.option(ChannelOption.SO_RCVBUF, config.receiveBufferBytes());
        }
        ChannelFuture connecting;
        try {
            connecting = bootstrap.connect(new InetSocketAddress(address, to.port()));
        } catch (RejectedExecutionException stopping) {
            LOG.debug("loops of connections to other brokers are gone");
            onFailed.accept(Failure.OTHER, "this broker is stopping");
            return;
        }
        connecting.addListener(done -> attempt.onConnected(connecting));
    }

    /** A timeout is a {@link ConnectException}, too: only what the other machine said counts as a refusal. */
    static Failure failureOf(Throwable cause) {
        return cause instanceof ConnectException
                        && String.valueOf(cause.getMessage()).contains("refused")
                ? Failure.REFUSED
                : Failure.OTHER;
    }

    /** Right here if this is the loop; nowhere if that has been closed. */
    static void hand(EventLoop loop, Runnable callback) {
        if (loop.inLoop()) {
            callback.run();
            return;
        }
        try {
            loop.execute(callback);
        } catch (RejectedExecutionException closed) {
            LOG.debug("nobody hears of a connection's news any more");
        }
    }

    /** Never right here: for callbacks that must not come before the call that causes them has returned. */
    static void handLater(EventLoop loop, Runnable callback) {
        try {
            loop.execute(callback);
        } catch (RejectedExecutionException closed) {
            LOG.debug("nobody hears of a connection's news any more");
        }
    }

    /** One link, for its loop. */
    private static final class Link implements PeerLink {
        private final Opened opened;
        private final EventLoop loop;

        Link(Opened opened, EventLoop loop) {
            this.opened = opened;
            this.loop = loop;
        }

        @Override
        public void send(byte[] request, long timeoutMs, Answer answer) {
            var answered = new OutgoingConnection.Answered() {
                @Override
                public void by(io.netty.buffer.ByteBuf frame) {
                    byte[] response = new byte[frame.readableBytes() - Integer.BYTES];
                    frame.getBytes(frame.readerIndex() + Integer.BYTES, response);
                    hand(loop, () -> answer.onAnswer(response));
                }

                @Override
                public void lost(LinkEnd how, String why) {
                    handLater(loop, () -> answer.onLost(how));
                }
            };
            opened.execute(
                    () -> opened.connection()
                            .send(id -> PeerFrames.request(opened.channel().alloc(), id, request), timeoutMs, answered),
                    () -> answered.lost(LinkEnd.LOCAL, "this broker is stopping"));
        }

        @Override
        public void close() {
            opened.execute(() -> opened.connection().close(LinkEnd.LOCAL, "closed here"), () -> {});
        }
    }
}
