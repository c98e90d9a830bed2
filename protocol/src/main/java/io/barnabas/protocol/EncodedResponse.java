package io.barnabas.protocol;

import io.barnabas.protocol.message.Insert;
import io.netty.buffer.ByteBuf;
import java.util.List;

/**
 * A response ready to be sent: its bytes, size field included, and what has to be sent in between.
 *
 * @param bytes   to be released by whoever takes the response
 * @param inserts records that belong before the byte at their position, in order; empty for most responses
 */
public record EncodedResponse(ByteBuf bytes, List<Insert> inserts) {
    /** Everything that goes out: the size field, the bytes and the inserts. */
    public long sizeInBytes() {
        long size = bytes.readableBytes();
        for (Insert insert : inserts) {
            size += insert.records().sizeInBytes();
        }
        return size;
    }
}
