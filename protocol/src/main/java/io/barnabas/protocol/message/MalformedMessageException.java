package io.barnabas.protocol.message;

/** The peer sent bytes that are not the message they claim to be; the connection cannot be used any more. */
public final class MalformedMessageException extends RuntimeException {
    private static final long serialVersionUID = 1L;

    public MalformedMessageException(String message) {
        // hostile peers can cause many of these: no stack trace
        super(message, null, false, false);
    }
}
