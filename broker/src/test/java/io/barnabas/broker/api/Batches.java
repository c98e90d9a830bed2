package io.barnabas.broker.api;

import io.barnabas.protocol.message.BufferRecords;
import io.netty.buffer.Unpooled;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.util.zip.CRC32C;
import org.apache.kafka.common.compress.Compression;
import org.apache.kafka.common.record.TimestampType;
import org.apache.kafka.common.record.internal.MemoryRecords;
import org.apache.kafka.common.record.internal.SimpleRecord;

/** Batches as Kafka's own client builds them, and forgeries of them. */
final class Batches {
    static final long NOW = 1_700_000_000_000L;
    static final int CRC = 17;
    static final int ATTRIBUTES = 21;
    static final int LAST_OFFSET_DELTA = 23;
    static final int COUNT = 57;

    private Batches() {}

    static SimpleRecord record(long timestamp, String key, String value) {
        return new SimpleRecord(
                timestamp,
                key == null ? null : key.getBytes(StandardCharsets.UTF_8),
                value.getBytes(StandardCharsets.UTF_8));
    }

    static SimpleRecord[] records(int count, long timestamp) {
        SimpleRecord[] records = new SimpleRecord[count];
        for (int i = 0; i < count; i++) {
            records[i] = record(timestamp, "k" + i, "v" + i);
        }
        return records;
    }

    static ByteBuffer plain(int count) {
        return of(Compression.NONE, records(count, NOW));
    }

    static ByteBuffer of(Compression compression, SimpleRecord... records) {
        return MemoryRecords.withRecords(compression, records).buffer();
    }

    static ByteBuffer idempotent(long producerId, int epoch, int sequence, int count) {
        return MemoryRecords.withIdempotentRecords(
                        Compression.NONE, producerId, (short) epoch, sequence, records(count, NOW))
                .buffer();
    }

    static ByteBuffer transactional(long producerId, int epoch, int sequence, int count) {
        return MemoryRecords.withTransactionalRecords(
                        Compression.NONE, producerId, (short) epoch, sequence, records(count, NOW))
                .buffer();
    }

    static ByteBuffer ofMagic(byte magic, int count) {
        return MemoryRecords.withRecords(magic, 0L, Compression.NONE, TimestampType.CREATE_TIME, records(count, NOW))
                .buffer();
    }

    /** Bytes made to a batch's fields, its checksum right again. */
    static ByteBuffer sealed(ByteBuffer batch) {
        CRC32C crc = new CRC32C();
        crc.update(batch.duplicate().position(ATTRIBUTES));
        return batch.putInt(CRC, (int) crc.getValue());
    }

    static ByteBuffer withInt(ByteBuffer batch, int at, int value) {
        return sealed(batch.putInt(at, value));
    }

    static ByteBuffer withAttributes(ByteBuffer batch, int attributes) {
        return sealed(batch.putShort(ATTRIBUTES, (short) attributes));
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

    static BufferRecords wire(ByteBuffer batch) {
        return new BufferRecords(Unpooled.wrappedBuffer(batch));
    }
}
