package io.barnabas.log.batch;

import io.barnabas.model.Outcome;
import io.barnabas.model.Refusal;
import io.barnabas.model.Refusal.Reason;
import java.io.IOException;
import java.io.OutputStream;
import java.nio.ByteBuffer;

/**
 * The gate before the log: judges what a client sent for one partition. Nothing in the header is believed that the records
 * can tell better, so every record is visited, decompressed if need be, but never copied: an uncompressed batch costs a few
 * small objects, a compressed one a window of inflated bytes.
 *
 * <p>A batch passes in place, with its timestamp type and max timestamp set right, or, where the topic has a compression
 * of its own, as a new batch that keeps producer id, epoch, sequence, count and all records byte for byte.
 *
 * <p>Source: KIP-98 (format), KIP-467 (errors per record), KIP-937 (bounds of timestamps); stricter than Kafka in that
 * offset deltas must be 0 to n-1 in every batch.
 */
public final class BatchValidator {
    /** First version of Produce whose clients know zstd (KIP-110). */
    private static final int FIRST_PRODUCE_WITH_ZSTD = 7;

    /** Up to the magic byte, which tells whether the rest means anything. */
    private static final int PREFIX_BYTES = RecordBatchHeader.MAGIC_AT + 1;

    private static final int COPY_BYTES = 8 * 1024;

    private final BatchRules rules;
    private final long nowMs;
    private final AppendOrigin origin;

    private BatchValidator(BatchRules rules, long nowMs, AppendOrigin origin) {
        this.rules = rules;
        this.nowMs = nowMs;
        this.origin = origin;
    }

    /**
     * @param records        what stands in the request for one partition, from position to limit, which stay as they are;
     *                       the header's bytes may be set right in place
     * @param nowMs          the leader's time
     * @param produceVersion of the request; a client below 7 may not send zstd
     */
    public static Outcome<ValidBatch> validate(
            ByteBuffer records, BatchRules rules, long nowMs, short produceVersion, AppendOrigin origin) {
        try {
            return Outcome.done(new BatchValidator(rules, nowMs, origin).judge(records, produceVersion));
        } catch (BatchRefusedException refused) {
            return Outcome.refused(refused.refusal());
        }
    }

    private ValidBatch judge(ByteBuffer records, short produceVersion) throws BatchRefusedException {
        ByteBuffer batch = onlyBatch(records);
        int at = batch.position();
        checkSize(batch.remaining());
        if (!RecordBatchHeader.hasValidCrc(batch, at)) {
            throw new BatchRefusedException(Reason.CORRUPT_MESSAGE, "the checksum of the batch does not match");
        }
        checkHeader(batch, at);
        Compression compression = compression(batch, at, produceVersion);
        Compression target = rules.compression() == null ? compression : rules.compression();

        RecordFindings findings = new RecordFindings(rules, nowMs, origin);
        ByteBuffer judged = target == compression
                ? visit(batch, compression, findings)
                : recompress(batch, compression, target, findings);
        Refusal refusal = findings.refusal();
        if (refusal != null) {
            throw new BatchRefusedException(refusal);
        }
        return stampTimes(judged, target, findings);
    }

    /** The one batch of format v2 that there has to be, without the bytes after it, which never reach the log. */
    private static ByteBuffer onlyBatch(ByteBuffer records) throws BatchRefusedException {
        int at = records.position();
        int available = records.remaining();
        require(available >= PREFIX_BYTES, "there is no whole record batch");
        ByteBuffer batch = records.duplicate();
        byte magic = RecordBatchHeader.magic(batch, at);
        require(magic == RecordBatchHeader.MAGIC, "record format %s is not supported, only 2", magic);
        long size = RecordBatchHeader.sizeInBytes(batch, at);
        require(size >= RecordBatchHeader.OVERHEAD, "a record batch of %s bytes", size);
        require(size <= available, "the record batch is cut");
        int end = at + (int) size;
        require(!isBatch(batch, end), "there is more than one record batch for a partition");
        long baseOffset = RecordBatchHeader.baseOffset(batch, at);
        require(baseOffset == 0, "the base offset of a produced batch is 0, not %s", baseOffset);
        return batch.limit(end);
    }

    /** Whether a whole batch, of any format, begins here and not just leftover bytes. */
    private static boolean isBatch(ByteBuffer buffer, int at) {
        int available = buffer.limit() - at;
        if (available < PREFIX_BYTES) {
            return false;
        }
        byte magic = RecordBatchHeader.magic(buffer, at);
        int length = RecordBatchHeader.batchLength(buffer, at);
        return magic >= 0
                && magic <= RecordBatchHeader.MAGIC
                && length > PREFIX_BYTES - RecordBatchHeader.LOG_OVERHEAD
                && length <= available - RecordBatchHeader.LOG_OVERHEAD;
    }

