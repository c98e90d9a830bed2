package io.barnabas.log.compaction;

import io.barnabas.log.batch.BatchReader;
import io.barnabas.log.batch.CorruptBatchException;
import io.barnabas.log.batch.RecordBatchHeader;
import io.barnabas.log.batch.StoredBatch;
import io.barnabas.log.segment.LogSegment;
import io.barnabas.log.storage.StoredFile;
import java.nio.ByteBuffer;
import java.util.zip.CRC32C;

/**
 * The batches of a closed segment, each checked by its checksum, a buffer at a time. For one thread; a batch holds until the
 * next is asked for.
 */
final class SegmentBatches {
    /** A length beyond this has to prove itself before it gets its memory. */
    private static final int LARGEST_TRUSTED_BYTES = 16 << 20;

    private final StoredFile file;
    private final CleaningPace pace;
    private final CleaningTally tally;
    private final int end;
    private ByteBuffer buffer;

    /** Of the next batch in the file. */
    private int position;

    /**
     * @param buffer        to be used for reading; a larger one is taken for a batch that does not fit
     * @param startPosition of a batch
     */
    SegmentBatches(LogSegment segment, ByteBuffer buffer, int startPosition, CleaningPace pace, CleaningTally tally) {
        this.file = segment.log();
        this.end = segment.sizeBytes();
        this.pace = pace;
        this.tally = tally;
        this.position = startPosition;
        this.buffer = buffer.clear().limit(0);
    }

    /**
     * The next batch, null behind the last.
     *
     * @throws CorruptBatchException if what lies there is no sound batch
     */
    StoredBatch next() {
        if (position == end) {
            return null;
        }
        if (buffer.remaining() < RecordBatchHeader.OVERHEAD) {
            refill();
        }
        if (buffer.remaining() < RecordBatchHeader.OVERHEAD) {
            throw damaged("no whole batch");
        }
        long size = RecordBatchHeader.sizeInBytes(buffer, buffer.position());
        if (size < RecordBatchHeader.OVERHEAD || size > end - position) {
            throw damaged("a batch of " + size + " bytes, " + (end - position) + " are there");
        }
        if (size > buffer.remaining()) {
            if (size > buffer.capacity()) {
                if (size > LARGEST_TRUSTED_BYTES) {
                    checkInFile((int) size);
                }
                buffer = ByteBuffer.allocate((int) size).limit(0);
            }
            refill();
            if (buffer.remaining() < size) {
                throw damaged("the file is shorter than it was");
            }
        }
        StoredBatch batch = BatchReader.over(buffer).next();
        if (!batch.hasValidCrc()) {
            throw damaged("the checksum does not match");
        }
        buffer.position(buffer.position() + (int) size);
        position += (int) size;
        return batch;
    }

    /** Whether the batch given last is the last of the segment. */
    boolean isAtEnd() {
        return position == end;
    }

    private void refill() {
        buffer.clear().limit(Math.min(buffer.capacity(), end - position));
        int count = file.read(buffer, position);
        buffer.flip();
        tally.bytesRead += Math.max(0, count);
        pace.onBytes(Math.max(0, count));
    }

    /** A checksum over the file, without the memory for the batch. */
    private void checkInFile(int size) {
        ByteBuffer part = ByteBuffer.allocate(64 * 1024);
        CRC32C crc = new CRC32C();
        int expected = RecordBatchHeader.crc(buffer, buffer.position());
        int at = position + RecordBatchHeader.ATTRIBUTES;
        while (at < position + size) {
            part.clear().limit(Math.min(part.capacity(), position + size - at));
            if (file.read(part, at) < part.limit()) {
                throw damaged("the file is shorter than it was");
            }
            pace.onBytes(part.limit());
            at += part.limit();
            crc.update(part.flip());
        }
        if ((int) crc.getValue() != expected) {
            throw damaged("the checksum does not match");
        }
    }

    private CorruptBatchException damaged(String what) {
        return new CorruptBatchException(file.path() + " at position " + position + ": " + what);
    }
}
