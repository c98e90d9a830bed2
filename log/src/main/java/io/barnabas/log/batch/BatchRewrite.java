package io.barnabas.log.batch;

import java.io.IOException;
import java.io.OutputStream;
import java.io.UncheckedIOException;
import java.nio.ByteBuffer;
import java.util.BitSet;

/**
 * Writes a stored batch anew without some of its records. Base offset, last offset, sequence, producer, leader epoch and codec
 * stay; a record that stays is copied as it lies, without being read. Source: KIP-98 (what has to stay), KIP-534 (delete
 * horizon).
 */
public final class BatchRewrite {
    /** No delete horizon is to be set. */
    public static final long NO_HORIZON = Long.MIN_VALUE;

    private static final int MAX_VARLONG_BYTES = 10;

    private BatchRewrite() {}

    /**
     * The batch with some of its records.
     *
     * @param kept            by their place in the batch; at least one
     * @param deleteHorizonMs the time from which the tombstones in it may go; {@link #NO_HORIZON} leaves what is there
     * @return from position 0 to limit
     */
    public static ByteBuffer keeping(StoredBatch batch, BitSet kept, long deleteHorizonMs, CompressionLevels levels) {
        boolean redate = deleteHorizonMs != NO_HORIZON;
        BatchOutput output = new BatchOutput(batch.sizeInBytes() + MAX_VARLONG_BYTES, Integer.MAX_VALUE);
        long maxTimestamp = RecordBatchHeader.NO_TIMESTAMP;
        int count = 0;
        byte[] number = new byte[MAX_VARLONG_BYTES];
        try (KeyWalk records = batch.keys();
                OutputStream deflating = batch.compression().deflate(output, levels)) {
            for (int i = 0; records.next(); i++) {
                if (!kept.get(i)) {
                    continue;
                }
                count++;
                maxTimestamp = Math.max(maxTimestamp, records.timestamp());
                if (redate) {
                    writeRedated(records, deleteHorizonMs, deflating, number);
                } else {
                    int length = records.bodyEnd() - records.bodyAt();
                    deflating.write(number, 0, encode(length, number));
                    copy(records.window(), records.bodyAt(), length, deflating);
                }
            }
        } catch (IOException failure) {
            throw new UncheckedIOException(failure);
        }
        ByteBuffer rewritten = output.toBuffer();
        int attributes = RecordBatchHeader.attributes(batch.buffer(), batch.position());
        copyHeader(batch, rewritten);
        rewritten
                .putInt(RecordBatchHeader.BATCH_LENGTH, rewritten.limit() - RecordBatchHeader.LOG_OVERHEAD)
                .putInt(RecordBatchHeader.COUNT, count);
        if (redate) {
            attributes |= RecordBatchHeader.DELETE_HORIZON_BIT;
            rewritten.putLong(RecordBatchHeader.BASE_TIMESTAMP, deleteHorizonMs);
        }
        RecordBatchHeader.restamp(
                rewritten,
                0,
                (short) attributes,
                batch.timestampType() == TimestampType.LOG_APPEND_TIME ? batch.maxTimestamp() : maxTimestamp);
        return rewritten;
    }

    /** The batch without records: what is left to tell of its producer and of the offsets that it had. */
    public static ByteBuffer emptied(StoredBatch batch) {
        ByteBuffer header = ByteBuffer.allocate(RecordBatchHeader.OVERHEAD);
        copyHeader(batch, header);
        header.putInt(RecordBatchHeader.BATCH_LENGTH, RecordBatchHeader.OVERHEAD - RecordBatchHeader.LOG_OVERHEAD)
                .putLong(RecordBatchHeader.BASE_TIMESTAMP, batch.maxTimestamp())
                .putInt(RecordBatchHeader.COUNT, 0);
        int attributes = RecordBatchHeader.attributes(batch.buffer(), batch.position())
                & ~(RecordBatchHeader.CODEC_MASK | RecordBatchHeader.DELETE_HORIZON_BIT);
        RecordBatchHeader.restamp(header, 0, (short) attributes, batch.maxTimestamp());
        return header;
    }

    private static void copyHeader(StoredBatch batch, ByteBuffer into) {
        into.put(0, batch.buffer(), batch.position(), RecordBatchHeader.OVERHEAD);
    }

    /** The record with its timestamp told from the horizon on instead of from the batch's old base. */
    private static void writeRedated(KeyWalk record, long horizonMs, OutputStream into, byte[] number)
            throws IOException {
        byte[] delta = new byte[MAX_VARLONG_BYTES];
        int deltaBytes = encode(record.timestamp() - horizonMs, delta);
        int rest = record.bodyEnd() - record.afterTimestamp();
        into.write(number, 0, encode(1L + deltaBytes + rest, number));
        into.write(record.window().get(record.bodyAt()));
        into.write(delta, 0, deltaBytes);
        copy(record.window(), record.afterTimestamp(), rest, into);
    }

    private static void copy(ByteBuffer from, int at, int length, OutputStream into) throws IOException {
        if (from.hasArray()) {
            into.write(from.array(), from.arrayOffset() + at, length);
        } else {
            byte[] bytes = new byte[length];
            from.get(at, bytes);
            into.write(bytes, 0, length);
        }
    }

    /** @return bytes of the zigzag form, which lies at the array's start */
    private static int encode(long value, byte[] into) {
        long zigzag = (value << 1) ^ (value >> 63);
        int length = 0;
        while ((zigzag & ~0x7FL) != 0) {
            into[length++] = (byte) (zigzag & 0x7F | 0x80);
            zigzag >>>= 7;
        }
        into[length++] = (byte) zigzag;
        return length;
    }
}
