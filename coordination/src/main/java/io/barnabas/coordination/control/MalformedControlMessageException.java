package io.barnabas.coordination.control;

/** Bytes that no broker of a version we understand has written. Whoever sent them is not worth listening to: close the connection. */
public final class MalformedControlMessageException extends RuntimeException {
    private static final long serialVersionUID = 1L;

    public MalformedControlMessageException(String message) {
        super(message);
    }

    public MalformedControlMessageException(String message, Throwable cause) {
        super(message, cause);
    }
}
