package io.barnabas.broker.api;

import io.barnabas.broker.metadata.CurrentCluster;
import io.barnabas.protocol.message.ApiMessage;
import java.util.concurrent.RejectedExecutionException;
import java.util.concurrent.atomic.AtomicInteger;

/**
 * Parks requests of a broker that has just started until the controller has told it of the cluster, so that nobody hears that a
 * topic is unknown which exists (WIRE-26). Their number is bounded; more end their connections, and the clients come again.
 */
public final class OnceClusterKnown {
    private static final int MOST_PARKED = 10_000;

    private final CurrentCluster cluster;
    private final AtomicInteger parked = new AtomicInteger();

    public OnceClusterKnown(CurrentCluster cluster) {
        this.cluster = cluster;
    }

    /** The same handler behind the gate. */
    public <Q extends ApiMessage> RequestHandler<Q> gate(RequestHandler<Q> handler) {
        return (context, request, reply) -> {
            if (cluster.view().known()) {
                handler.handle(context, request, reply);
            } else {
                park(handler, context, request, reply);
            }
        };
    }

    private <Q extends ApiMessage> void park(
            RequestHandler<Q> handler, RequestContext context, Q request, Reply reply) {
        if (parked.incrementAndGet() > MOST_PARKED) {
            parked.decrementAndGet();
            reply.closeConnection("too many requests before the cluster was known");
            return;
        }
        cluster.whenKnown(() -> {
            parked.decrementAndGet();
            try {
                context.loop().execute(() -> resume(handler, context, request, reply));
            } catch (RejectedExecutionException stopping) {
                reply.closeConnection("stopping");
            }
        });
    }

    private static <Q extends ApiMessage> void resume(
            RequestHandler<Q> handler, RequestContext context, Q request, Reply reply) {
        if (context.isOpen()) {
            ApiDispatcher.attempt(context, request, reply, () -> handler.handle(context, request, reply));
        } else {
            reply.sendNothing();
        }
    }
}
