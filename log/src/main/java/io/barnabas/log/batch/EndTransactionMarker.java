package io.barnabas.log.batch;

import java.nio.ByteBuffer;

/**
 * The control record that ends a transaction on a partition.
 *
 * <pre>
 * key   0 version i16 = 0 | 2 type i16 (0 abort, 1 commit; others belong to other uses and are passed over)
 * value 0 version i16 = 0 | 2 coordinatorEpoch i32
 * </pre>
 *
 * @param coordinatorEpoch of the transaction coordinator that decided
 */
public record EndTransactionMarker(boolean committed, int coordinatorEpoch) {
    private static final short VERSION = 0;
    private static final short ABORT = 0;
    private static final short COMMIT = 1;
    private static final int KEY_BYTES = 4;
    private static final int VALUE_BYTES = 6;

    /**
     * @return null if the control record is of a type that ends no transaction
     * @throws CorruptBatchException if it is no control record
     */
    public static EndTransactionMarker parse(ByteBuffer key, ByteBuffer value) {
        if (key == null || key.remaining() < KEY_BYTES || key.getShort(key.position()) < VERSION) {
            throw new CorruptBatchException("not the key of a control record");
        }
        short type = key.getShort(key.position() + 2);
        if (type != ABORT && type != COMMIT) {
            return null;
        }
        if (value == null || value.remaining() < VALUE_BYTES || value.getShort(value.position()) < VERSION) {
            throw new CorruptBatchException("not the value of a transaction marker");
        }
        return new EndTransactionMarker(type == COMMIT, value.getInt(value.position() + 2));
    }

    /**
     * What the control batch says of a transaction.
     *
     * @return null if it says nothing: it ends none, or was emptied by compaction
     */
    public static EndTransactionMarker of(StoredBatch controlBatch) {
        try (RecordIterator records = controlBatch.records()) {
            if (!records.hasNext()) {
                return null;
            }
            RecordView record = records.next();
            return parse(record.key(), record.value());
        }
    }

    public ByteBuffer key() {
        return ByteBuffer.allocate(KEY_BYTES)
                .putShort(VERSION)
                .putShort(committed ? COMMIT : ABORT)
                .flip();
    }

    public ByteBuffer value() {
        return ByteBuffer.allocate(VALUE_BYTES)
                .putShort(VERSION)
                .putInt(coordinatorEpoch)
                .flip();
    }

    /** The whole control batch, ready to be stamped: 78 bytes. */
    public ByteBuffer toBatch(long producerId, short producerEpoch, long timestamp) {
        return new BatchBuilder(Compression.NONE)
                .producer(producerId, producerEpoch, RecordBatchHeader.NO_SEQUENCE)
                .transactional()
                .control()
                .append(timestamp, key(), value())
                .build();
    }
}
