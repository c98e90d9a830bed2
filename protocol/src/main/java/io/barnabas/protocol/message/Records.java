package io.barnabas.protocol.message;

/**
 * Opaque bytes inside a message, mostly record batches, that are passed on and never copied on the way. In requests they
 * are {@link BufferRecords}; other implementations stand for bytes that the server sends by other means.
 */
public interface Records {
    Records EMPTY = BufferRecords.NOTHING;

    int sizeInBytes();
}
