package io.barnabas.broker.app;

/** The broker cannot start. The message is for the person who started it: what is wrong, and what to do. */
public final class StartException extends RuntimeException {
    private static final long serialVersionUID = 1L;

    public StartException(String message, Throwable cause) {
        super(message, cause);
    }

    public StartException(String message) {
        this(message, null);
    }
}
