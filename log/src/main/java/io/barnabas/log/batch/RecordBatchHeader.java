package io.barnabas.log.batch;

import java.nio.ByteBuffer;
import java.util.zip.CRC32C;

/**
 * The 61 bytes before the records of a batch, format v2, read and stamped in place. All numbers are big-endian; every
 * method takes the buffer and the absolute position of the batch's first byte and leaves position and limit alone.
 *
 * <pre>
 *  0 baseOffset i64 | 8 batchLength i32 (bytes after this field) | 12 partitionLeaderEpoch i32 | 16 magic i8
 * 17 crc u32 (CRC-32C of everything from 21 on)
 * 21 attributes i16 | 23 lastOffsetDelta i32 | 27 baseTimestamp i64 | 35 maxTimestamp i64
 * 43 producerId i64 | 51 producerEpoch i16 | 53 baseSequence i32 | 57 count i32 | 61 records
 *
 * attributes: bits 0-2 codec, 3 timestamp type (1 = LogAppendTime), 4 transactional, 5 control,
 *             6 baseTimestamp is a delete horizon
 * </pre>
 *
 * <p>Base offset and leader epoch stand outside the CRC: a leader stamps them without computing it anew. Nothing is
 * checked here; on garbage the answers are garbage. Source: KIP-98, KIP-534.
 */
public final class RecordBatchHeader {
    /** Bytes before what {@code batchLength} counts. */
    public static final int LOG_OVERHEAD = 12;

    /** Bytes before the first record; also the smallest batch. */
    public static final int OVERHEAD = 61;

    /** The only format stored. */
    public static final byte MAGIC = 2;

    public static final long NO_PRODUCER_ID = -1;
    public static final short NO_PRODUCER_EPOCH = -1;
    public static final int NO_SEQUENCE = -1;
    public static final int NO_LEADER_EPOCH = -1;
    public static final long NO_TIMESTAMP = -1;

    static final int BASE_OFFSET = 0;
    static final int BATCH_LENGTH = 8;
    static final int LEADER_EPOCH = 12;
    static final int MAGIC_AT = 16;
    public static final int CRC = 17;
    public static final int ATTRIBUTES = 21;
    static final int LAST_OFFSET_DELTA = 23;
    static final int BASE_TIMESTAMP = 27;
    static final int MAX_TIMESTAMP = 35;
    static final int PRODUCER_ID = 43;
    static final int PRODUCER_EPOCH = 51;
    static final int BASE_SEQUENCE = 53;
    static final int COUNT = 57;

    static final int CODEC_MASK = 0x07;
    static final int LOG_APPEND_TIME_BIT = 0x08;
    static final int TRANSACTIONAL_BIT = 0x10;
    static final int CONTROL_BIT = 0x20;
    static final int DELETE_HORIZON_BIT = 0x40;

    private RecordBatchHeader() {}

    public static long baseOffset(ByteBuffer buffer, int at) {
        return buffer.getLong(at + BASE_OFFSET);
    }

    /** Bytes after the length field; may be anything in a corrupt batch. */
    public static int batchLength(ByteBuffer buffer, int at) {
        return buffer.getInt(at + BATCH_LENGTH);
    }

    /** Size of the whole batch; a {@code long}, because a corrupt length may not fit an {@code int}. */
    public static long sizeInBytes(ByteBuffer buffer, int at) {
        return (long) LOG_OVERHEAD + batchLength(buffer, at);
    }

    public static int leaderEpoch(ByteBuffer buffer, int at) {
        return buffer.getInt(at + LEADER_EPOCH);
    }

    public static byte magic(ByteBuffer buffer, int at) {
        return buffer.get(at + MAGIC_AT);
    }

    public static int crc(ByteBuffer buffer, int at) {
        return buffer.getInt(at + CRC);
    }

    public static short attributes(ByteBuffer buffer, int at) {
        return buffer.getShort(at + ATTRIBUTES);
    }

    /** 0 to 7; {@link Compression#ofId} knows which of them exist. */
    public static int codec(ByteBuffer buffer, int at) {
        return attributes(buffer, at) & CODEC_MASK;
    }

