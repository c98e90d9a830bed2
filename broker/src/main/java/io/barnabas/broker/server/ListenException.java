package io.barnabas.broker.server;

/** The server cannot listen; the message is one sentence for the person who started it. */
public final class ListenException extends RuntimeException {
    private static final long serialVersionUID = 1L;

    ListenException(String message, Throwable cause) {
        super(message, cause);
    }
}
