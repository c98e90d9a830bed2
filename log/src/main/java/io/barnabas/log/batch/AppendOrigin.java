package io.barnabas.log.batch;

/** Who wants a batch appended on the leader. Replicated and recovered batches are not judged again and have no origin. */
public enum AppendOrigin {
    /** A produce request. Everything is checked. */
    CLIENT,
    /**
     * A coordinator of this cluster: its own records, offset commits and transaction markers. May write control batches;
     * size limits of the topic and bounds for timestamps do not apply.
     */
    COORDINATOR
}
