package io.barnabas.broker.peer;

import io.barnabas.model.Endpoint;
import io.barnabas.runtime.loop.EventLoop;

/** Port: ways to other brokers. */
public interface PeerNetwork {
    /**
     * Connects, once. Returns at once; everything that comes of it is told to {@code listener} on {@code loop}, never before this
     * call has returned.
     *
     * @param to        of the listener over which brokers talk
     * @param loop      from which the link is used
     * @param timeoutMs after which an attempt that nobody answers has failed
     */
    void connect(Endpoint to, EventLoop loop, long timeoutMs, Listener listener);

    /** Either {@code onFailed} is called and nothing else, or {@code onOpen}, and at last {@code onEnd}. */
    interface Listener {
        void onOpen(PeerLink link);

        /** @param why for the log */
        void onFailed(Failure failure, String why);

        /**
         * The link is over, all answers that were missing have failed before.
         *
         * @param why for the log
         */
        void onEnd(LinkEnd how, String why);
    }

    /** Why no link came about. The difference is evidence (FFD-01): refused means that nothing listens there. */
    enum Failure {
        /** The machine answered, and said that nobody listens. */
        REFUSED,
        /** Everything else: no answer in time, no route, no such name, closed by ourselves. */
        OTHER
    }
}
