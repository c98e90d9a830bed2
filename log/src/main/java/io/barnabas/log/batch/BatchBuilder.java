package io.barnabas.log.batch;

import java.io.IOException;
import java.io.OutputStream;
import java.io.UncheckedIOException;
import java.nio.ByteBuffer;
import java.util.List;

/**
 * Builds one batch, record by record. The first record's timestamp is the base; offset deltas count from 0. Used once, by
 * one thread.
 */
public final class BatchBuilder {
    private static final int EXPECTED_BYTES = 512;
    private static final int MAX_VARLONG_BYTES = 10;

    private final Compression compression;
    private final BatchOutput output;
    private final OutputStream deflating;
    private final byte[] number = new byte[MAX_VARLONG_BYTES];

    private long baseOffset;
    private int leaderEpoch = RecordBatchHeader.NO_LEADER_EPOCH;
    private long producerId = RecordBatchHeader.NO_PRODUCER_ID;
    private short producerEpoch = RecordBatchHeader.NO_PRODUCER_EPOCH;
    private int baseSequence = RecordBatchHeader.NO_SEQUENCE;
    private int attributes;
    private int count;
    private long baseTimestamp = RecordBatchHeader.NO_TIMESTAMP;
    private long maxTimestamp = RecordBatchHeader.NO_TIMESTAMP;

    public BatchBuilder(Compression compression) {
        this(compression, CompressionLevels.DEFAULT);
    }

    public BatchBuilder(Compression compression, CompressionLevels levels) {
        this.compression = compression;
        this.attributes = compression.id();
        this.output = new BatchOutput(EXPECTED_BYTES, Integer.MAX_VALUE);
        try {
            this.deflating = compression.deflate(output, levels);
        } catch (IOException failure) {
            throw new UncheckedIOException(failure);
        }
    }

    /** A batch of records without compression and producer: what coordinators write. */
    public static BatchBuilder plain() {
        return new BatchBuilder(Compression.NONE);
    }

    public BatchBuilder baseOffset(long offset) {
        this.baseOffset = offset;
        return this;
    }

    public BatchBuilder leaderEpoch(int epoch) {
        this.leaderEpoch = epoch;
        return this;
    }

    public BatchBuilder producer(long id, short epoch, int sequence) {
        this.producerId = id;
        this.producerEpoch = epoch;
        this.baseSequence = sequence;
        return this;
    }

    public BatchBuilder transactional() {
        attributes |= RecordBatchHeader.TRANSACTIONAL_BIT;
        return this;
    }

    public BatchBuilder control() {
        attributes |= RecordBatchHeader.CONTROL_BIT;
        return this;
    }

    public BatchBuilder append(long timestamp, ByteBuffer key, ByteBuffer value) {
        return append(timestamp, key, value, List.of());
    }

    /**
     * Adds a record.
     *
     * @param key   null for none; position to limit, which stay
     * @param value null for a tombstone; position to limit, which stay
     */
    public BatchBuilder append(long timestamp, ByteBuffer key, ByteBuffer value, List<RecordHeader> headers) {
        if (count == 0) {
            baseTimestamp = timestamp;
        }
        maxTimestamp = Math.max(maxTimestamp, timestamp);
        long timestampDelta = timestamp - baseTimestamp;
        try {
            writeVarint(bodyBytes(timestampDelta, key, value, headers));
            deflating.write(0);
            writeVarlong(timestampDelta);
            writeVarint(count);
            writeField(key);
            writeField(value);
            writeVarint(headers.size());
            for (RecordHeader header : headers) {
                writeField(header.key());
                writeField(header.value());
            }
        } catch (IOException failure) {
            throw new UncheckedIOException(failure);
        }
        count++;
        return this;
    }

    public int count() {
        return count;
    }

    /**
     * The batch, with its checksum; from position 0 to limit.
     *
     * @throws IllegalStateException if it has no records
     */
    public ByteBuffer build() {
        if (count == 0) {
            throw new IllegalStateException("a batch without records");
        }
        try {
            deflating.close();
        } catch (IOException failure) {
            throw new UncheckedIOException(failure);
        }
        ByteBuffer batch = output.toBuffer();
        batch.putLong(RecordBatchHeader.BASE_OFFSET, baseOffset)
                .putInt(RecordBatchHeader.BATCH_LENGTH, batch.limit() - RecordBatchHeader.LOG_OVERHEAD)
                .putInt(RecordBatchHeader.LEADER_EPOCH, leaderEpoch)
                .put(RecordBatchHeader.MAGIC_AT, RecordBatchHeader.MAGIC)
                .putInt(RecordBatchHeader.LAST_OFFSET_DELTA, count - 1)
                .putLong(RecordBatchHeader.BASE_TIMESTAMP, baseTimestamp)
                .putLong(RecordBatchHeader.PRODUCER_ID, producerId)
                .putShort(RecordBatchHeader.PRODUCER_EPOCH, producerEpoch)
                .putInt(RecordBatchHeader.BASE_SEQUENCE, baseSequence)
                .putInt(RecordBatchHeader.COUNT, count);
        RecordBatchHeader.restamp(batch, 0, (short) attributes, maxTimestamp);
        return batch;
    }

    /** The codec that the records are written with. */
    public Compression compression() {
        return compression;
    }

    private int bodyBytes(long timestampDelta, ByteBuffer key, ByteBuffer value, List<RecordHeader> headers) {
        int size = 1 + varlongBytes(timestampDelta) + varlongBytes(count) + fieldBytes(key) + fieldBytes(value);
        size += varlongBytes(headers.size());
        for (RecordHeader header : headers) {
            size += fieldBytes(header.key()) + fieldBytes(header.value());
        }
        return size;
    }

    private static int fieldBytes(ByteBuffer field) {
        return field == null ? 1 : varlongBytes(field.remaining()) + field.remaining();
    }

    /** How many bytes the zigzag form takes; the same for 32-bit numbers. */
    private static int varlongBytes(long value) {
        long zigzag = (value << 1) ^ (value >> 63);
        return Math.max(1, (Long.SIZE - Long.numberOfLeadingZeros(zigzag) + 6) / 7);
    }

    private void writeField(ByteBuffer field) throws IOException {
        if (field == null) {
            writeVarint(-1);
            return;
        }
        writeVarint(field.remaining());
        if (field.hasArray()) {
            deflating.write(field.array(), field.arrayOffset() + field.position(), field.remaining());
        } else {
            byte[] copy = new byte[field.remaining()];
            field.duplicate().get(copy);
            deflating.write(copy, 0, copy.length);
        }
    }

    private void writeVarint(int value) throws IOException {
        writeVarlong(value);
    }

    private void writeVarlong(long value) throws IOException {
        long zigzag = (value << 1) ^ (value >> 63);
        int length = 0;
        while ((zigzag & ~0x7FL) != 0) {
            number[length++] = (byte) (zigzag & 0x7F | 0x80);
            zigzag >>>= 7;
        }
        number[length++] = (byte) zigzag;
        deflating.write(number, 0, length);
    }
}
