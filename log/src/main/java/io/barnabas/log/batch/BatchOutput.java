package io.barnabas.log.batch;

import java.io.OutputStream;
import java.nio.ByteBuffer;
import java.util.Arrays;

/**
 * Where a new batch grows: room for the header, then whatever is written, up to a limit. What comes after the limit is
 * swallowed and only noted, so that a compressor in front of it can always be closed in peace.
 */
final class BatchOutput extends OutputStream {
    private final int maxBytes;
    private byte[] bytes;
    private int size = RecordBatchHeader.OVERHEAD;
    private boolean overflown;

    /** @param maxBytes of the whole batch */
    BatchOutput(int expectedBytes, int maxBytes) {
        this.maxBytes = maxBytes;
        this.bytes = new byte[Math.max(RecordBatchHeader.OVERHEAD, expectedBytes)];
    }

    /** Whether more came than the limit allows; then the batch is worth nothing. */
    boolean isOverflown() {
        return overflown;
    }

    @Override
    public void write(int value) {
        if (makeRoom(1)) {
            bytes[size++] = (byte) value;
        }
    }

    @Override
    public void write(byte[] source, int offset, int length) {
        if (makeRoom(length)) {
            System.arraycopy(source, offset, bytes, size, length);
            size += length;
        }
    }

    /** Header room and what was written; position 0. */
    ByteBuffer toBuffer() {
        return ByteBuffer.wrap(bytes, 0, size);
    }

    private boolean makeRoom(int count) {
        if (overflown || count > maxBytes - size) {
            overflown = true;
            return false;
        }
        if (count > bytes.length - size) {
            long doubled = Math.max(2L * bytes.length, (long) size + count);
            bytes = Arrays.copyOf(bytes, (int) Math.min(maxBytes, doubled));
        }
        return true;
    }
}