    public static TimestampType timestampType(ByteBuffer buffer, int at) {
        return (attributes(buffer, at) & LOG_APPEND_TIME_BIT) == 0
                ? TimestampType.CREATE_TIME
                : TimestampType.LOG_APPEND_TIME;
    }

    public static boolean isTransactional(ByteBuffer buffer, int at) {
        return (attributes(buffer, at) & TRANSACTIONAL_BIT) != 0;
    }

    public static boolean isControl(ByteBuffer buffer, int at) {
        return (attributes(buffer, at) & CONTROL_BIT) != 0;
    }

    /** Whether {@link #baseTimestamp} is the time from which the tombstones in the batch may go (KIP-534). */
    public static boolean hasDeleteHorizon(ByteBuffer buffer, int at) {
        return (attributes(buffer, at) & DELETE_HORIZON_BIT) != 0;
    }

    public static int lastOffsetDelta(ByteBuffer buffer, int at) {
        return buffer.getInt(at + LAST_OFFSET_DELTA);
    }

    /** Inclusive. Stays as it was when compaction removed the last records. */
    public static long lastOffset(ByteBuffer buffer, int at) {
        return baseOffset(buffer, at) + lastOffsetDelta(buffer, at);
    }

    /** The offset after the batch. */
    public static long nextOffset(ByteBuffer buffer, int at) {
        return lastOffset(buffer, at) + 1;
    }

    public static long baseTimestamp(ByteBuffer buffer, int at) {
        return buffer.getLong(at + BASE_TIMESTAMP);
    }

    public static long maxTimestamp(ByteBuffer buffer, int at) {
        return buffer.getLong(at + MAX_TIMESTAMP);
    }

    public static long producerId(ByteBuffer buffer, int at) {
        return buffer.getLong(at + PRODUCER_ID);
    }

    public static boolean hasProducerId(ByteBuffer buffer, int at) {
        return producerId(buffer, at) > NO_PRODUCER_ID;
    }

    public static short producerEpoch(ByteBuffer buffer, int at) {
        return buffer.getShort(at + PRODUCER_EPOCH);
    }

    public static int baseSequence(ByteBuffer buffer, int at) {
        return buffer.getInt(at + BASE_SEQUENCE);
    }

    /** Sequence of the last record, or {@link #NO_SEQUENCE}; after 2^31-1 comes 0. */
    public static int lastSequence(ByteBuffer buffer, int at) {
        int base = baseSequence(buffer, at);
        return base < 0 ? NO_SEQUENCE : (base + lastOffsetDelta(buffer, at)) & Integer.MAX_VALUE;
    }

    /** Records in the batch: fewer than {@code lastOffsetDelta + 1}, even 0, after compaction. */
    public static int count(ByteBuffer buffer, int at) {
        return buffer.getInt(at + COUNT);
    }

    /** Gives the batch its place in the log. The CRC stays valid. */
    public static void stamp(ByteBuffer buffer, int at, long baseOffset, int leaderEpoch) {
        buffer.putLong(at + BASE_OFFSET, baseOffset);
        buffer.putInt(at + LEADER_EPOCH, leaderEpoch);
    }

    /** CRC-32C of the batch from its attributes to its end, without a copy. The batch must lie whole in the buffer. */
    public static int computeCrc(ByteBuffer buffer, int at) {
        ByteBuffer covered = buffer.duplicate();
        covered.limit(at + Math.toIntExact(sizeInBytes(buffer, at))).position(at + ATTRIBUTES);
        CRC32C crc = new CRC32C();
        crc.update(covered);
        return (int) crc.getValue();
    }

    public static boolean hasValidCrc(ByteBuffer buffer, int at) {
        return crc(buffer, at) == computeCrc(buffer, at);
    }

    /** Writes attributes and max timestamp, and the CRC anew. */
    static void restamp(ByteBuffer buffer, int at, short attributes, long maxTimestamp) {
        buffer.putShort(at + ATTRIBUTES, attributes);
        buffer.putLong(at + MAX_TIMESTAMP, maxTimestamp);
        buffer.putInt(at + CRC, computeCrc(buffer, at));
    }
}
