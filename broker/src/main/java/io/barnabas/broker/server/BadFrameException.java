package io.barnabas.broker.server;

/** What came is not a frame of this protocol; the connection is closed without an answer. */
final class BadFrameException extends RuntimeException {
    private static final long serialVersionUID = 1L;

    BadFrameException(String message) {
        // hostile peers can cause many of these: no stack trace
        super(message, null, false, false);
    }
}
