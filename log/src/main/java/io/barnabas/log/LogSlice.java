package io.barnabas.log;

import io.barnabas.log.segment.LogSegment;
import io.barnabas.log.storage.StorageException;
import io.barnabas.log.storage.StoredFile;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.channels.WritableByteChannel;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.function.Consumer;

/**
 * A stretch of a segment file that holds record batches, the last one perhaps cut short. The bytes never change while the
 * slice is held, even if the segment is deleted meanwhile. Held once when it is handed out: whoever has it must
 * {@link #release()} it. Thread-safe.
 */
public final class LogSlice {
    /** Nothing to read; retain and release do nothing. */
    public static final LogSlice EMPTY = new LogSlice(null, -1, 0, 0, false, failure -> {});

    /** The kernel reads whole pages: the page of the first byte that it could not send is the one it could not read. */
    private static final int PROBE_BYTES = 1;

    private final LogSegment segment;
    private final long baseOffset;
    private final int positionBytes;
    private final int sizeInBytes;
    private final boolean cold;
    private final Consumer<StorageException> onUnreadable;
    private final AtomicInteger holders = new AtomicInteger(1);

    /**
     * The segment's file is pinned by the caller, for the slice.
     *
     * @param onUnreadable told when the file fails to give the bytes, before the reader is
     */
    LogSlice(
            LogSegment segment,
            long baseOffset,
            int positionBytes,
            int sizeInBytes,
            boolean cold,
            Consumer<StorageException> onUnreadable) {
        this.segment = segment;
        this.baseOffset = baseOffset;
        this.positionBytes = positionBytes;
        this.sizeInBytes = sizeInBytes;
        this.cold = cold;
        this.onUnreadable = onUnreadable;
    }

    /** Base offset of the first batch; at or below the offset that was asked for. -1 if empty. */
    public long baseOffset() {
        return baseOffset;
    }

    public int sizeInBytes() {
        return sizeInBytes;
    }

    /** Whether reading may have to wait for the disk: no event loop should before {@link #warm}. */
    public boolean cold() {
        return cold;
    }

    /**
     * Reads it all once, so that it lies in the page cache, and counts as read lately. For a thread that may block.
     *
     * @throws StorageException if the file cannot be read; its partition has been told
     */
    public void warm(ByteBuffer scratch) {
        for (int from = 0; from < sizeInBytes; ) {
            scratch.clear().limit(Math.min(scratch.capacity(), sizeInBytes - from));
            int count = read(scratch, from);
            if (count == 0) {
                return;
            }
            from += count;
        }
        if (segment != null) {
            segment.markHot(positionBytes, sizeInBytes);
        }
    }

    /**
     * Copies bytes of the slice until {@code into} is full or the slice ends.
     *
     * @param from first byte, counted from the slice's beginning
     * @return bytes copied
     * @throws StorageException if the file cannot be read; its partition has been told
     */
    public int readInto(ByteBuffer into, int from) {
        int count = Math.min(into.remaining(), sizeInBytes - from);
        if (count <= 0) {
            return 0;
        }
        int limit = into.limit();
        into.limit(into.position() + count);
        try {
            return read(into, from);
        } finally {
            into.limit(limit);
        }
    }

    /**
     * Finds out whether the file gives the bytes that could not be sent, or the receiver is to blame; the partition is told of the
     * former. For whoever sent from {@link #file()} and failed.
     *
     * @param from the first byte that was not sent, counted from the slice's beginning
     */
    public boolean isReadableFrom(long from) {
        try {
            readInto(ByteBuffer.allocate(PROBE_BYTES), Math.toIntExact(from));
            return true;
        } catch (StorageException unreadable) {
            return false;
        }
    }

    private int read(ByteBuffer into, int from) {
        try {
            return segment.log().read(into, (long) positionBytes + from);
        } catch (StorageException unreadable) {
            if (!segment.isDeleted()) {
                onUnreadable.accept(unreadable);
            }
            throw unreadable;
        }
    }

    /**
     * Sends bytes of the slice.
     *
     * @param position first byte, counted from the slice's beginning
     * @return bytes sent; fewer than asked when {@code target} takes no more
     */
    public long transferTo(long position, long count, WritableByteChannel target) throws IOException {
        long most = Math.min(count, sizeInBytes - position);
        return most <= 0 ? 0 : segment.log().transferTo(positionBytes + position, most, target);
    }

    /** The file that holds the slice, kept open while the slice is held; for the one adapter that sends it natively. */
    public StoredFile file() {
        return segment.log();
    }

    /** Where the slice begins in {@link #file()}. */
    public long filePosition() {
        return positionBytes;
    }

    public LogSlice retain() {
        if (segment != null && holders.getAndUpdate(count -> count == 0 ? 0 : count + 1) == 0) {
            throw new IllegalStateException("slice at offset " + baseOffset + " was let go");
        }
        return this;
    }

    public void release() {
        if (segment == null) {
            return;
        }
        int left = holders.decrementAndGet();
        if (left == 0) {
            segment.log().unpin();
        } else if (left < 0) {
            throw new IllegalStateException("slice at offset " + baseOffset + " released too often");
        }
    }

    @Override
    public String toString() {
        return "LogSlice(offset " + baseOffset + ", " + sizeInBytes + " bytes)";
    }
}
