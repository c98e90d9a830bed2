package io.barnabas.log.batch;

/** The records of a batch take more room decompressed than is allowed. */
final class InflatedTooLargeException extends CorruptBatchException {
    private static final long serialVersionUID = 1L;

    InflatedTooLargeException(long limitBytes) {
        super("the records take more than " + limitBytes + " bytes decompressed");
    }
}
