package io.barnabas.tools;

import io.barnabas.log.batch.BatchReader;
import io.barnabas.log.batch.CorruptBatchException;
import io.barnabas.log.batch.EndTransactionMarker;
import io.barnabas.log.batch.RecordBatchHeader;
import io.barnabas.log.batch.RecordHeader;
import io.barnabas.log.batch.RecordIterator;
import io.barnabas.log.batch.RecordView;
import io.barnabas.log.batch.StoredBatch;
import io.barnabas.log.batch.TimestampType;
import java.io.BufferedInputStream;
import java.io.IOException;
import java.io.InputStream;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.stream.Collectors;

/** Prints a segment batch by batch, so that a large file needs little memory. */
final class SegmentDump {
    /** How much is told. */
    enum Detail {
        BATCHES,
        RECORDS,
        DATA,
        PAYLOADS
    }

    private static final int LARGEST_BATCH = 1 << 30;

    private final Path file;
    private final Detail detail;
    private final long maxBytes;

    SegmentDump(Path file, Detail detail, long maxBytes) {
        this.file = file;
        this.detail = detail;
        this.maxBytes = maxBytes;
    }

    /** @return what is wrong with the file, or null */
    String print(DumpLogCommand.Sink sink) throws IOException {
        sink.show(
                "Log starting offset: " + IndexDump.baseOffset(file),
                Map.of("startOffset", IndexDump.baseOffset(file)));
        String damage = null;
        long size = Files.size(file);
        long position = 0;
        try (InputStream in = new BufferedInputStream(Files.newInputStream(file), 1 << 17)) {
            while (position < size && position < maxBytes) {
                byte[] front = in.readNBytes(RecordBatchHeader.LOG_OVERHEAD);
                if (front.length < RecordBatchHeader.LOG_OVERHEAD) {
                    return "ends within a batch at position " + position;
                }
                long length = RecordBatchHeader.sizeInBytes(ByteBuffer.wrap(front), 0);
                if (length < RecordBatchHeader.OVERHEAD || length > LARGEST_BATCH || length > size - position) {
                    return "no whole batch at position " + position + " (" + (size - position) + " bytes left)";
                }
                ByteBuffer batch = ByteBuffer.allocate((int) length).put(front);
                batch.put(in.readNBytes((int) length - front.length));
                if (batch.hasRemaining()) {
                    return "ends within a batch at position " + position;
                }
                try {
                    StoredBatch stored = BatchReader.over(batch.flip()).next();
                    print(stored, position, sink);
                    if (!stored.hasValidCrc() && damage == null) {
                        damage = "the checksum of the batch at position " + position + " does not match";
                    }
                } catch (CorruptBatchException e) {
                    return "position " + position + ": " + e.getMessage();
                }
                position += length;
            }
        }
        return damage;
    }

    private void print(StoredBatch batch, long position, DumpLogCommand.Sink sink) {
        sink.show(line(batch, position), json(batch, position));
        if (detail == Detail.BATCHES) {
            return;
        }
        try (RecordIterator records = batch.records()) {
            while (records.hasNext()) {
                RecordView record = records.next();
                // compaction may have taken records from between
                int sequence = batch.baseSequence() < 0
                        ? batch.baseSequence()
                        : (int) ((batch.baseSequence() + record.offset() - batch.baseOffset()) & Integer.MAX_VALUE);
                if (detail != Detail.PAYLOADS || !batch.isControl()) {
                    sink.show(line(batch, record, sequence), json(batch, record));
                }
            }
        }
    }

    private static String timestampName(StoredBatch batch) {
        return batch.timestampType() == TimestampType.LOG_APPEND_TIME ? "LogAppendTime" : "CreateTime";
    }

    private static String codec(StoredBatch batch) {
        return batch.compression() == null
                ? "unknown"
                : batch.compression().name().toLowerCase(Locale.ROOT);
    }

    private static long crc(StoredBatch batch) {
        return Integer.toUnsignedLong(RecordBatchHeader.crc(batch.buffer(), batch.position()));
    }