    private void checkSize(int size) throws BatchRefusedException {
        if (origin == AppendOrigin.CLIENT && size > rules.maxMessageBytes()) {
            throw new BatchRefusedException(
                    Reason.MESSAGE_TOO_LARGE,
                    "the batch has " + size + " bytes, the topic takes " + rules.maxMessageBytes());
        }
        if (size > rules.segmentBytes()) {
            throw new BatchRefusedException(
                    Reason.RECORD_LIST_TOO_LARGE,
                    "the batch has " + size + " bytes, a segment " + rules.segmentBytes());
        }
    }

    private void checkHeader(ByteBuffer batch, int at) throws BatchRefusedException {
        int count = RecordBatchHeader.count(batch, at);
        int lastOffsetDelta = RecordBatchHeader.lastOffsetDelta(batch, at);
        require(count > 0, "a batch of %s records", count);
        require(lastOffsetDelta == count - 1, "%s records with a last offset delta of %s", count, lastOffsetDelta);
        require(
                origin != AppendOrigin.CLIENT || !RecordBatchHeader.isControl(batch, at),
                "clients do not write control batches");
        long producerId = RecordBatchHeader.producerId(batch, at);
        require(producerId >= RecordBatchHeader.NO_PRODUCER_ID, "producer id %s", producerId);
        if (producerId == RecordBatchHeader.NO_PRODUCER_ID) {
            require(!RecordBatchHeader.isTransactional(batch, at), "a transactional batch without a producer id");
        } else {
            require(RecordBatchHeader.producerEpoch(batch, at) >= 0, "a producer id without an epoch");
            require(
                    RecordBatchHeader.baseSequence(batch, at) >= 0
                            || RecordBatchHeader.isControl(batch, at)
                            || origin == AppendOrigin.COORDINATOR, // which keeps the order of its records itself
                    "a producer id without a sequence");
        }
    }

    private static Compression compression(ByteBuffer batch, int at, short produceVersion)
            throws BatchRefusedException {
        int codec = RecordBatchHeader.codec(batch, at);
        Compression compression = Compression.ofId(codec);
        if (compression == null) {
            throw new BatchRefusedException(Reason.UNSUPPORTED_COMPRESSION_TYPE, "there is no codec " + codec);
        }
        if (compression == Compression.ZSTD && produceVersion < FIRST_PRODUCE_WITH_ZSTD) {
            throw new BatchRefusedException(
                    Reason.UNSUPPORTED_COMPRESSION_TYPE, "zstd is for clients that produce with version 7 or later");
        }
        return compression;
    }

    private ByteBuffer visit(ByteBuffer batch, Compression compression, RecordFindings findings)
            throws BatchRefusedException {
        if (compression == Compression.NONE) {
            visitPlain(batch, findings);
        } else {
            visitInflated(batch, compression, null, findings);
        }
        return batch;
    }

    private static void visitPlain(ByteBuffer batch, RecordFindings findings) throws BatchRefusedException {
        int at = batch.position();
        try {
            visitRecords(
                    new PlainRecords(batch, at + RecordBatchHeader.OVERHEAD, batch.limit()),
                    RecordBatchHeader.count(batch, at),
                    RecordBatchHeader.baseTimestamp(batch, at),
                    findings);
        } catch (CorruptBatchException corrupt) {
            throw new BatchRefusedException(Reason.INVALID_RECORD, corrupt.getMessage());
        }
    }

    private void visitInflated(ByteBuffer batch, Compression compression, OutputStream copy, RecordFindings findings)
            throws BatchRefusedException {
        int at = batch.position();
        ByteBuffer compressed = batch.duplicate().position(at + RecordBatchHeader.OVERHEAD);
        try (InflatedRecords records = new InflatedRecords(compression, compressed, rules.maxInflatedBytes(), copy)) {
            visitRecords(
                    records, RecordBatchHeader.count(batch, at), RecordBatchHeader.baseTimestamp(batch, at), findings);
        } catch (InflateFailedException failed) {
            throw new BatchRefusedException(Reason.CORRUPT_MESSAGE, failed.getMessage());
        } catch (InflatedTooLargeException tooLarge) {
            throw new BatchRefusedException(Reason.MESSAGE_TOO_LARGE, tooLarge.getMessage());
        } catch (CorruptBatchException corrupt) {
            throw new BatchRefusedException(Reason.INVALID_RECORD, corrupt.getMessage());
        }
    }

    /** The heart of the matter: every field of every record, keys and values only passed over. */
    private static void visitRecords(RecordSource records, int count, long baseTimestamp, RecordFindings findings)
            throws BatchRefusedException {
        for (int index = 0; index < count; index++) {
            int length = records.varint();
            long end = records.consumed() + length;
            byte attributes = records.next();
            long timestamp = baseTimestamp + records.varlong();
            int offsetDelta = records.varint();
            int keyLength = records.varint();
            boolean sound = attributes == 0 && offsetDelta == index && keyLength >= -1;
            if (keyLength > 0) {
                records.skip(keyLength);
            }
            int valueLength = records.varint();
            sound &= valueLength >= -1;
            if (valueLength > 0) {
                records.skip(valueLength);
            }
            int headerCount = records.varint();
            sound &= headerCount >= 0;
            if (headerCount > 0) {
                sound &= passHeaders(records, headerCount);
            }
            if (!sound || records.consumed() != end) {
                throw new BatchRefusedException(Reason.INVALID_RECORD, "record " + index + " is malformed");
            }
            findings.onRecord(index, timestamp, keyLength >= 0);
        }
        require(records.isExhausted(), "there are more than the %s records that the batch promises", count);
    }

