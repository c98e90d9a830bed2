package io.barnabas.log.batch;

import java.io.IOException;
import java.io.InputStream;
import java.io.OutputStream;
import java.nio.ByteBuffer;
import java.util.Arrays;

/**
 * Compressed records, inflated as they are read through a small window. Can hand everything it inflates on to another
 * stream, so that records are judged and recompressed in one pass.
 */
final class InflatedRecords extends RecordSource {
    private static final int WINDOW_BYTES = 16 * 1024;

    private final Compression compression;
    private final InputStream inflated;
    private final OutputStream copy;
    private final long maxBytes;
    private final byte[] window = new byte[WINDOW_BYTES];
    private int position;
    private int limit;
    private long inflatedBytes;

    /**
     * @param compressed from position to limit
     * @param maxBytes   how many inflated bytes may come; one more throws {@link InflatedTooLargeException}
     * @param copy       gets every inflated byte, may be null; stays open
     */
    @SuppressWarnings("resource")
    InflatedRecords(Compression compression, ByteBuffer compressed, long maxBytes, OutputStream copy) {
        this.compression = compression;
        this.maxBytes = maxBytes;
        this.copy = copy;
        try {
            this.inflated = compression.inflate(compressed);
        } catch (IOException | RuntimeException failure) {
            throw new InflateFailedException(compression, failure);
        }
    }

    @Override
    long consumed() {
        return inflatedBytes - (limit - position);
    }

    @Override
    byte next() {
        if (position == limit && !refill()) {
            throw cut();
        }
        return window[position++];
    }

    @Override
    void skip(int count) {
        int left = count;
        while (left > limit - position) {
            left -= limit - position;
            if (!refill()) {
                throw cut();
            }
        }
        position += left;
    }

    /** The array grows with what really comes, not with what was promised. */
    @Override
    ByteBuffer take(int count) {
        byte[] taken = new byte[Math.min(count, WINDOW_BYTES)];
        int filled = 0;
        while (filled < count) {
            if (position == limit && !refill()) {
                throw cut();
            }
            if (filled == taken.length) {
                taken = Arrays.copyOf(taken, (int) Math.min(count, 2L * taken.length));
            }
            int part = Math.min(taken.length - filled, limit - position);
            System.arraycopy(window, position, taken, filled, part);
            position += part;
            filled += part;
        }
        return ByteBuffer.wrap(taken);
    }

    @Override
    boolean isExhausted() {
        return position == limit && !refill();
    }

    @Override
    public void close() {
        try {
            inflated.close();
        } catch (IOException | RuntimeException failure) {
            throw new InflateFailedException(compression, failure);
        }
    }

    private boolean refill() {
        int read;
        try {
            read = inflated.read(window, 0, window.length);
        } catch (IOException | RuntimeException failure) {
            throw new InflateFailedException(compression, failure);
        }
        position = 0;
        limit = Math.max(read, 0);
        inflatedBytes += limit;
        if (inflatedBytes > maxBytes) {
            throw new InflatedTooLargeException(maxBytes);
        }
        if (copy != null && limit > 0) {
            copyOn();
        }
        return limit > 0;
    }

    private void copyOn() {
        try {
            copy.write(window, 0, limit);
        } catch (IOException failure) {
            throw new CorruptBatchException("the records cannot be recompressed", failure);
        }
    }
}
