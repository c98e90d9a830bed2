package io.barnabas.broker.server;

import io.barnabas.broker.peer.LinkEnd;
import io.barnabas.broker.peer.PeerService;
import io.netty.buffer.ByteBuf;
import java.util.concurrent.atomic.AtomicIntegerFieldUpdater;

/**
 * The private side of one connection. Answers do not wait for each other: what a broker asks of the controller for its clients
 * may take long, and what it asks for itself must not wait behind that. Used by the connection's loop only.
 */
final class PeerVisitor {
    private final Connection connection;
    private final PeerService.Visit visit;
    private int inFlight;

    PeerVisitor(Connection connection, PeerService.Visit visit) {
        this.connection = connection;
        this.visit = visit;
    }

    /** Requests that are not answered. */
    int inFlight() {
        return inFlight;
    }

    /** @param frame lent */
    void take(ByteBuf frame) {
        byte[] message = PeerFrames.message(frame);
        if (message == null) {
            connection.close("a private request with another header than ours");
            return;
        }
        inFlight++;
        visit.onRequest(message, new Answer(this, PeerFrames.correlationId(frame)));
    }

    void end(LinkEnd how) {
        connection.runQuietly(() -> visit.onEnd(how));
    }

    private void onAnswered(Answer answer) {
        inFlight--;
        if (answer.closeReason != null) {
            connection.close(answer.closeReason);
        } else {
            connection.sendPrivate(answer.correlationId, answer.response);
        }
    }

    private static final class Answer implements PeerService.Reply {
        private static final AtomicIntegerFieldUpdater<Answer> GIVEN =
                AtomicIntegerFieldUpdater.newUpdater(Answer.class, "given");

        private final PeerVisitor visitor;
        private final int correlationId;
        private volatile int given;

        /** Written before the loop hears of it. */
        private byte[] response;

        private String closeReason;

        Answer(PeerVisitor visitor, int correlationId) {
            this.visitor = visitor;
            this.correlationId = correlationId;
        }

        @Override
        public void send(byte[] message) {
            if (GIVEN.compareAndSet(this, 0, 1)) {
                response = message;
                tellLoop();
            }
        }

        @Override
        public void close(String why) {
            if (GIVEN.compareAndSet(this, 0, 1)) {
                closeReason = why;
                tellLoop();
            }
        }

        private void tellLoop() {
            if (visitor.connection.inLoop()) {
                visitor.onAnswered(this);
            } else {
                visitor.connection.executeOrElse(() -> visitor.onAnswered(this), () -> {});
            }
        }
    }
}
