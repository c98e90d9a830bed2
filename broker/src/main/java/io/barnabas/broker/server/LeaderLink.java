package io.barnabas.broker.server;

import io.barnabas.broker.fetcher.LeaderConnection;
import io.barnabas.broker.peer.LinkEnd;
import io.barnabas.broker.peer.PeerNetwork;
import io.barnabas.model.BrokerId;
import io.barnabas.model.Endpoint;
import io.barnabas.protocol.ApiKey;
import io.barnabas.protocol.RequestCodec;
import io.barnabas.protocol.RequestHeader;
import io.barnabas.protocol.ResponseCodec;
import io.barnabas.protocol.message.ApiMessage;
import io.barnabas.runtime.loop.EventLoop;
import io.netty.buffer.ByteBuf;
import java.io.IOException;
import java.util.ArrayDeque;
import java.util.concurrent.RejectedExecutionException;

/**
 * Kafka's protocol to one broker, over a connection that is made when there is something to ask. All state belongs to the loop of
 * the one who asks.
 */
final class LeaderLink implements LeaderConnection {
    private final PeerClient client;
    private final BrokerId broker;
    private final EventLoop loop;
    private final String clientId;
    private final long timeoutMs;

    /** Asked while the connection is being made. */
    private final ArrayDeque<Request> early = new ArrayDeque<>();

    private PeerClient.Opened opened;
    private boolean connecting;
    private boolean closed;

    private record Request(ApiMessage message, short version, Answer answer) {}

    LeaderLink(PeerClient client, BrokerId broker, EventLoop loop, String clientId, long timeoutMs) {
        this.client = client;
        this.broker = broker;
        this.loop = loop;
        this.clientId = clientId;
        this.timeoutMs = timeoutMs;
    }

    @Override
    public void send(ApiMessage message, short version, Answer answer) {
        if (closed) {
            PeerClient.handLater(loop, () -> answer.onFailure(new IOException("the connection was closed")));
            return;
        }
        Request request = new Request(message, version, answer);
        if (opened != null) {
            send(request);
            return;
        }
        early.add(request);
        if (!connecting) {
            connect();
        }
    }

    private void connect() {
        connecting = true;
        Endpoint endpoint = client.whereIs(broker);
        if (endpoint == null) {
            PeerClient.handLater(
                    loop, () -> onFailed(PeerNetwork.Failure.OTHER, "it is not known where broker " + broker + " is"));
            return;
        }
        PeerClient.Opened[] connection = new PeerClient.Opened[1];
        client.open(
                endpoint,
                loop,
                timeoutMs,
                (how, why) -> PeerClient.hand(loop, () -> {
                    if (opened == connection[0]) {
                        opened = null;
                    }
                }),
                made -> {
                    connection[0] = made;
                    if (!tryHand(() -> onOpen(made))) {
                        made.connection().close(LinkEnd.LOCAL, "this broker is stopping");
                    }
                },
                (failure, why) -> PeerClient.hand(loop, () -> onFailed(failure, why)));
    }

    private void onOpen(PeerClient.Opened made) {
        connecting = false;
        if (closed) {
            close(made);
            return;
        }
        opened = made;
        Request request;
        while ((request = early.poll()) != null) {
            send(request);
        }
    }

    private void onFailed(PeerNetwork.Failure failure, String why) {
        connecting = false;
        failEarly(new IOException("cannot connect to broker " + broker + " (" + failure + "): " + why));
    }

    private void failEarly(IOException cause) {
        Request request;
        while ((request = early.poll()) != null) {
            request.answer.onFailure(cause);
        }
    }

    private void send(Request request) {
        PeerClient.Opened connection = opened;
        ApiKey key = ApiKey.find(request.message.apiKey());
        var answered = new OutgoingConnection.Answered() {
            @Override
            public void by(ByteBuf frame) {
                if (loop.inLoop()) {
                    take(request, key, frame);
                    return;
                }
                frame.retain();
                boolean handed = tryHand(() -> {
                    try {
                        take(request, key, frame);
                    } finally {
                        frame.release();
                    }
                });
                if (!handed) {
                    frame.release();
                }
            }

            @Override
            public void lost(LinkEnd how, String why) {
                PeerClient.handLater(loop, () -> {
                    if (opened == connection) {
                        opened = null;
                    }
                    request.answer.onFailure(new IOException("connection to broker " + broker + " lost: " + why));
                });
            }
        };
        connection.execute(
                () -> connection
                        .connection()
                        .send(
                                id -> RequestCodec.write(
                                        connection.channel().alloc(),
                                        new RequestHeader(key.id(), request.version, id, clientId),
                                        request.message),
                                timeoutMs,
                                answered),
                () -> answered.lost(LinkEnd.LOCAL, "this broker is stopping"));
    }

    private static void take(Request request, ApiKey key, ByteBuf frame) {
        ApiMessage response;
        try {
            ResponseCodec.readCorrelationId(key, request.version, frame);
            response = ResponseCodec.readBody(key, request.version, frame);
        } catch (RuntimeException malformed) {
            request.answer.onFailure(malformed);
            return;
        }
        request.answer.onResponse(response);
    }

    private boolean tryHand(Runnable task) {
        if (loop.inLoop()) {
            task.run();
            return true;
        }
        try {
            loop.execute(task);
            return true;
        } catch (RejectedExecutionException closedLoop) {
            return false;
        }
    }

    @Override
    public void close() {
        closed = true;
        if (opened != null) {
            close(opened);
        }
        PeerClient.handLater(loop, () -> failEarly(new IOException("the connection was closed")));
    }

    private static void close(PeerClient.Opened made) {
        made.execute(() -> made.connection().close(LinkEnd.LOCAL, "closed here"), () -> {});
    }
}
