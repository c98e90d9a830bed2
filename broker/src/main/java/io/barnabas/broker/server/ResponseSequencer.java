package io.barnabas.broker.server;

import java.util.ArrayDeque;
import java.util.function.Consumer;

/**
 * The requests of one connection that are not finished, in order of arrival. They may be answered in any order; they are
 * handed out for sending in this one (WIRE-12). Used by the connection's loop only.
 */
final class ResponseSequencer {
    private final ArrayDeque<Exchange> unfinished = new ArrayDeque<>();
    private int answered;
    private long requestBytes;

    void add(Exchange exchange) {
        unfinished.add(exchange);
        requestBytes += exchange.requestBytes();
    }

    void onAnswered() {
        answered++;
    }

    /** The oldest, if it is answered; it is finished thereby. */
    Exchange pollAnswered() {
        Exchange oldest = unfinished.peek();
        if (oldest == null || !oldest.isAnswered()) {
            return null;
        }
        unfinished.remove();
        answered--;
        requestBytes -= oldest.requestBytes();
        return oldest;
    }

    boolean hasAnswered() {
        Exchange oldest = unfinished.peek();
        return oldest != null && oldest.isAnswered();
    }

    /** Requests taken and not finished. */
    int size() {
        return unfinished.size();
    }

    /** Answers that wait, for those ahead of them or for the peer to read. */
    int answered() {
        return answered;
    }

    /** Bytes of the requests taken and not finished. */
    long requestBytes() {
        return requestBytes;
    }

    /** Whether the oldest request is still being worked on. */
    boolean isWorking() {
        Exchange oldest = unfinished.peek();
        return oldest != null && !oldest.isAnswered();
    }

    /** Takes out all, in order. */
    void clear(Consumer<Exchange> eachOne) {
        Exchange exchange;
        while ((exchange = unfinished.poll()) != null) {
            eachOne.accept(exchange);
        }
        answered = 0;
        requestBytes = 0;
    }
}
