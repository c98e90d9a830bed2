package io.barnabas.broker.peer;

/** A way to one broker, while it lasts. Used on the loop that it was made for, where all answers come, too. */
public interface PeerLink {
    /**
     * Sends a private request. Requests arrive in the order of these calls; answers come in whatever order the other side finishes.
     *
     * @param request   a message as bytes; not changed any more
     * @param timeoutMs without an answer after this the whole link ends as {@link LinkEnd#TIMED_OUT}
     */
    void send(byte[] request, long timeoutMs, Answer answer);

    /** Ends it as {@link LinkEnd#LOCAL}; on a link that has ended nothing happens. */
    void close();

    /** Exactly one of the two is called, on the link's loop, and not before {@link #send} has returned. */
    interface Answer {
        void onAnswer(byte[] response);

        /** The link has ended, or had ended before: whether the request arrived is unknown. */
        void onLost(LinkEnd how);
    }
}
