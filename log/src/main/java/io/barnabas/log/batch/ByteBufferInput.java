package io.barnabas.log.batch;

import java.io.InputStream;
import java.nio.ByteBuffer;

/** The bytes of a buffer from position to limit, as a stream; the buffer's own position stays. */
final class ByteBufferInput extends InputStream {
    private final ByteBuffer source;

    ByteBufferInput(ByteBuffer source) {
        this.source = source.duplicate();
    }

    @Override
    public int read() {
        return source.hasRemaining() ? source.get() & 0xFF : -1;
    }

    @Override
    public int read(byte[] target, int offset, int length) {
        if (length == 0) {
            return 0;
        }
        int wanted = Math.min(length, source.remaining());
        if (wanted == 0) {
            return -1;
        }
        source.get(target, offset, wanted);
        return wanted;
    }

    @Override
    public long skip(long count) {
        int skipped = (int) Math.max(0, Math.min(count, source.remaining()));
        source.position(source.position() + skipped);
        return skipped;
    }

    @Override
    public int available() {
        return source.remaining();
    }
}
