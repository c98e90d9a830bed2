package io.barnabas.broker.peer;

import io.barnabas.coordination.control.ClusterChange;
import io.barnabas.coordination.control.ClusterState;
import io.barnabas.coordination.control.ControlMessage;
import java.util.ArrayDeque;

/**
 * What the controller has still to tell one registration, in order (CTRL-18). A slow receiver does not make it long: changes that
 * wait become one, and a full state makes all before it superfluous. The message that was handed out stays first, as it is,
 * until it is known to have arrived. Pure; used by one thread.
 */
final class Outbox {
    static final long NOTHING = -1;

    private final ArrayDeque<ControlMessage> waiting = new ArrayDeque<>();
    private ControlMessage handedOut;

    void add(ControlMessage message) {
        if (message instanceof ClusterState) {
            waiting.clear();
        } else if (waiting.peekLast() instanceof ClusterChange last
                && message instanceof ClusterChange next
                && MergedChanges.areMergeable(last, next)) {
            waiting.removeLast();
            waiting.add(MergedChanges.merge(last, next));
            return;
        }
        waiting.add(message);
    }

    /** What to tell now: the same again until {@link #arrived()}. Null if there is nothing. */
    ControlMessage next() {
        if (handedOut == null) {
            handedOut = waiting.poll();
        }
        return handedOut;
    }

    /** What was handed out is done with. */
    void arrived() {
        handedOut = null;
    }

    void clear() {
        waiting.clear();
        handedOut = null;
    }

    /** Number of the newest message in it; {@link #NOTHING} if there is none. */
    long newest() {
        ControlMessage last = waiting.isEmpty() ? handedOut : waiting.peekLast();
        return last == null ? NOTHING : last.sequence();
    }

    int size() {
        return waiting.size() + (handedOut == null ? 0 : 1);
    }
}