    private static String line(StoredBatch batch, long position) {
        // the field that held the first timestamp then holds the time at which tombstones may go
        String deleteHorizon =
                batch.hasDeleteHorizon() ? "OptionalLong[" + batch.baseTimestamp() + "]" : "OptionalLong.empty";
        return "baseOffset: " + batch.baseOffset() + " lastOffset: " + batch.lastOffset() + " count: " + batch.count()
                + " baseSequence: " + batch.baseSequence() + " lastSequence: " + batch.lastSequence()
                + " producerId: " + batch.producerId() + " producerEpoch: " + batch.producerEpoch()
                + " partitionLeaderEpoch: " + batch.leaderEpoch() + " isTransactional: " + batch.isTransactional()
                + " isControl: " + batch.isControl() + " deleteHorizonMs: " + deleteHorizon + " position: " + position
                + " " + timestampName(batch) + ": " + batch.maxTimestamp() + " size: " + batch.sizeInBytes()
                + " magic: " + RecordBatchHeader.magic(batch.buffer(), batch.position()) + " compresscodec: "
                + codec(batch) + " crc: " + crc(batch) + " isvalid: " + batch.hasValidCrc();
    }

    private static Map<String, Object> json(StoredBatch batch, long position) {
        Map<String, Object> json = new LinkedHashMap<>();
        json.put("baseOffset", batch.baseOffset());
        json.put("lastOffset", batch.lastOffset());
        json.put("count", batch.count());
        json.put("baseSequence", batch.baseSequence());
        json.put("lastSequence", batch.lastSequence());
        json.put("producerId", batch.producerId());
        json.put("producerEpoch", batch.producerEpoch());
        json.put("partitionLeaderEpoch", batch.leaderEpoch());
        json.put("isTransactional", batch.isTransactional());
        json.put("isControl", batch.isControl());
        json.put("deleteHorizonMs", batch.hasDeleteHorizon() ? batch.baseTimestamp() : null);
        json.put("position", position);
        json.put("timestampType", timestampName(batch));
        json.put("maxTimestamp", batch.maxTimestamp());
        json.put("size", batch.sizeInBytes());
        json.put("compression", codec(batch));
        json.put("crc", crc(batch));
        json.put("valid", batch.hasValidCrc());
        return json;
    }

    private String line(StoredBatch batch, RecordView record, int sequence) {
        StringBuilder line = new StringBuilder("|");
        if (detail != Detail.PAYLOADS) {
            line.append(" offset: ").append(record.offset());
            line.append(' ').append(timestampName(batch)).append(": ").append(record.timestamp());
            line.append(" keySize: ").append(size(record.key()));
            line.append(" valueSize: ").append(size(record.value()));
            if (!batch.isControl()) {
                line.append(" sequence: ").append(sequence);
            }
            List<String> names =
                    record.headers().stream().map(RecordHeader::name).toList();
            line.append(" headerKeys: ").append(names.stream().collect(Collectors.joining(",", "[", "]")));
        }
        if (batch.isControl()) {
            EndTransactionMarker marker = EndTransactionMarker.parse(record.key(), record.value());
            line.append(
                    marker == null
                            ? " other control record"
                            : " endTxnMarker: " + (marker.committed() ? "COMMIT" : "ABORT") + " coordinatorEpoch: "
                                    + marker.coordinatorEpoch());
        } else if (detail != Detail.RECORDS) {
            if (record.key() != null) {
                line.append(" key: ").append(text(record.key()));
            }
            if (record.value() != null) {
                line.append(" payload: ").append(text(record.value()));
            }
        }
        return line.toString();
    }

    private Map<String, Object> json(StoredBatch batch, RecordView record) {
        Map<String, Object> json = new LinkedHashMap<>();
        json.put("offset", record.offset());
        json.put("timestamp", record.timestamp());
        json.put("keySize", size(record.key()));
        json.put("valueSize", size(record.value()));
        json.put("headerKeys", record.headers().stream().map(RecordHeader::name).toList());
        if (!batch.isControl() && detail != Detail.RECORDS) {
            json.put("key", text(record.key()));
            json.put("value", text(record.value()));
        }
        return json;
    }

    private static int size(ByteBuffer bytes) {
        return bytes == null ? -1 : bytes.remaining();
    }

    private static String text(ByteBuffer bytes) {
        return bytes == null
                ? null
                : StandardCharsets.UTF_8.decode(bytes.duplicate()).toString();
    }
}
