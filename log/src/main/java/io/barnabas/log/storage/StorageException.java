package io.barnabas.log.storage;

/** The disk failed, or holds something that must not be served. The log directory it happened in goes offline (KIP-112). */
public class StorageException extends RuntimeException {
    private static final long serialVersionUID = 1L;

    public StorageException(String message) {
        super(message);
    }

    public StorageException(String message, Throwable cause) {
        super(message, cause);
    }
}
