package io.barnabas.log.batch;

/** The records of a batch cannot be decompressed. */
final class InflateFailedException extends CorruptBatchException {
    private static final long serialVersionUID = 1L;

    InflateFailedException(Compression compression, Throwable cause) {
        super("the records are not valid " + compression.codecName() + ": " + cause.getMessage(), cause);
    }
}
