package io.barnabas.coordination.failure;

/** What came of connecting to all endpoints through which brokers reach one of them. */
public enum ProbeResult {
    /** Every one of them refused: nothing listens there. */
    REFUSED,

    /** At least one accepted. */
    REACHED,

    /** Anything else: time-outs, no route, errors on this side, an endpoint that cannot be resolved. Says nothing about the broker. */
    OTHER
}
