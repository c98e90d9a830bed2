package io.barnabas.coordination.failure;

/** How a connection between brokers ended. */
public enum ChannelEnd {
    /** The other side's machine ended it, in order or by a reset: what happens when a process dies. */
    RESET,

    /** We ended it. */
    LOCAL,

    /** The other side was silent for too long: it may only be slow, stopped or cut off. */
    TIMED_OUT
}
