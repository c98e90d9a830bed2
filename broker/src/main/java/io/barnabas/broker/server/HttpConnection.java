package io.barnabas.broker.server;

import io.barnabas.broker.http.HttpAnswer;
import io.barnabas.broker.http.HttpQuery;
import io.barnabas.broker.http.HttpRoutes;
import io.barnabas.runtime.time.Clock;
import io.netty.buffer.ByteBuf;
import io.netty.buffer.Unpooled;
import io.netty.channel.ChannelHandlerContext;
import io.netty.channel.ChannelInboundHandlerAdapter;
import io.netty.channel.socket.SocketChannel;
import io.netty.handler.codec.http.DefaultFullHttpResponse;
import io.netty.handler.codec.http.FullHttpResponse;
import io.netty.handler.codec.http.HttpContent;
import io.netty.handler.codec.http.HttpHeaderNames;
import io.netty.handler.codec.http.HttpHeaderValues;
import io.netty.handler.codec.http.HttpMethod;
import io.netty.handler.codec.http.HttpRequest;
import io.netty.handler.codec.http.HttpResponseStatus;
import io.netty.handler.codec.http.HttpUtil;
import io.netty.handler.codec.http.HttpVersion;
import io.netty.handler.codec.http.LastHttpContent;
import io.netty.handler.codec.http.TooLongHttpHeaderException;
import io.netty.handler.codec.http.TooLongHttpLineException;
import io.netty.util.ReferenceCountUtil;
import java.io.IOException;
import java.util.ArrayDeque;
import java.util.Queue;
import java.util.concurrent.RejectedExecutionException;
import java.util.concurrent.TimeUnit;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * One HTTP client. Takes one request after the other: nothing is read while an answer is being found or sent, so a client that
 * asks faster than it reads waits. Only GET and HEAD, without a body; whatever else comes gets an answer that says so, and bytes that are no HTTP end
 * the connection.
 */
final class HttpConnection extends ChannelInboundHandlerAdapter {
    private static final Logger LOG = LoggerFactory.getLogger(HttpConnection.class);
    private static final String JSON = "application/json";
    private static final String ALLOWED = "GET, HEAD";
    private static final long LEAST_CHECK_MS = 10;
    private static final long MOST_CHECK_MS = 500;

    /** What the connection is waiting for. */
    private enum Phase {
        REQUEST,
        ANSWER,
        SENDING,
        /** The last answer is sent; what still comes is thrown away until the client goes, so that it sees that answer. */
        LINGERING
    }

    private final HttpRoutes routes;
    private final HttpLimits limits;
    private final Clock clock;

    /** Decoded and not yet looked at: what one read brought at most. */
    private final Queue<Object> inbox = new ArrayDeque<>();

    private boolean taking;
    private Phase phase = Phase.REQUEST;
    private long phaseSinceMs;
    /** Of the request at hand; answers to earlier ones come too late. */
    private long number;

    private boolean isHead;
    private boolean keepAlive;

    HttpConnection(HttpRoutes routes, HttpLimits limits, Clock clock) {
        this.routes = routes;
        this.limits = limits;
        this.clock = clock;
    }

    // ---- what the channel tells

    @Override
    public void channelActive(ChannelHandlerContext context) {
        enter(Phase.REQUEST);
        check(context);
        context.read();
    }

    @Override
    public void channelRead(ChannelHandlerContext context, Object message) {
        if (phase == Phase.LINGERING) {
            ReferenceCountUtil.release(message);
            return;
        }
        inbox.add(message);
        takeRequests(context);
    }

    @Override
    public void channelReadComplete(ChannelHandlerContext context) {
        readOn(context);
    }

    @Override
    public void channelInactive(ChannelHandlerContext context) {
        emptyInbox();
    }

    @Override
    public void exceptionCaught(ChannelHandlerContext context, Throwable cause) {
        if (!(cause instanceof IOException)) {
            LOG.atError()
                    .addKeyValue("client", context.channel().remoteAddress())
                    .setCause(cause)
                    .log("HTTP connection failed unexpectedly");
        }
        context.close();
    }

    // ---- requests

    private void takeRequests(ChannelHandlerContext context) {
        if (taking) {
            return; // an answer was sent at once; the loop below goes on with the next request
        }
        taking = true;
        while (phase == Phase.REQUEST && !inbox.isEmpty()) {
            Object message = inbox.remove();
            try {
                if (message instanceof HttpRequest request) {
                    take(context, request);
                } else if (message instanceof HttpContent content) {
                    takeContent(context, content);
                }
            } finally {
                ReferenceCountUtil.release(message);
            }
        }
        taking = false;
    }

    /** Reads on when all that was read is dealt with. */
    private void readOn(ChannelHandlerContext context) {
        if (phase == Phase.LINGERING || (phase == Phase.REQUEST && inbox.isEmpty())) {
            context.read();
        }
    }

    private void emptyInbox() {
        inbox.forEach(ReferenceCountUtil::release);
        inbox.clear();
    }

    private void take(ChannelHandlerContext context, HttpRequest request) {
        isHead = request.method().equals(HttpMethod.HEAD);
        keepAlive = false;
        if (request.decoderResult().isFailure()) {
            refuse(context, statusOf(request.decoderResult().cause()));
        } else if (request.protocolVersion().majorVersion() != 1) {
            refuse(context, HttpResponseStatus.HTTP_VERSION_NOT_SUPPORTED);
        } else if (hasBody(request)) {
            refuse(context, HttpResponseStatus.REQUEST_ENTITY_TOO_LARGE);
        } else if (!hasOneHost(request)) {
            refuse(context, HttpResponseStatus.BAD_REQUEST);
        } else {
            keepAlive = HttpUtil.isKeepAlive(request);
            if (!isHead && !request.method().equals(HttpMethod.GET)) {
                refuse(context, HttpResponseStatus.METHOD_NOT_ALLOWED);
            } else {
                ask(context, request.uri());
            }
        }
    }

