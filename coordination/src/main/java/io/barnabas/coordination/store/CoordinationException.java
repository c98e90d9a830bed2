package io.barnabas.coordination.store;

/** The store of the cluster's state could not be asked, did not answer, or holds what must not be used. The message is one sentence. */
public class CoordinationException extends RuntimeException {
    private static final long serialVersionUID = 1L;

    public CoordinationException(String message) {
        super(message);
    }

    public CoordinationException(String message, Throwable cause) {
        super(message, cause);
    }
}
