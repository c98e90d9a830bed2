package io.barnabas.broker.peer;

/** The other end of {@link PeerNetwork}: takes what other brokers send. */
public interface PeerService {
    /** A connection over the brokers' listener sent its first private request. */
    Visit open();

    /** One connection; called on its loop. */
    interface Visit {
        /**
         * @param request comes from whoever could connect
         * @param reply   used once, by any thread, also after the end of the connection
         */
        void onRequest(byte[] request, Reply reply);

        /** Nothing comes any more. */
        void onEnd(LinkEnd how);
    }

    /** Of all calls the first takes effect. */
    interface Reply {
        /** Answers; does not wait for requests that came before this one. */
        void send(byte[] response);

        /** Ends the connection instead of answering. */
        void close(String why);
    }
}
