package io.barnabas.broker.server;

import io.barnabas.broker.api.ConnectionNotes;
import io.barnabas.broker.api.Reply;
import io.barnabas.broker.api.RequestContext;
import io.barnabas.broker.api.SliceRecords;
import io.barnabas.protocol.ApiKey;
import io.barnabas.protocol.RequestHeader;
import io.barnabas.protocol.message.ApiMessage;
import io.netty.buffer.ByteBuf;
import java.net.InetAddress;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.Executor;
import java.util.concurrent.atomic.AtomicIntegerFieldUpdater;
import java.util.concurrent.atomic.AtomicReferenceFieldUpdater;

/**
 * One request and the answer to it. Handlers see it as context and as reply, from any thread; what it was answered with
 * is the business of the connection's loop alone.
 */
final class Exchange implements RequestContext, Reply, Runnable {
    private static final AtomicIntegerFieldUpdater<Exchange> REPLIED =
            AtomicIntegerFieldUpdater.newUpdater(Exchange.class, "replied");
    private static final AtomicReferenceFieldUpdater<Exchange, ByteBuf> FRAME =
            AtomicReferenceFieldUpdater.newUpdater(Exchange.class, ByteBuf.class, "frame");

    private final Connection connection;
    private final ApiKey apiKey;
    private final RequestHeader header;
    private final int requestBytes;

    /** What the message's records are views into; null when nobody needs it any more. */
    private volatile ByteBuf frame;

    private volatile int replied;

    /** Both written before the loop hears of the reply. */
    private ApiMessage response;

    private String closeReason;

    /** Loop only. */
    private boolean answered;

    /** Guarded by this. */
    private List<Runnable> closeCallbacks;

    /** @param frame one hold on it is taken over; null if the request has no records */
    Exchange(Connection connection, ApiKey apiKey, RequestHeader header, int requestBytes, ByteBuf frame) {
        this.connection = connection;
        this.apiKey = apiKey;
        this.header = header;
        this.requestBytes = requestBytes;
        this.frame = frame;
    }

    int correlationId() {
        return header.correlationId();
    }

    int requestBytes() {
        return requestBytes;
    }

    /** Null if there is nothing to send. */
    ApiMessage response() {
        return response;
    }

    /** Null unless the connection is to be closed instead of answering. */
    String closeReason() {
        return closeReason;
    }

    boolean isAnswered() {
        return answered;
    }

    void markAnswered() {
        answered = true;
    }

    @Override
    public void send(ApiMessage response) {
        if (claim()) {
            this.response = response;
            tellLoop();
        } else {
            SliceRecords.release(response);
        }
    }

    @Override
    public void sendNothing() {
        if (claim()) {
            tellLoop();
        }
    }

    @Override
    public void closeConnection(String why) {
        if (claim()) {
            closeReason = why;
            tellLoop();
        }
    }

    private boolean claim() {
        if (!REPLIED.compareAndSet(this, 0, 1)) {
            return false;
        }
        releaseRequest();
        return true;
    }

    private void tellLoop() {
        if (connection.inLoop()) {
            connection.onReplied(this);
        } else {
            connection.executeOrElse(this, this::giveUp);
        }
    }

    /** Comes back on the loop. */
    @Override
    public void run() {
        connection.onReplied(this);
    }

    /** Lets go of an answer that cannot be sent any more. */
    void giveUp() {
        if (response != null) {
            SliceRecords.release(response);
        }
    }

    /** The connection has ended; runs on its loop. */
    void onConnectionEnded() {
        if (answered) {
            giveUp();
            return;
        }
        List<Runnable> callbacks;
        synchronized (this) {
            callbacks = closeCallbacks;
            closeCallbacks = null;
        }
        if (callbacks != null) {
            callbacks.forEach(this::runCallback);
        }
    }

    @Override
    public void onClose(Runnable callback) {
        synchronized (this) {
            if (connection.isOpen()) {
                if (closeCallbacks == null) {
                    closeCallbacks = new ArrayList<>(1);
                }
                closeCallbacks.add(callback);
                return;
            }
        }
        if (connection.inLoop()) {
            runCallback(callback);
        } else {
            connection.executeOrElse(() -> runCallback(callback), () -> runCallback(callback));
        }
    }

    private void runCallback(Runnable callback) {
        if (replied == 0) {
            connection.runQuietly(callback);
        }
        releaseRequest();
    }

    @Override
    public void releaseRequest() {
        ByteBuf held = FRAME.getAndSet(this, null);
        if (held != null) {
            held.release();
        }
    }

    @Override
    public ApiKey apiKey() {
        return apiKey;
    }

    @Override
    public short apiVersion() {
        return header.apiVersion();
    }

    @Override
    public String clientId() {
        return header.clientId();
    }

    @Override
    public String listener() {
        return connection.place().listener();
    }

    @Override
    public boolean privilegedListener() {
        return connection.place().privileged();
    }

    @Override
    public String principal() {
        return Connection.ANONYMOUS;
    }

    @Override
    public InetAddress clientAddress() {
        return connection.clientAddress();
    }

    @Override
    public long connectionId() {
        return connection.id();
    }

    @Override
    public Executor loop() {
        return connection.loop();
    }

    @Override
    public boolean isOpen() {
        return connection.isOpen();
    }

    @Override
    public ConnectionNotes notes() {
        return connection.notes();
    }

    @Override
    public String toString() {
        return apiKey + " v" + header.apiVersion() + " from " + clientAddress();
    }
}
