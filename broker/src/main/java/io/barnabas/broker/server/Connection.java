package io.barnabas.broker.server;

import io.barnabas.broker.api.ConnectionNotes;
import io.barnabas.broker.peer.LinkEnd;
import io.barnabas.broker.peer.PeerService;
import io.barnabas.protocol.ApiKey;
import io.barnabas.protocol.RequestCodec;
import io.barnabas.protocol.RequestHeader;
import io.barnabas.protocol.VersionNegotiation;
import io.barnabas.protocol.message.ApiMessage;
import io.barnabas.protocol.message.MalformedMessageException;
import io.netty.buffer.ByteBuf;
import io.netty.channel.ChannelHandlerContext;
import io.netty.channel.ChannelInboundHandlerAdapter;
import io.netty.channel.EventLoop;
import java.io.IOException;
import java.net.InetAddress;
import java.util.ArrayDeque;
import java.util.EnumSet;
import java.util.Set;
import java.util.concurrent.RejectedExecutionException;
import java.util.concurrent.TimeUnit;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * One client's connection. Requests are decoded and run as they come, on the loop that received them, and overlap; answers
 * are sent in the order of the requests, flushed once per burst of reading.
 * <p>Memory is bounded from both sides. No further request is taken while those at hand are too many or too large, or while
 * finished answers wait for a peer that does not read; then the socket is not read either. Answers are made into bytes only
 * when the socket can take them, until then they are values that refer to the log.
 * <p>All state belongs to the channel's loop; other threads only come in through {@link Exchange}.
 */
final class Connection extends ChannelInboundHandlerAdapter {
    static final String ANONYMOUS = "User:ANONYMOUS";

    private static final Logger LOG = LoggerFactory.getLogger(Connection.class);

    /** Key, version and correlation id: no request is shorter. */
    private static final int LEAST_REQUEST_BYTES = 8;

    /** Finished answers that may wait for an unwilling reader before no more requests are taken. */
    private static final int MOST_UNSENT_ANSWERS = 4;

    private static final long LEAST_IDLE_CHECK_NANOS = TimeUnit.MILLISECONDS.toNanos(100);

    /** Whose messages hold views into the frame; all others are copies, and the frame is let go as soon as it is decoded. */
    private static final Set<ApiKey> KEEP_FRAME = EnumSet.of(ApiKey.PRODUCE, ApiKey.ENVELOPE, ApiKey.PUSH_TELEMETRY);

    private final ServerContext server;
    private final ListenerPlace place;
    private final long id;
    private final InetAddress clientAddress;
    private final ConnectionNotes notes = new ConnectionNotes();
    private final FrameDecoder decoder;
    private final ResponseSequencer sequencer = new ResponseSequencer();
    private final Runnable flushLater = this::flushScheduled;

    /** Received and not yet decoded, in order. */
    private final ArrayDeque<ByteBuf> inbox = new ArrayDeque<>(2);

    private ChannelHandlerContext channel;
    private volatile boolean open = true;

    /** A request that came before the server was ready for it; nothing behind it is looked at. */
    private ByteBuf parked;

    /** Null unless a broker speaks here. */
    private PeerVisitor visitor;

    private LinkEnd howEnded = LinkEnd.LOCAL;
    private boolean taking;
    private boolean sending;
    private boolean inReadBurst;
    private boolean unflushed;
    private boolean flushIsScheduled;
    private boolean reading = true;
    private long lastActiveNanos;

    Connection(ServerContext server, ListenerPlace place, long id, InetAddress clientAddress, FrameDecoder decoder) {
        this.server = server;
        this.place = place;
        this.id = id;
        this.clientAddress = clientAddress;
        this.decoder = decoder;
    }

    // ---- what the channel tells

    @Override
    public void handlerAdded(ChannelHandlerContext context) {
        channel = context;
        lastActiveNanos = server.clock().nanoTime();
        if (server.config().connectionsMaxIdleMs() >= 0) {
            scheduleIdleCheck(TimeUnit.MILLISECONDS.toNanos(server.config().connectionsMaxIdleMs()));
        }
    }

    @Override
    public void channelRead(ChannelHandlerContext context, Object message) {
        ByteBuf received = (ByteBuf) message;
        if (!open) {
            received.release();
            return;
        }
        inReadBurst = true;
        if (!decoder.isLent(received)) {
            inbox.add(received);
        }
        takeRequests();
    }

    @Override
    public void channelReadComplete(ChannelHandlerContext context) {
        inReadBurst = false;
        lastActiveNanos = server.clock().nanoTime();
        flush();
    }

    @Override
    public void channelWritabilityChanged(ChannelHandlerContext context) {
        if (context.channel().isWritable()) {
            lastActiveNanos = server.clock().nanoTime();
            sendAnswers();
            takeRequests();
        }
    }

    @Override
    public void channelInactive(ChannelHandlerContext context) {
        if (open) {
            howEnded = LinkEnd.RESET;
        }
        end();
    }

