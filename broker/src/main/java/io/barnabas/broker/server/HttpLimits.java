package io.barnabas.broker.server;

/**
 * What one client, and all of them, may ask of the HTTP listeners.
 *
 * @param idleMs         for a request to arrive whole, counted from the answer before it, and for an answer to be taken
 * @param answerMs       for the broker to find the answer
 * @param maxConnections at a time, over all listeners
 */
record HttpLimits(long idleMs, long answerMs, int maxConnections) {
    static final HttpLimits USUAL = new HttpLimits(30_000, 15_000, 256);

    /** Of the first line of a request; longer ones are answered with 414. */
    static final int LINE_BYTES = 8 << 10;

    /** Of all headers of a request; more are answered with 431. */
    static final int HEADER_BYTES = 16 << 10;

    /** Taken from a socket at a time, so that few requests are decoded that are not yet answered. */
    static final int READ_BYTES = 4 << 10;

    /** For a client to take the last answer before the connection is cut. */
    static final long LINGER_MS = 2_000;
}
