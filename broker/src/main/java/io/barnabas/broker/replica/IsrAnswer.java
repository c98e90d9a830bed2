package io.barnabas.broker.replica;

/** What the controller's no to an ISR proposal tells. */
enum IsrAnswer {
    /** It was certainly not stored, and the stored state is the one the proposal was based on. */
    NOT_APPLIED,
    /** Somebody newer than we has written: stop serving until the new state arrives. */
    FENCED,
    /** It may have been stored, or may be yet: count both ISRs and ask again. */
    UNKNOWN,
    /**
     * Something else is stored in this leadership by now, perhaps by an earlier sending of the same proposal. Asking again would get
     * the same answer: the state itself is on its way (REPL-07).
     */
    OUTDATED
}
