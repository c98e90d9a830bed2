package io.barnabas.log.segment;

import io.barnabas.log.batch.RecordBatchHeader;
import io.barnabas.log.storage.StoredFile;
import java.nio.ByteBuffer;

/**
 * Walks the headers of the batches in a file, a block at a time. Stops at the end, or before the first thing that cannot be
 * a whole batch; the records are not looked at. For one thread.
 */
public final class BatchScanner {
    private static final int BLOCK_BYTES = 16 * 1024;

    private final StoredFile file;
    private final int endPosition;
    private final ByteBuffer block;
    private int blockPosition;
    private int next;
    private int current = -1;
    private int currentSize;
    private boolean broken;

    /** @param endPosition no byte from here on is looked at */
    public BatchScanner(StoredFile file, int fromPosition, int endPosition) {
        this.file = file;
        this.endPosition = endPosition;
        this.next = fromPosition;
        this.blockPosition = fromPosition;
        this.block = ByteBuffer.allocate(Math.max(0, Math.min(BLOCK_BYTES, endPosition - fromPosition)))
                .limit(0);
    }

    /** Goes to the next batch; false at the end, or where what follows is no whole batch ({@link #isBroken()}). */
    public boolean next() {
        if (endPosition - next < RecordBatchHeader.OVERHEAD) {
            broken = next < endPosition;
            return false;
        }
        if (next < blockPosition || next + RecordBatchHeader.OVERHEAD > blockPosition + block.limit()) {
            blockPosition = next;
            block.clear().limit(Math.min(block.capacity(), endPosition - next));
            int count = file.read(block, next);
            block.flip();
            if (count < RecordBatchHeader.OVERHEAD) {
                broken = true;
                return false;
            }
        }
        int at = next - blockPosition;
        long size = RecordBatchHeader.sizeInBytes(block, at);
        if (size < RecordBatchHeader.OVERHEAD
                || size > endPosition - next
                || RecordBatchHeader.magic(block, at) != RecordBatchHeader.MAGIC
                || RecordBatchHeader.lastOffsetDelta(block, at) < 0
                || RecordBatchHeader.baseOffset(block, at) < 0) {
            broken = true;
            return false;
        }
        current = next;
        currentSize = (int) size;
        next += currentSize;
        return true;
    }

    /** Whether the walk ended before the end. */
    public boolean isBroken() {
        return broken;
    }

    /** Where the batch begins. */
    public int position() {
        return current;
    }

    /** Where the next batch begins; after the walk: the end of the last whole batch. */
    public int nextPosition() {
        return next;
    }

    public int sizeInBytes() {
        return currentSize;
    }

    /** A buffer that holds the header at {@link #headerAt()}; valid until the next step. */
    public ByteBuffer header() {
        return block;
    }

    public int headerAt() {
        return current - blockPosition;
    }

    public long baseOffset() {
        return RecordBatchHeader.baseOffset(block, headerAt());
    }

    public long lastOffset() {
        return RecordBatchHeader.lastOffset(block, headerAt());
    }

    public long maxTimestamp() {
        return RecordBatchHeader.maxTimestamp(block, headerAt());
    }

    public int leaderEpoch() {
        return RecordBatchHeader.leaderEpoch(block, headerAt());
    }
}