    @Override
    public void exceptionCaught(ChannelHandlerContext context, Throwable cause) {
        if (cause instanceof IOException) {
            howEnded = OutgoingConnection.howItEnded(cause);
            close(cause.toString());
        } else if (cause instanceof OutOfMemoryError) {
            server.complaints().warn(clientAddress, "no memory for what the connection sends or asks: " + cause);
            close("out of memory");
        } else {
            LOG.atError()
                    .addKeyValue("client", clientAddress)
                    .addKeyValue("listener", place.listener())
                    .setCause(cause)
                    .log("connection failed unexpectedly");
            close("failed unexpectedly");
        }
    }

    // ---- requests

    private void takeRequests() {
        if (taking) {
            return;
        }
        taking = true;
        try {
            ByteBuf frame;
            while (open && !isSated() && (frame = nextFrame()) != null) {
                take(frame);
            }
        } catch (BadFrameException | MalformedMessageException malformed) {
            close(malformed.getMessage());
        } finally {
            taking = false;
        }
        readIfWanted();
    }

    private boolean isSated() {
        return parked != null
                || sequencer.size() >= server.config().maxRequestsInFlight()
                || sequencer.requestBytes() >= server.config().maxBytesInFlight()
                || (sequencer.hasAnswered() && sequencer.answered() >= MOST_UNSENT_ANSWERS)
                || (visitor != null
                        && (visitor.inFlight() >= server.config().maxRequestsInFlight()
                                || !channel.channel().isWritable()));
    }

    private ByteBuf nextFrame() {
        ByteBuf frame = decoder.completed();
        while (frame == null && !inbox.isEmpty()) {
            ByteBuf received = inbox.peek();
            frame = decoder.next(received);
            if (!received.isReadable()) {
                inbox.remove().release();
            }
        }
        return frame;
    }

    /** Takes over the frame. */
    private void take(ByteBuf frame) {
        boolean kept = false;
        try {
            if (frame.readableBytes() < LEAST_REQUEST_BYTES) {
                throw new MalformedMessageException("a request of " + frame.readableBytes() + " bytes");
            }
            short key = frame.getShort(frame.readerIndex());
            short version = frame.getShort(frame.readerIndex() + Short.BYTES);
            if (key == PeerFrames.API_KEY && place.privileged()) {
                takePrivate(frame);
                return;
            }
            if (!server.gate().admits(key)) {
                kept = true;
                park(frame);
                return;
            }
            var served = server.dispatcher().table().find(key, version);
            if (served == null && key != ApiKey.API_VERSIONS.id()) {
                server.complaints().info(clientAddress, "closed: API " + key + " is not served in version " + version);
                close("unserved API");
                return;
            }
            int bytes = frame.readableBytes();
            RequestHeader header = RequestCodec.readHeader(frame);
            if (served == null) {
                refuseVersion(header, bytes);
                return;
            }
            ApiMessage request = RequestCodec.readBody(served.key(), version, frame);
            kept = keepsFrame(served.key());
            Exchange exchange = new Exchange(this, served.key(), header, bytes, kept ? frame : null);
            sequencer.add(exchange);
            server.dispatcher().dispatch(exchange, request, exchange);
        } finally {
            if (!kept) {
                frame.release();
            }
        }
    }

    /** Also before the broker serves clients: it is by these that it learns of the cluster (WIRE-26). */
    private void takePrivate(ByteBuf frame) {
        if (visitor == null) {
            PeerService service = server.peers().service();
            if (service == null) {
                close("a private request, and nobody at home yet");
                return;
            }
            visitor = new PeerVisitor(this, service.open());
        }
        visitor.take(frame);
    }

    static boolean keepsFrame(ApiKey key) {
        return KEEP_FRAME.contains(key);
    }

    /** A client newer than we are asks what we speak: it is told, in the oldest way, and may ask again (KIP-511). */
    private void refuseVersion(RequestHeader header, int bytes) {
        RequestHeader oldest = new RequestHeader(
                header.apiKey(),
                VersionNegotiation.UNSUPPORTED_ANSWER_VERSION,
                header.correlationId(),
                header.clientId());
        Exchange exchange = new Exchange(this, ApiKey.API_VERSIONS, oldest, bytes, null);
        sequencer.add(exchange);
        exchange.send(VersionNegotiation.unsupportedVersion(server.dispatcher().table()));
    }

    private void park(ByteBuf frame) {
        parked = frame;
        loop().schedule(
                        () -> {
                            if (parked == frame) {
                                close("the broker was not ready in time");
                            }
                        },
                        server.config().parkMaxMs(),
                        TimeUnit.MILLISECONDS);
        server.gate().park(this);
    }

    /** The gate is open; any thread. */
    void unpark() {
        executeOrElse(this::takeParked, () -> {});
    }

    private void takeParked() {
        ByteBuf frame = parked;
        if (frame == null) {
            return;
        }
        parked = null;
        try {
            take(frame);
        } catch (MalformedMessageException malformed) {
            close(malformed.getMessage());
        }
        takeRequests();
    }

