package io.barnabas.system.tests;

import io.barnabas.log.batch.BatchBuilder;
import io.barnabas.log.batch.Compression;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.util.function.Consumer;
import java.util.zip.CRC32C;

/**
 * Record batches as bytes: good ones, and forged ones whose checksum is right all the same. The positions are those of the format
 * (KIP-98), written down once more on purpose.
 */
final class Batches {
    static final int BASE_OFFSET = 0;
    static final int LENGTH = 8;
    static final int MAGIC = 16;
    static final int CRC = 17;
    static final int ATTRIBUTES = 21;
    static final int LAST_OFFSET_DELTA = 23;
    static final int BASE_TIMESTAMP = 27;
    static final int MAX_TIMESTAMP = 35;
    static final int BASE_SEQUENCE = 53;
    static final int COUNT = 57;
    static final int RECORDS = 61;

    private Batches() {}

    static byte[] of(int count) {
        return of(Compression.NONE, count);
    }

    static byte[] of(Compression compression, int count) {
        var builder = new BatchBuilder(compression);
        for (int i = 0; i < count; i++) {
            builder.append(System.currentTimeMillis(), utf8("key-" + i), utf8("value-" + i));
        }
        return array(builder.build());
    }

    /** Records of one producer. */
    static byte[] of(long producerId, int epoch, int sequence, int count) {
        var builder = new BatchBuilder(Compression.NONE).producer(producerId, (short) epoch, sequence);
        for (int i = 0; i < count; i++) {
            builder.append(System.currentTimeMillis(), utf8("k"), utf8("v" + i));
        }
        return array(builder.build());
    }

    /** One record of about this many bytes. */
    static byte[] ofSize(int bytes) {
        var builder = new BatchBuilder(Compression.NONE);
        builder.append(System.currentTimeMillis(), null, ByteBuffer.allocate(bytes));
        return array(builder.build());
    }

    /** Records with these keys, null ones too. */
    static byte[] keyed(String... keys) {
        var builder = new BatchBuilder(Compression.NONE);
        for (String key : keys) {
            builder.append(System.currentTimeMillis(), utf8(key), utf8("v"));
        }
        return array(builder.build());
    }

    /** Records dated so. */
    static byte[] dated(long... timestamps) {
        return dated(Compression.NONE, timestamps);
    }

    static byte[] dated(Compression compression, long... timestamps) {
        var builder = new BatchBuilder(compression);
        for (long timestamp : timestamps) {
            builder.append(timestamp, utf8("k"), utf8("v"));
        }
        return array(builder.build());
    }

    /** Changed somewhere, checksum made right again. */
    static byte[] forged(byte[] batch, Consumer<ByteBuffer> change) {
        byte[] copy = batch.clone();
        change.accept(ByteBuffer.wrap(copy));
        return sealed(copy);
    }

    /** The header of {@code like} before these record bytes. */
    static byte[] withRecords(byte[] like, Compression compression, byte[] records) {
        ByteBuffer batch = ByteBuffer.allocate(RECORDS + records.length)
                .put(like, 0, RECORDS)
                .put(records);
        batch.putInt(LENGTH, batch.capacity() - MAGIC + 4).putShort(ATTRIBUTES, (short) compression.id());
        return sealed(batch.array());
    }

    static byte[] sealed(byte[] batch) {
        var crc = new CRC32C();
        crc.update(batch, ATTRIBUTES, batch.length - ATTRIBUTES);
        ByteBuffer.wrap(batch).putInt(CRC, (int) crc.getValue());
        return batch;
    }

    static ByteBuffer utf8(String text) {
        return text == null ? null : ByteBuffer.wrap(text.getBytes(StandardCharsets.UTF_8));
    }

    private static byte[] array(ByteBuffer buffer) {
        byte[] bytes = new byte[buffer.remaining()];
        buffer.duplicate().get(bytes);
        return bytes;
    }
}
