package io.barnabas.log.batch;

import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;

/**
 * A header of a record.
 *
 * @param key   UTF-8, as it stands in the batch
 * @param value null if the header has none
 */
public record RecordHeader(ByteBuffer key, ByteBuffer value) {
    /** The key as text. */
    public String name() {
        return StandardCharsets.UTF_8.decode(key.duplicate()).toString();
    }
}
