package io.barnabas.log.history;

import java.nio.ByteBuffer;
import java.util.ArrayList;
import java.util.Collection;
import java.util.List;
import java.util.zip.CRC32C;

/**
 * The bytes of a {@code <offset>.snapshot} file: the producers as they were before that offset.
 *
 * <pre>
 *  0 version i16 = 1 | 2 crc u32 (CRC-32C of everything from 6 on) | 6 count i32
 * then per producer, 46 bytes:
 *  0 producerId i64 | 8 epoch i16 | 10 lastSequence i32 | 14 lastOffset i64 | 22 offsetDelta i32 | 26 timestamp i64
 * 34 coordinatorEpoch i32 | 38 currentTransactionFirstOffset i64
 * </pre>
 */
public final class ProducerSnapshotCodec {
    private static final short VERSION = 1;
    private static final int CRC_AT = 2;
    private static final int COVERED_FROM = 6;
    private static final int HEADER_BYTES = 10;
    private static final int ENTRY_BYTES = 46;

    private ProducerSnapshotCodec() {}

    /** The whole file, from position 0 to limit. */
    public static ByteBuffer encode(Collection<ProducerState> producers) {
        ByteBuffer file = ByteBuffer.allocate(HEADER_BYTES + producers.size() * ENTRY_BYTES);
        file.putShort(VERSION).putInt(0).putInt(producers.size());
        for (ProducerState producer : producers) {
            file.putLong(producer.producerId())
                    .putShort(producer.producerEpoch())
                    .putInt(producer.lastSequence())
                    .putLong(producer.lastOffset())
                    .putInt(producer.offsetDelta())
                    .putLong(producer.timestamp())
                    .putInt(producer.coordinatorEpoch())
                    .putLong(producer.currentTransactionFirstOffset());
        }
        file.flip();
        file.putInt(CRC_AT, crc(file));
        return file;
    }

    /** Reads the whole file, from position to limit, which stay. */
    public static List<ProducerState> decode(ByteBuffer bytes) throws CorruptSnapshotException {
        ByteBuffer file = bytes.slice();
        if (file.remaining() < HEADER_BYTES) {
            throw new CorruptSnapshotException("a snapshot of " + file.remaining() + " bytes");
        }
        short version = file.getShort();
        if (version != VERSION) {
            throw new CorruptSnapshotException("a snapshot of version " + version);
        }
        int stored = file.getInt();
        if (stored != crc(file)) {
            throw new CorruptSnapshotException("the checksum does not match");
        }
        int count = file.getInt();
        if (count < 0 || (long) count * ENTRY_BYTES != file.remaining()) {
            throw new CorruptSnapshotException(count + " producers in " + file.remaining() + " bytes");
        }
        List<ProducerState> producers = new ArrayList<>(count);
        for (int i = 0; i < count; i++) {
            producers.add(new ProducerState(
                    file.getLong(),
                    file.getShort(),
                    file.getInt(),
                    file.getLong(),
                    file.getInt(),
                    file.getLong(),
                    file.getInt(),
                    file.getLong()));
        }
        return producers;
    }

    private static int crc(ByteBuffer file) {
        CRC32C crc = new CRC32C();
        crc.update(file.duplicate().position(COVERED_FROM));
        return (int) crc.getValue();
    }
}
