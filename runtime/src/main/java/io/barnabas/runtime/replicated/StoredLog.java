package io.barnabas.runtime.replicated;

import java.nio.ByteBuffer;

/** Everything that the log of a machine holds when a leadership begins: from its start to its end at that moment, committed or not (GROUP-04). */
public interface StoredLog {
    /**
     * Hands everything to {@code reader}, in order. May wait for the disk.
     *
     * @return the log end offset up to which was read
     * @throws RuntimeException if the log cannot be read; nothing may be served from it then
     */
    long readAll(Reader reader);

    /** Takes what is read; the buffers are its own only during the call. */
    interface Reader {
        /**
         * @param key   null if there is none
         * @param value null for a tombstone
         */
        void onRecord(
                long offset,
                long timestampMillis,
                long producerId,
                short producerEpoch,
                ByteBuffer key,
                ByteBuffer value);

        void onMarker(long offset, long producerId, short producerEpoch, boolean commit);

        /** Whether reading on is pointless, since the leadership is over. */
        boolean isCancelled();
    }
}
