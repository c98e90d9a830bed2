package io.barnabas.broker.api;

import io.barnabas.protocol.ApiTable;
import io.barnabas.protocol.ErrorCode;
import io.barnabas.protocol.message.ApiMessage;
import io.barnabas.protocol.message.ProduceRequestData;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Brings a request to the handler that serves it. Nothing that a handler throws goes further: the client gets
 * UNKNOWN_SERVER_ERROR in the shape of that API's response, never silence.
 */
public final class ApiDispatcher {
    private static final Logger LOG = LoggerFactory.getLogger(ApiDispatcher.class);

    private final ApiTable<RequestHandler<?>> table;

    public ApiDispatcher(ApiTable<RequestHandler<?>> table) {
        this.table = table;
    }

    /** The APIs that are served; the same for all listeners. */
    public ApiTable<RequestHandler<?>> table() {
        return table;
    }

    /** Runs the handler. The version must be one that {@link #table} serves. */
    public void dispatch(RequestContext context, ApiMessage request, Reply reply) {
        var served = table.find(context.apiKey().id(), context.apiVersion());
        if (served == null) {
            reply.closeConnection(context.apiKey() + " is not served in version " + context.apiVersion());
            return;
        }
        attempt(context, request, reply, () -> handle(served.handler(), context, request, reply));
    }

    /**
     * Runs a part of a handler's work that was put off, on whatever thread: what it throws is answered as if
     * {@link RequestHandler#handle} had thrown it.
     */
    public static void attempt(RequestContext context, ApiMessage request, Reply reply, Runnable work) {
        try {
            work.run();
        } catch (Throwable unexpected) {
            LOG.atError()
                    .addKeyValue("api", context.apiKey())
                    .addKeyValue("apiVersion", context.apiVersion())
                    .addKeyValue("clientId", context.clientId())
                    .addKeyValue("client", context.clientAddress())
                    .setCause(unexpected)
                    .log("request failed unexpectedly");
            answerError(context, request, reply);
        }
    }

    private static void answerError(RequestContext context, ApiMessage request, Reply reply) {
        if (request instanceof ProduceRequestData produce && produce.acks == 0) {
            reply.closeConnection("a produce request that gets no answer failed");
            return;
        }
        try {
            reply.send(ErrorReplies.to(request, context.apiVersion(), ErrorCode.UNKNOWN_SERVER_ERROR, null));
        } catch (RuntimeException unanswerable) {
            LOG.atError()
                    .addKeyValue("api", context.apiKey())
                    .setCause(unanswerable)
                    .log("no error answer could be made");
            reply.closeConnection("no error answer could be made");
        }
    }

    @SuppressWarnings("unchecked") // a handler is registered for the API whose request class it takes
    private static <Q extends ApiMessage> void handle(
            RequestHandler<?> handler, RequestContext context, Q request, Reply reply) {
        ((RequestHandler<Q>) handler).handle(context, request, reply);
    }
}
