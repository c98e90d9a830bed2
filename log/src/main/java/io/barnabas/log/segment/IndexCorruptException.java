package io.barnabas.log.segment;

/** An index file cannot be what was written; the log it belongs to has everything needed to build it anew. */
final class IndexCorruptException extends RuntimeException {
    private static final long serialVersionUID = 1L;

    IndexCorruptException(String message) {
        super(message);
    }
}
