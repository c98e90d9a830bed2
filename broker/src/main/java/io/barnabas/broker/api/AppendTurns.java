package io.barnabas.broker.api;

import java.util.ArrayDeque;
import java.util.Queue;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.ConcurrentMap;
import java.util.concurrent.Executor;
import java.util.concurrent.RejectedExecutionException;

/**
 * Keeps the appends of one connection in order of arrival while some of them run elsewhere (WIRE-12): behind one that was
 * handed to a worker, later ones wait for their turn. Connections that hand nothing over pay one look at an empty map.
 */
final class AppendTurns {
    private final Executor workers;
    /** By connection, only while it has something handed over. Each queue is touched on its connection's loop only. */
    private final ConcurrentMap<Long, Queue<Turn>> handedOver = new ConcurrentHashMap<>();

    AppendTurns(Executor workers) {
        this.workers = workers;
    }

    /** @param append throws nothing */
    private record Turn(RequestContext context, boolean heavy, Runnable append) {}

    /** On the connection's loop. */
    boolean isBehindAnother(RequestContext context) {
        return !handedOver.isEmpty() && handedOver.containsKey(context.connectionId());
    }

    /** On the connection's loop. */
    void take(RequestContext context, boolean heavy, Runnable append) {
        Turn turn = new Turn(context, heavy, append);
        Queue<Turn> waiting = handedOver.get(context.connectionId());
        if (waiting != null) {
            waiting.add(turn);
            return;
        }
        handedOver.put(context.connectionId(), new ArrayDeque<>());
        try {
            handOver(turn);
        } catch (RejectedExecutionException e) {
            handedOver.remove(context.connectionId());
            throw e;
        }
    }

    private void handOver(Turn turn) {
        workers.execute(() -> {
            turn.append().run();
            turn.context().loop().execute(() -> next(turn.context().connectionId()));
        });
    }

    private void next(long connectionId) {
        Queue<Turn> waiting = handedOver.get(connectionId);
        for (Turn turn = waiting.poll(); turn != null; turn = waiting.poll()) {
            if (turn.heavy()) {
                handOver(turn);
                return;
            }
            turn.append().run();
        }
        handedOver.remove(connectionId);
    }
}
