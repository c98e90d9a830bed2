package io.barnabas.coordination.controller;

/** How far a broker counts when leaders are elected. */
enum Standing {
    /** Live, and not about to stop. */
    STAYING,

    /** Live, but it has asked to stop (CTRL-28). */
    LEAVING,

    /** Registered, but fenced on suspicion: it gets nothing and loses what others can take, and no more than that (FFD-05). */
    SUSPECTED,

    /** Registered anew before the end of its registration before was digested (REPL-25). */
    RETURNING,

    /** Not registered. */
    GONE;

    boolean isLive() {
        return this == STAYING || this == LEAVING;
    }

    /** It may be back in a moment, with all that it had: no time to give up on it. */
    boolean isUncertain() {
        return this == SUSPECTED || this == RETURNING;
    }
}
