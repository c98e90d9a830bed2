package io.barnabas.log.batch;

import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;

/** Batches for tests, good and forged. */
final class BatchBytes {
    static final long NOW = 1_700_000_000_000L;

    private BatchBytes() {}

    static ByteBuffer utf8(String text) {
        return text == null ? null : ByteBuffer.wrap(text.getBytes(StandardCharsets.UTF_8));
    }

    static String text(ByteBuffer bytes) {
        return bytes == null
                ? null
                : StandardCharsets.UTF_8.decode(bytes.duplicate()).toString();
    }

    /** Records with keys k0, k1, … and values v0, v1, …, all dated {@link #NOW}. */
    static BatchBuilder records(Compression compression, int count) {
        BatchBuilder builder = new BatchBuilder(compression);
        for (int i = 0; i < count; i++) {
            builder.append(NOW, utf8("k" + i), utf8("v" + i));
        }
        return builder;
    }

    static ByteBuffer batch(int count) {
        return records(Compression.NONE, count).build();
    }

    /** Makes the checksum right again after something was changed. */
    static ByteBuffer sealed(ByteBuffer batch) {
        return batch.putInt(RecordBatchHeader.CRC, RecordBatchHeader.computeCrc(batch, 0));
    }

    /** A batch whose records are these bytes. */
    static ByteBuffer withRecords(Compression compression, int count, byte[] records) {
        ByteBuffer batch = ByteBuffer.allocate(RecordBatchHeader.OVERHEAD + records.length);
        batch.put(0, BatchBytes.batch(1), 0, RecordBatchHeader.OVERHEAD);
        batch.putInt(RecordBatchHeader.BATCH_LENGTH, batch.capacity() - RecordBatchHeader.LOG_OVERHEAD)
                .putShort(RecordBatchHeader.ATTRIBUTES, (short) compression.id())
                .putInt(RecordBatchHeader.LAST_OFFSET_DELTA, count - 1)
                .putInt(RecordBatchHeader.COUNT, count)
                .put(RecordBatchHeader.OVERHEAD, records);
        return sealed(batch);
    }

    static byte[] array(ByteBuffer buffer) {
        byte[] bytes = new byte[buffer.remaining()];
        buffer.duplicate().get(bytes);
        return bytes;
    }

    static ByteBuffer joined(ByteBuffer... parts) {
        int size = 0;
        for (ByteBuffer part : parts) {
            size += part.remaining();
        }
        ByteBuffer all = ByteBuffer.allocate(size);
        for (ByteBuffer part : parts) {
            all.put(part.duplicate());
        }
        return all.flip();
    }

    static ByteBuffer direct(ByteBuffer batch) {
        return ByteBuffer.allocateDirect(batch.remaining())
                .put(batch.duplicate())
                .flip();
    }
}