    private void readIfWanted() {
        boolean wanted = open && !isSated();
        if (wanted != reading) {
            reading = wanted;
            channel.channel().config().setAutoRead(wanted);
        }
    }

    // ---- answers

    /** On the loop, once per exchange. */
    void onReplied(Exchange exchange) {
        if (!open) {
            exchange.giveUp();
            return;
        }
        if (exchange.closeReason() != null) {
            close(exchange.closeReason());
            return;
        }
        exchange.markAnswered();
        sequencer.onAnswered();
        sendAnswers();
        if (!reading) {
            takeRequests();
        }
    }

    private void sendAnswers() {
        if (sending) {
            return;
        }
        sending = true;
        try {
            while (open && sequencer.hasAnswered() && canWrite()) {
                Exchange exchange = sequencer.pollAnswered();
                if (exchange.response() != null) {
                    write(exchange);
                }
            }
        } finally {
            sending = false;
        }
        flushSoon();
    }

    private void flushSoon() {
        if (unflushed && !inReadBurst && !flushIsScheduled) {
            flushIsScheduled = true;
            executeOrElse(flushLater, () -> {});
        }
    }

    /** On the loop. */
    void sendPrivate(int correlationId, byte[] message) {
        if (!open) {
            return;
        }
        channel.write(PeerFrames.response(channel.alloc(), correlationId, message), channel.voidPromise());
        unflushed = true;
        flushSoon();
        if (!reading) {
            takeRequests();
        }
    }

    private boolean canWrite() {
        if (!channel.channel().isWritable()) {
            flush();
        }
        return channel.channel().isWritable();
    }

    private void write(Exchange exchange) {
        try {
            server.writer().write(channel, exchange);
            unflushed = true;
        } catch (ShortSliceException cut) {
            LOG.atInfo().addKeyValue("request", exchange).log("{}; closing the connection", cut.getMessage());
            close("records are gone");
        } catch (RuntimeException | Error unwritable) {
            LOG.atError()
                    .addKeyValue("request", exchange)
                    .setCause(unwritable)
                    .log("an answer could not be written; closing the connection");
            close("an answer could not be written");
        }
    }

    private void flushScheduled() {
        flushIsScheduled = false;
        flush();
    }

    private void flush() {
        if (unflushed) {
            unflushed = false;
            lastActiveNanos = server.clock().nanoTime();
            channel.flush();
        }
    }

    // ---- the end

    /** On the loop. */
    void close(String why) {
        if (!open) {
            return;
        }
        LOG.debug("closing connection {} of {}: {}", id, clientAddress, why);
        flush();
        end();
        channel.close();
    }

    private void end() {
        if (!open) {
            return;
        }
        open = false;
        server.gate().forget(this);
        decoder.release();
        if (parked != null) {
            parked.release();
            parked = null;
        }
        ByteBuf received;
        while ((received = inbox.poll()) != null) {
            received.release();
        }
        sequencer.clear(Exchange::onConnectionEnded);
        if (visitor != null) {
            visitor.end(howEnded);
        }
    }

    private void scheduleIdleCheck(long delayNanos) {
        channel.channel().eventLoop().schedule(this::checkIdle, delayNanos, TimeUnit.NANOSECONDS);
    }

    private void checkIdle() {
        if (!open) {
            return;
        }
        long limit = TimeUnit.MILLISECONDS.toNanos(server.config().connectionsMaxIdleMs());
        long idle = server.clock().nanoTime() - lastActiveNanos;
        if (parked != null || sequencer.isWorking() || (visitor != null && visitor.inFlight() > 0)) {
            scheduleIdleCheck(Math.max(limit, LEAST_IDLE_CHECK_NANOS));
        } else if (idle >= limit) {
            close("idle");
        } else {
            scheduleIdleCheck(limit - idle);
        }
    }

    // ---- for exchanges and the server, any thread

    boolean inLoop() {
        return loop().inEventLoop();
    }

    EventLoop loop() {
        return channel.channel().eventLoop();
    }

    boolean isOpen() {
        return open;
    }

    long id() {
        return id;
    }

    InetAddress clientAddress() {
        return clientAddress;
    }

    ListenerPlace place() {
        return place;
    }

    ConnectionNotes notes() {
        return notes;
    }

    /** Runs {@code task} on the loop; if the server is down and the loop gone, {@code otherwise} right here. */
    void executeOrElse(Runnable task, Runnable otherwise) {
        try {
            loop().execute(task);
        } catch (RejectedExecutionException loopIsGone) {
            LOG.debug("connection {}: its loop is gone", id);
            otherwise.run();
        }
    }

    void runQuietly(Runnable callback) {
        try {
            callback.run();
        } catch (RuntimeException failed) {
            LOG.atError()
                    .addKeyValue("client", clientAddress)
                    .setCause(failed)
                    .log("a callback at the end of a connection failed");
        }
    }
}