    private static boolean passHeaders(RecordSource records, int headerCount) {
        for (int header = 0; header < headerCount; header++) {
            int keyLength = records.varint();
            if (keyLength < 0) {
                return false;
            }
            records.skip(keyLength);
            int valueLength = records.varint();
            if (valueLength < -1) {
                return false;
            }
            if (valueLength > 0) {
                records.skip(valueLength);
            }
        }
        return true;
    }

    /** Judges the records and writes them with another codec, in one pass. */
    private ByteBuffer recompress(ByteBuffer batch, Compression source, Compression target, RecordFindings findings)
            throws BatchRefusedException {
        int limit = origin == AppendOrigin.CLIENT
                ? Math.min(rules.maxMessageBytes(), rules.segmentBytes())
                : rules.segmentBytes();
        BatchOutput output = new BatchOutput(batch.remaining(), limit);
        try (OutputStream deflating = target.deflate(output, rules.levels())) {
            if (source == Compression.NONE) {
                visitPlain(batch, findings);
                copy(batch, deflating);
            } else {
                visitInflated(batch, source, deflating, findings);
            }
        } catch (IOException failure) {
            throw new BatchRefusedException(Reason.CORRUPT_MESSAGE, "the records cannot be recompressed");
        }
        if (output.isOverflown()) {
            throw new BatchRefusedException(
                    limit < rules.segmentBytes() || limit == rules.maxMessageBytes()
                            ? Reason.MESSAGE_TOO_LARGE
                            : Reason.RECORD_LIST_TOO_LARGE,
                    "as " + target.codecName() + " the batch has more than " + limit + " bytes");
        }
        ByteBuffer recompressed = output.toBuffer();
        recompressed.put(0, batch, batch.position(), RecordBatchHeader.OVERHEAD);
        recompressed.putInt(RecordBatchHeader.BATCH_LENGTH, recompressed.limit() - RecordBatchHeader.LOG_OVERHEAD);
        return recompressed;
    }

    private static void copy(ByteBuffer batch, OutputStream target) throws IOException {
        ByteBuffer records = batch.duplicate().position(batch.position() + RecordBatchHeader.OVERHEAD);
        byte[] chunk = new byte[COPY_BYTES];
        while (records.hasRemaining()) {
            int part = Math.min(chunk.length, records.remaining());
            records.get(chunk, 0, part);
            target.write(chunk, 0, part);
        }
    }

    /** Sets codec, timestamp type and max timestamp as they are; the CRC only has to follow if one of them was not. */
    private ValidBatch stampTimes(ByteBuffer batch, Compression target, RecordFindings findings) {
        int at = batch.position();
        boolean logAppendTime = rules.timestampType() == TimestampType.LOG_APPEND_TIME;
        long maxTimestamp = logAppendTime ? nowMs : findings.maxTimestamp();
        short was = RecordBatchHeader.attributes(batch, at);
        int cleared = was
                & ~(RecordBatchHeader.CODEC_MASK
                        | RecordBatchHeader.LOG_APPEND_TIME_BIT
                        | RecordBatchHeader.DELETE_HORIZON_BIT);
        short attributes =
                (short) (cleared | target.id() | (logAppendTime ? RecordBatchHeader.LOG_APPEND_TIME_BIT : 0));
        if (attributes != was || maxTimestamp != RecordBatchHeader.maxTimestamp(batch, at)) {
            RecordBatchHeader.restamp(batch, at, attributes, maxTimestamp);
        }
        return new ValidBatch(
                batch,
                RecordBatchHeader.count(batch, at),
                maxTimestamp,
                logAppendTime ? 0 : findings.maxTimestampIndex(),
                logAppendTime ? nowMs : RecordBatchHeader.NO_TIMESTAMP);
    }

    private static void require(boolean condition, String message) throws BatchRefusedException {
        if (!condition) {
            throw new BatchRefusedException(Reason.INVALID_RECORD, message);
        }
    }

    private static void require(boolean condition, String format, long value) throws BatchRefusedException {
        if (!condition) {
            throw new BatchRefusedException(Reason.INVALID_RECORD, String.format(format, value));
        }
    }

    private static void require(boolean condition, String format, long one, long other) throws BatchRefusedException {
        if (!condition) {
            throw new BatchRefusedException(Reason.INVALID_RECORD, String.format(format, one, other));
        }
    }
}
