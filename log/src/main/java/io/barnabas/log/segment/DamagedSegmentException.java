package io.barnabas.log.segment;

import io.barnabas.log.storage.StorageException;

/** Where a batch should begin in a segment's file are bytes that cannot be one. */
public final class DamagedSegmentException extends StorageException {
    private static final long serialVersionUID = 1L;

    public DamagedSegmentException(String message) {
        super(message);
    }
}
