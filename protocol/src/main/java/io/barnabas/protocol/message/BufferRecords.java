package io.barnabas.protocol.message;

import io.netty.buffer.ByteBuf;
import io.netty.buffer.Unpooled;
import java.nio.ByteBuffer;

/**
 * Records in a buffer. Of a message that was read this is a view into the frame, not retained by itself: it is valid as
 * long as the frame is.
 */
public final class BufferRecords implements Records {
    static final BufferRecords NOTHING = new BufferRecords(Unpooled.EMPTY_BUFFER);

    private final ByteBuf buffer;

    public BufferRecords(ByteBuf buffer) {
        this.buffer = buffer;
    }

    @Override
    public int sizeInBytes() {
        return buffer.readableBytes();
    }

    /** The bytes between its reader and writer index; to be read without moving them. */
    public ByteBuf buffer() {
        return buffer;
    }

    /** A view with position and limit of its own. */
    public ByteBuffer nioBuffer() {
        return buffer.nioBuffer();
    }

    @Override
    public boolean equals(Object object) {
        return object instanceof BufferRecords other && buffer.equals(other.buffer);
    }

    @Override
    public int hashCode() {
        return buffer.hashCode();
    }

    @Override
    public String toString() {
        return sizeInBytes() + " bytes";
    }
}
