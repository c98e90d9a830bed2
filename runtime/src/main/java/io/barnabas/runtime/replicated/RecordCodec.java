package io.barnabas.runtime.replicated;

import java.nio.ByteBuffer;

/** A machine's records as bytes, and back. */
public interface RecordCodec<R> {
    Journal.Entry encode(R record);

    /**
     * @param key   null if the stored record has none
     * @param value null for a tombstone
     * @return null if it is of a kind that this version does not know: it is passed over, and kept in the log
     * @throws RuntimeException if the bytes are not what they claim to be
     */
    R decode(ByteBuffer key, ByteBuffer value);
}
