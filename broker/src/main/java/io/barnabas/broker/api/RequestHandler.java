package io.barnabas.broker.api;

import io.barnabas.protocol.message.ApiMessage;

/**
 * Serves one API.
 *
 * @param <Q> the request's class
 */
public interface RequestHandler<Q extends ApiMessage> {
    /**
     * Runs on the connection's own loop and must not block: what may block is handed to other threads. Requests of one
     * connection come in order, each before the one ahead of it is answered; the answers are put in order by the server.
     *
     * @param reply must be used exactly once, now or later; whatever is thrown before is answered as an error
     */
    void handle(RequestContext context, Q request, Reply reply);
}
