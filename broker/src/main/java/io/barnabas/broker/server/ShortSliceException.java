package io.barnabas.broker.server;

import io.barnabas.log.LogSlice;

/** A log was cut while a slice of it was to be sent: the response cannot be what it was to be. */
final class ShortSliceException extends RuntimeException {
    private static final long serialVersionUID = 1L;

    ShortSliceException(LogSlice slice, int readBytes) {
        super(slice + " ends after " + readBytes + " bytes");
    }
}
