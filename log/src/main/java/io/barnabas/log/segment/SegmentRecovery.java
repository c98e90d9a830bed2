package io.barnabas.log.segment;

import io.barnabas.log.batch.RecordBatchHeader;
import io.barnabas.log.storage.StorageException;
import io.barnabas.log.storage.StoredFile;
import java.nio.ByteBuffer;
import java.util.zip.CRC32;
import java.util.zip.CRC32C;
import java.util.zip.Checksum;

/**
 * Makes a segment whole again after a crash: walks its batches from the first, checks each completely, cuts the file before
 * the first that is not sound, and builds the indexes anew.
 */
public final class SegmentRecovery {
    private static final int BUFFER_BYTES = 1 << 20;

    /** Formats v0 and v1: offset i64, size i32, crc u32 of everything from the magic on, magic i8. */
    private static final int OLD_CRC = 12;

    private static final int OLD_MAGIC = 16;
    private static final int LEAST_OLD_MESSAGE_BYTES = 26;

    private SegmentRecovery() {}

    /** Told of every sound batch, in order, before the next is looked at. */
    @FunctionalInterface
    public interface Visitor {
        /** @param batch from its position to its limit exactly the batch; valid during the call */
        void onBatch(ByteBuffer batch);
    }

    /**
     * Recovers a segment.
     *
     * @return bytes that were cut off
     * @throws StorageException if it holds messages of a format before v2, which must not be cut
     */
    public static long recover(LogSegment segment, int indexIntervalBytes, Visitor visitor) {
        StoredFile file = segment.log();
        long fileSize = file.sizeBytes();
        segment.beginRecovery();
        ByteBuffer buffer = ByteBuffer.allocateDirect((int) Math.min(BUFFER_BYTES, Math.max(fileSize, 1)));
        long position = 0;
        long nextOffset = segment.baseOffset();
        buffer.limit(0);
        while (true) {
            if (buffer.remaining() < RecordBatchHeader.OVERHEAD && !refill(file, buffer, position, fileSize)) {
                break;
            }
            if (buffer.remaining() < LEAST_OLD_MESSAGE_BYTES) {
                break;
            }
            int at = buffer.position();
            long size = RecordBatchHeader.sizeInBytes(buffer, at);
            if (size > fileSize - position || size < LEAST_OLD_MESSAGE_BYTES) {
                break;
            }
            if (size > buffer.remaining()) {
                if (size > buffer.capacity()) {
                    // a garbled length must not cost its memory: the batch proves itself first
                    if (!isSoundInFile(file, buffer, at, size, position, nextOffset, segment.baseOffset())) {
                        break;
                    }
                    buffer = ByteBuffer.allocate(Math.toIntExact(size)).limit(0);
                }
                refill(file, buffer, position, fileSize);
                at = buffer.position();
                if (buffer.remaining() < size) {
                    break;
                }
            }
            refuseOldFormat(file, buffer, at, (int) size);
            if (size < RecordBatchHeader.OVERHEAD
                    || !isSound(buffer, at, size, nextOffset, segment.baseOffset())
                    || position + size > Integer.MAX_VALUE) {
                break;
            }
            long lastOffset = RecordBatchHeader.lastOffset(buffer, at);
            segment.onBatch(
                    (int) position,
                    (int) size,
                    RecordBatchHeader.baseOffset(buffer, at),
                    lastOffset,
                    RecordBatchHeader.maxTimestamp(buffer, at),
                    indexIntervalBytes);
            visitor.onBatch(buffer.duplicate().limit(at + (int) size));
            buffer.position(at + (int) size);
            position += size;
            nextOffset = lastOffset + 1;
        }
        if (position < fileSize) {
            file.truncate(position);
        }
        return fileSize - position;
    }

    private static boolean refill(StoredFile file, ByteBuffer buffer, long position, long fileSize) {
        if (position >= fileSize) {
            return false;
        }
        buffer.clear();
        buffer.limit((int) Math.min(buffer.capacity(), fileSize - position));
        file.read(buffer, position);
        buffer.flip();
        return true;
    }

    private static boolean isSound(ByteBuffer buffer, int at, long size, long nextOffset, long segmentBase) {
        return hasSoundHeader(buffer, at, size, nextOffset, segmentBase) && RecordBatchHeader.hasValidCrc(buffer, at);
    }

    /** The same of a batch, or a message of an old format, that is larger than the buffer. */
    private static boolean isSoundInFile(
            StoredFile file, ByteBuffer head, int at, long size, long position, long nextOffset, long segmentBase) {
        byte magic = RecordBatchHeader.magic(head, at);
        if (magic == 0 || magic == 1) {
            return checksum(file, new CRC32(), position + OLD_MAGIC, position + size) == head.getInt(at + OLD_CRC);
        }
        return hasSoundHeader(head, at, size, nextOffset, segmentBase)
                && checksum(file, new CRC32C(), position + RecordBatchHeader.ATTRIBUTES, position + size)
                        == head.getInt(at + RecordBatchHeader.CRC);
    }

    private static int checksum(StoredFile file, Checksum checksum, long from, long end) {
        ByteBuffer part = ByteBuffer.allocate(BUFFER_BYTES);
        for (long at = from; at < end; at += part.limit()) {
            part.clear().limit((int) Math.min(part.capacity(), end - at));
            if (file.read(part, at) < part.limit()) {
                throw new StorageException(file.path() + " became shorter while it was recovered");
            }
            checksum.update(part.flip());
        }
        return (int) checksum.getValue();
    }

    private static boolean hasSoundHeader(ByteBuffer buffer, int at, long size, long nextOffset, long segmentBase) {
        long baseOffset = RecordBatchHeader.baseOffset(buffer, at);
        int lastOffsetDelta = RecordBatchHeader.lastOffsetDelta(buffer, at);
        return size >= RecordBatchHeader.OVERHEAD
                && RecordBatchHeader.magic(buffer, at) == RecordBatchHeader.MAGIC
                && lastOffsetDelta >= 0
                && baseOffset >= nextOffset
                && baseOffset - segmentBase <= Integer.MAX_VALUE - lastOffsetDelta;
    }

    /**
     * A sound message of format v0 or v1 is not garbage: it is data that must not be cut off.
     *
     * @throws StorageException if the segment begins with one
     */
    public static void refuseOldFormat(LogSegment segment) {
        if (segment.sizeBytes() < LEAST_OLD_MESSAGE_BYTES) {
            return;
        }
        ByteBuffer head = segment.read(0, LEAST_OLD_MESSAGE_BYTES);
        long size = RecordBatchHeader.sizeInBytes(head, 0);
        boolean old = RecordBatchHeader.magic(head, 0) < RecordBatchHeader.MAGIC
                && size >= LEAST_OLD_MESSAGE_BYTES
                && size <= segment.sizeBytes();
        if (old) {
            ByteBuffer message = segment.read(0, (int) size);
            refuseOldFormat(segment.log(), message, 0, (int) size);
        }
    }

    private static void refuseOldFormat(StoredFile file, ByteBuffer buffer, int at, int size) {
        byte magic = RecordBatchHeader.magic(buffer, at);
        if (magic == 0 || magic == 1) {
            CRC32 crc = new CRC32();
            crc.update(buffer.duplicate().limit(at + size).position(at + OLD_MAGIC));
            if ((int) crc.getValue() == buffer.getInt(at + OLD_CRC)) {
                throw new StorageException(file.path() + " holds messages of format v" + magic
                        + ", which are not served; let Kafka rewrite the topic in format v2 first");
            }
        }
    }
}
