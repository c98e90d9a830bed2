package io.barnabas.broker.api;

import io.barnabas.protocol.message.ApiMessage;

/**
 * The way back to the one who asked. Of all calls on one reply, by any threads, the first takes effect. It also lets go
 * of the request's bytes. A reply to a connection that is gone does nothing else, so callers need not ask.
 */
public interface Reply {
    /**
     * Answers. Takes over the response, and with it one hold on each {@link SliceRecords}: they are released when the
     * bytes are sent, or when it turns out that they cannot be.
     */
    void send(ApiMessage response);

    /** Finishes a request that gets no answer (produce with acks=0). */
    void sendNothing();

    /** Ends the connection instead of answering; earlier answers that are not on their way yet are lost. */
    void closeConnection(String why);
}
