package io.barnabas.broker.peer;

/** How a link between two brokers ended. The difference is evidence (FFD-01). */
public enum LinkEnd {
    /** The other side's machine ended it: by FIN or by RST. */
    RESET,
    /** We closed it. */
    LOCAL,
    /** Nothing was heard for too long, or the network gave it up: says nothing about the other process. */
    TIMED_OUT
}
