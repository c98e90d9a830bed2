package io.barnabas.broker.server;

import io.barnabas.broker.peer.LinkEnd;
import io.barnabas.runtime.time.Clock;
import io.netty.buffer.ByteBuf;
import io.netty.channel.ChannelHandlerContext;
import io.netty.channel.ChannelInboundHandlerAdapter;
import java.io.IOException;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.concurrent.TimeUnit;
import java.util.function.BiConsumer;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * A connection that we made to another broker: frames go out, and each frame that comes in is the answer to the one of its
 * correlation id. All state belongs to the channel's loop.
 */
final class OutgoingConnection extends ChannelInboundHandlerAdapter {
    private static final Logger LOG = LoggerFactory.getLogger(OutgoingConnection.class);

    private final FrameDecoder decoder;
    private final Clock clock;
    private final BiConsumer<LinkEnd, String> onEnd;

    /** By correlation id, in the order they were sent. */
    private final Map<Integer, Waiting> waiting = new LinkedHashMap<>();

    private ChannelHandlerContext channel;
    private int lastCorrelationId;
    private LinkEnd ended;
    private long nextCheckNanos;
    private boolean checkIsScheduled;

    /** @param onEnd called once, on the channel's loop, after the answers that were missing have failed */
    OutgoingConnection(FrameDecoder decoder, Clock clock, BiConsumer<LinkEnd, String> onEnd) {
        this.decoder = decoder;
        this.clock = clock;
        this.onEnd = onEnd;
    }

    /** What becomes of one request; exactly one of the two is called, on the channel's loop. */
    interface Answered {
        /** @param frame from the correlation id on; lent until this returns */
        void by(ByteBuf frame);

        void lost(LinkEnd how, String why);
    }

    /** Makes the frame of a request that bears {@code correlationId}. */
    interface Framed {
        ByteBuf as(int correlationId);
    }

    private record Waiting(Answered answered, long deadlineNanos) {}

    @Override
    public void handlerAdded(ChannelHandlerContext context) {
        channel = context;
    }

    /** Sends a request. On the channel's loop; if the connection is over, so is the request, before this returns. */
    void send(Framed request, long timeoutMs, Answered answered) {
        if (ended != null) {
            answered.lost(ended, "the connection has ended");
            return;
        }
        int correlationId = ++lastCorrelationId;
        ByteBuf frame;
        try {
            frame = request.as(correlationId);
        } catch (RuntimeException unwritable) {
            LOG.atError().setCause(unwritable).log("a request to another broker cannot be written");
            answered.lost(LinkEnd.LOCAL, "a request that cannot be written: " + unwritable.getMessage());
            return;
        }
        long deadline = clock.nanoTime() + TimeUnit.MILLISECONDS.toNanos(timeoutMs);
        waiting.put(correlationId, new Waiting(answered, deadline));
        checkBy(deadline);
        channel.writeAndFlush(frame, channel.voidPromise());
    }

    /** On the channel's loop. */
    void close(LinkEnd how, String why) {
        if (ended == null) {
            end(how, why);
            channel.close();
        }
    }

    @Override
    public void channelRead(ChannelHandlerContext context, Object message) {
        ByteBuf received = (ByteBuf) message;
        if (ended != null) {
            received.release();
            return;
        }
        try {
            if (decoder.isLent(received)) {
                received = null;
                takeIfThere(decoder.completed());
                return;
            }
            while (ended == null && received.isReadable()) {
                takeIfThere(decoder.next(received));
            }
        } catch (BadFrameException malformed) {
            close(LinkEnd.LOCAL, malformed.getMessage());
        } finally {
            if (received != null) {
                received.release();
            }
        }
    }

    /** Takes over the frame, which may be null. */
    private void takeIfThere(ByteBuf frame) {
        if (frame == null) {
            return;
        }
        try {
            Waiting request =
                    frame.readableBytes() < Integer.BYTES ? null : waiting.remove(frame.getInt(frame.readerIndex()));
            if (request == null) {
                close(LinkEnd.LOCAL, "an answer to nothing that was asked");
                return;
            }
            request.answered.by(frame);
        } finally {
            frame.release();
        }
    }

    @Override
    public void channelInactive(ChannelHandlerContext context) {
        end(LinkEnd.RESET, "closed by the other side");
    }

    @Override
    public void exceptionCaught(ChannelHandlerContext context, Throwable cause) {
        if (cause instanceof IOException) {
            close(howItEnded(cause), cause.toString());
        } else {
            LOG.atError()
                    .addKeyValue("broker", context.channel().remoteAddress())
                    .setCause(cause)
                    .log("a connection to another broker failed unexpectedly");
            close(LinkEnd.LOCAL, cause.toString());
        }
    }

    /** What the operating system says of a connection that failed. Only a reset is the other side's doing (FFD-01). */
    static LinkEnd howItEnded(Throwable failure) {
        String message = String.valueOf(failure.getMessage());
        return message.contains("reset") || message.contains("Broken pipe") ? LinkEnd.RESET : LinkEnd.TIMED_OUT;
    }

    private void end(LinkEnd how, String why) {
        if (ended != null) {
            return;
        }
        ended = how;
        decoder.release();
        List<Waiting> lost = new ArrayList<>(waiting.values());
        waiting.clear();
        for (Waiting request : lost) {
            attempt(() -> request.answered.lost(how, why));
        }
        attempt(() -> onEnd.accept(how, why));
    }

    /** One who fails to hear of the end must not keep it from the others. */
    private static void attempt(Runnable callback) {
        try {
            callback.run();
        } catch (RuntimeException failed) {
            LOG.atError().setCause(failed).log("a callback at the end of a connection failed");
        }
    }

    // ---- patience: one timer for all that wait, moved only when it has to come earlier

    private void checkBy(long deadlineNanos) {
        if (!checkIsScheduled || deadlineNanos - nextCheckNanos < 0) {
            checkIsScheduled = true;
            nextCheckNanos = deadlineNanos;
            long delay = Math.max(0, deadlineNanos - clock.nanoTime());
            channel.channel().eventLoop().schedule(() -> check(deadlineNanos), delay, TimeUnit.NANOSECONDS);
        }
    }

    private void check(long plannedNanos) {
        if (ended != null || plannedNanos != nextCheckNanos) {
            return;
        }
        checkIsScheduled = false;
        long now = clock.nanoTime();
        long earliest = Long.MAX_VALUE;
        for (Waiting request : waiting.values()) {
            long left = request.deadlineNanos - now;
            if (left <= 0) {
                close(LinkEnd.TIMED_OUT, "no answer in time");
                return;
            }
            earliest = Math.min(earliest, left);
        }
        if (earliest != Long.MAX_VALUE) {
            checkBy(now + earliest);
        }
    }
}
