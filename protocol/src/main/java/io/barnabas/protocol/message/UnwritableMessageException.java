package io.barnabas.protocol.message;

/** A message of ours holds what its version cannot say: a mistake of the code that filled it. */
public final class UnwritableMessageException extends RuntimeException {
    private static final long serialVersionUID = 1L;

    public UnwritableMessageException(String message) {
        super(message);
    }
}