    private void ask(ChannelHandlerContext context, String target) {
        HttpQuery query = HttpQuery.parse(target);
        if (query == null) {
            keepAlive = false;
            refuse(context, HttpResponseStatus.BAD_REQUEST);
            return;
        }
        enter(Phase.ANSWER);
        long asked = ++number;
        routes.answer(query, answer -> {
            if (context.executor().inEventLoop()) {
                answered(context, asked, answer);
                return;
            }
            try {
                context.executor().execute(() -> answered(context, asked, answer));
            } catch (RejectedExecutionException stopping) {
                LOG.atDebug().setCause(stopping).log("an answer was found after the sockets were closed");
            }
        });
    }

    private void answered(ChannelHandlerContext context, long asked, HttpAnswer answer) {
        if (asked == number && phase == Phase.ANSWER) {
            send(context, HttpResponseStatus.valueOf(answer.status()), answer.body());
        }
    }

    /** The end of a request, for there are no bodies. */
    private void takeContent(ChannelHandlerContext context, HttpContent content) {
        if (content.decoderResult().isFailure()) {
            keepAlive = false;
            refuse(context, statusOf(content.decoderResult().cause()));
        } else if (content.content().isReadable() || !(content instanceof LastHttpContent)) {
            context.close();
        }
    }

    private static boolean hasBody(HttpRequest request) {
        return request.headers().contains(HttpHeaderNames.TRANSFER_ENCODING)
                || HttpUtil.getContentLength(request, 0L) > 0;
    }

    /** A request of HTTP/1.1 names the host once (RFC 9112, 3.2). */
    private static boolean hasOneHost(HttpRequest request) {
        int hosts = request.headers().getAll(HttpHeaderNames.HOST).size();
        return hosts == 1 || (hosts == 0 && request.protocolVersion().equals(HttpVersion.HTTP_1_0));
    }

    private static HttpResponseStatus statusOf(Throwable cause) {
        if (cause instanceof TooLongHttpLineException) {
            return HttpResponseStatus.REQUEST_URI_TOO_LONG;
        }
        return cause instanceof TooLongHttpHeaderException
                ? HttpResponseStatus.REQUEST_HEADER_FIELDS_TOO_LARGE
                : HttpResponseStatus.BAD_REQUEST;
    }

    // ---- answers

    private void refuse(ChannelHandlerContext context, HttpResponseStatus status) {
        send(
                context,
                status,
                HttpAnswer.error(status.code(), status.reasonPhrase()).body());
    }

    private void send(ChannelHandlerContext context, HttpResponseStatus status, byte[] body) {
        enter(Phase.SENDING);
        ByteBuf content = isHead ? Unpooled.EMPTY_BUFFER : Unpooled.wrappedBuffer(body);
        FullHttpResponse response = new DefaultFullHttpResponse(HttpVersion.HTTP_1_1, status, content);
        response.headers()
                .set(HttpHeaderNames.CONTENT_TYPE, JSON)
                .set(HttpHeaderNames.CONTENT_LENGTH, body.length)
                .set(HttpHeaderNames.CACHE_CONTROL, HttpHeaderValues.NO_STORE)
                .set("x-content-type-options", "nosniff")
                .set(HttpHeaderNames.CONNECTION, keepAlive ? HttpHeaderValues.KEEP_ALIVE : HttpHeaderValues.CLOSE);
        if (status.equals(HttpResponseStatus.METHOD_NOT_ALLOWED)) {
            response.headers().set(HttpHeaderNames.ALLOW, ALLOWED);
        }
        context.writeAndFlush(response).addListener(sent -> {
            if (!sent.isSuccess()) {
                context.close();
            } else if (keepAlive) {
                enter(Phase.REQUEST);
                takeRequests(context);
                readOn(context);
            } else {
                enter(Phase.LINGERING);
                emptyInbox();
                ((SocketChannel) context.channel()).shutdownOutput();
                readOn(context);
            }
        });
    }

    // ---- patience

    private void enter(Phase next) {
        phase = next;
        phaseSinceMs = clock.monotonicMillis();
    }

    /** Looks whether the phase takes too long, and comes again before long, for the phase may be another one then. */
    private void check(ChannelHandlerContext context) {
        if (!context.channel().isActive()) {
            return;
        }
        long left = patienceMs() - (clock.monotonicMillis() - phaseSinceMs);
        if (left <= 0) {
            if (phase != Phase.ANSWER) {
                context.close();
                return;
            }
            keepAlive = false;
            number++;
            refuse(context, HttpResponseStatus.GATEWAY_TIMEOUT);
        }
        long again = Math.max(LEAST_CHECK_MS, Math.min(left, MOST_CHECK_MS));
        context.executor().schedule(() -> check(context), again, TimeUnit.MILLISECONDS);
    }

    private long patienceMs() {
        return switch (phase) {
            case REQUEST, SENDING -> limits.idleMs();
            case ANSWER -> limits.answerMs();
            case LINGERING -> HttpLimits.LINGER_MS;
        };
    }
}
