package io.barnabas.log.batch;

import java.nio.ByteBuffer;
import java.util.ArrayList;
import java.util.Iterator;
import java.util.List;
import java.util.NoSuchElementException;

/**
 * The batches that lie one after the other in a buffer. Each is checked for its shape (length, magic, not cut) before it is
 * given out; its checksum only on request. Nothing outside position and limit is read.
 */
public final class BatchReader implements Iterator<StoredBatch> {
    private final ByteBuffer buffer;
    private final int end;
    private int at;

    private BatchReader(ByteBuffer buffer, int at, int end) {
        this.buffer = buffer;
        this.at = at;
        this.end = end;
    }

    /** Reads from position to limit; the buffer's own position stays. */
    public static BatchReader over(ByteBuffer batches) {
        return new BatchReader(batches.duplicate(), batches.position(), batches.limit());
    }

    /** All batches at once. */
    public static List<StoredBatch> readAll(ByteBuffer batches) {
        List<StoredBatch> all = new ArrayList<>();
        over(batches).forEachRemaining(all::add);
        return all;
    }

    /** How many bytes from the position on are whole batches; a fetch may cut the last one (FETCH-04). */
    public static int wholeBatchesBytes(ByteBuffer batches) {
        int at = batches.position();
        while (batches.limit() - at >= RecordBatchHeader.LOG_OVERHEAD) {
            long size = RecordBatchHeader.sizeInBytes(batches, at);
            if (size < RecordBatchHeader.OVERHEAD || size > batches.limit() - at) {
                break;
            }
            at += (int) size;
        }
        return at - batches.position();
    }

    @Override
    public boolean hasNext() {
        return at < end;
    }

    /** @throws CorruptBatchException if what follows is not a whole batch of format v2; the reader then stays where it is */
    @Override
    public StoredBatch next() {
        if (at >= end) {
            throw new NoSuchElementException();
        }
        int available = end - at;
        if (available < RecordBatchHeader.LOG_OVERHEAD) {
            throw new CorruptBatchException(available + " bytes are no batch");
        }
        long size = RecordBatchHeader.sizeInBytes(buffer, at);
        if (size < RecordBatchHeader.OVERHEAD) {
            throw new CorruptBatchException("a batch of " + size + " bytes");
        }
        if (size > available) {
            throw new CorruptBatchException("a batch of " + size + " bytes, of which " + available + " are there");
        }
        byte magic = RecordBatchHeader.magic(buffer, at);
        if (magic != RecordBatchHeader.MAGIC) {
            throw new CorruptBatchException("a batch of format " + magic);
        }
        StoredBatch batch = new StoredBatch(buffer, at);
        at += (int) size;
        return batch;
    }

    /** Absolute position of the next batch. */
    public int position() {
        return at;
    }
}
