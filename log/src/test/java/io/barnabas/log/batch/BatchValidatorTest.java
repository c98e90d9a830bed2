package io.barnabas.log.batch;

import static io.barnabas.log.batch.BatchBytes.NOW;
import static io.barnabas.log.batch.BatchBytes.batch;
import static io.barnabas.log.batch.BatchBytes.joined;
import static io.barnabas.log.batch.BatchBytes.records;
import static io.barnabas.log.batch.BatchBytes.sealed;
import static io.barnabas.log.batch.BatchBytes.utf8;
import static org.assertj.core.api.Assertions.assertThat;

import io.barnabas.model.Outcome;
import io.barnabas.model.Refusal;
import io.barnabas.model.Refusal.Reason;
import io.barnabas.model.Refusal.RecordError;
import java.nio.ByteBuffer;
import java.util.Arrays;
import java.util.List;
import java.util.Random;
import org.junit.jupiter.api.DisplayName;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;
import org.junit.jupiter.params.provider.ValueSource;

class BatchValidatorTest {
    private static final short PRODUCE = 12;
    private static final long DAY = 86_400_000;

    private BatchRules rules = BatchRules.DEFAULT;

    @Test
    @DisplayName("one batch of format 2 passes where it lies (PROD-01)")
    void oneBatchPasses() {
        ByteBuffer sent = BatchBytes.direct(batch(3));
        byte[] before = BatchBytes.array(sent);

        ValidBatch valid = judge(sent).value();

        assertThat(valid.count()).isEqualTo(3);
        assertThat(valid.maxTimestamp()).isEqualTo(NOW);
        assertThat(valid.logAppendTimeMs()).isEqualTo(-1);
        assertThat(BatchBytes.array(valid.bytes())).isEqualTo(before);
        RecordBatchHeader.stamp(valid.bytes(), valid.bytes().position(), 700, 5);
        assertThat(RecordBatchHeader.baseOffset(sent, 0)).isEqualTo(700);
        assertThat(RecordBatchHeader.hasValidCrc(sent, 0)).isTrue();
    }

    @Test
    @DisplayName("a batch that does not begin at position 0 passes too (PROD-01)")
    void batchInTheMiddleOfABuffer() {
        ByteBuffer frame = joined(ByteBuffer.allocate(17), batch(2), ByteBuffer.allocate(3));
        frame.position(17);

        ValidBatch valid = judge(frame).value();

        assertThat(valid.bytes().position()).isEqualTo(17);
        assertThat(BatchBytes.array(valid.bytes())).isEqualTo(BatchBytes.array(batch(2)));
        assertThat(frame.position()).isEqualTo(17);
    }

    @Test
    @DisplayName("no batch, two batches, and a cut batch are INVALID_RECORD (PROD-01)")
    void exactlyOneBatch() {
        assertRefused(ByteBuffer.allocate(0), Reason.INVALID_RECORD);
        assertRefused(ByteBuffer.allocate(16), Reason.INVALID_RECORD);
        assertRefused(joined(batch(1), batch(1)), Reason.INVALID_RECORD);
        for (int size = 1; size < batch(2).limit(); size++) {
            assertRefused(batch(2).limit(size), Reason.INVALID_RECORD);
        }
    }

    @ParameterizedTest
    @ValueSource(bytes = {0, 1, 3, -1})
    @DisplayName("every other format is INVALID_RECORD (PROD-01)")
    void otherFormats(byte magic) {
        assertRefused(batch(1).put(RecordBatchHeader.MAGIC_AT, magic), Reason.INVALID_RECORD);
    }

    @ParameterizedTest
    @ValueSource(ints = {1, 11, 12, 17, 40, 61, 500})
    @DisplayName("bytes after the batch never reach the log (PROD-01)")
    void trailingBytesAreTrimmed(int trailing) {
        ByteBuffer garbage = ByteBuffer.allocate(trailing);
        while (garbage.hasRemaining()) {
            garbage.put((byte) 0x5A);
        }

        ValidBatch valid = judge(joined(batch(2), garbage.flip())).value();

        assertThat(BatchBytes.array(valid.bytes())).isEqualTo(BatchBytes.array(batch(2)));
    }

    @Test
    @DisplayName("a changed byte from 21 on is CORRUPT_MESSAGE, whatever it means (PROD-02)")
    void everyByteIsCovered() {
        for (Compression compression : Compression.values()) {
            byte[] sound = BatchBytes.array(records(compression, 4).build());
            for (int at = RecordBatchHeader.ATTRIBUTES; at < sound.length; at++) {
                for (int bit = 0; bit < 8; bit++) {
                    byte[] flipped = sound.clone();
                    flipped[at] ^= (byte) (1 << bit);
                    assertThat(BatchValidator.validate(
                                            ByteBuffer.wrap(flipped), rules, NOW, (short) 3, AppendOrigin.CLIENT)
                                    .refusal()
                                    .reason())
                            .as("%s byte %d bit %d", compression, at, bit)
                            .isEqualTo(Reason.CORRUPT_MESSAGE);
                }
            }
        }
    }

    @Test
    @DisplayName("a base offset other than 0 is INVALID_RECORD, the client's leader epoch means nothing (PROD-03)")
    void baseOffsetIsZero() {
        ByteBuffer stamped = batch(1);
        RecordBatchHeader.stamp(stamped, 0, 77, -1);
        assertRefused(stamped, Reason.INVALID_RECORD);

        ByteBuffer epoch = batch(1);
        RecordBatchHeader.stamp(epoch, 0, 0, 4711);
        assertThat(judge(epoch).isDone()).isTrue();
    }

    @ParameterizedTest
    @EnumSource(Compression.class)
    @DisplayName("count and last offset delta have to tell the truth (PROD-04)")
    void countsAreChecked(Compression compression) {
        assertRefused(sealed(built(compression).putInt(RecordBatchHeader.COUNT, 4)), Reason.INVALID_RECORD);
        assertRefused(sealed(built(compression).putInt(RecordBatchHeader.LAST_OFFSET_DELTA, 3)), Reason.INVALID_RECORD);
        assertRefused(claiming(built(compression), 4), Reason.INVALID_RECORD);
        assertRefused(claiming(built(compression), 2), Reason.INVALID_RECORD);
        assertRefused(claiming(built(compression), 0), Reason.INVALID_RECORD);
        assertRefused(claiming(built(compression), -3), Reason.INVALID_RECORD);
        assertRefused(claiming(built(compression), Integer.MAX_VALUE), Reason.INVALID_RECORD);
    }

    @Test
    @DisplayName("offset deltas are 0 to n-1, also without compression (PROD-04)")
    void offsetDeltasCount() {
        // length 6, attributes, timestamp delta, offset delta, no key, no value, no headers
        byte[] fourth = {12, 0, 0, 8, 1, 1, 0};
        byte[] first = {12, 0, 0, 0, 1, 1, 0};
        assertRefused(BatchBytes.withRecords(Compression.NONE, 1, fourth), Reason.INVALID_RECORD);
        assertThat(judge(BatchBytes.withRecords(Compression.NONE, 1, first)).isDone())
                .isTrue();
    }

    @Test
    @DisplayName("a record's lengths, attributes and headers have to add up (PROD-04, LOG-02)")
    void malformedRecords() {
        byte[][] malformed = {
            {10, 0, 0, 0, 1, 1, 0}, // shorter than it is
            {14, 0, 0, 0, 1, 1, 0}, // longer than it is
            {12, 1, 0, 0, 1, 1, 0}, // attributes
            {12, 0, 0, 0, 3, 1, 0}, // key of -2 bytes
            {12, 0, 0, 0, 1, 3, 0}, // value of -2 bytes
            {12, 0, 0, 0, 1, 1, 1}, // -1 headers
            {12, 0, 0, 0, 1, 1, 2}, // a header that is not there
            {16, 0, 0, 0, 1, 1, 2, 1, 1}, // a header without a key
            {-1, -1, -1, -1, -1, 1, 0}, // a number that does not end
            {1, 0, 0, 0, 1, 1, 0}, // a negative length
            {}
        };
        for (byte[] records : malformed) {
            assertRefused(BatchBytes.withRecords(Compression.NONE, 1, records), Reason.INVALID_RECORD);
        }
    }

    @Test
    @DisplayName("clients do not write control batches, coordinators do (PROD-05)")
    void controlBatches() {
        ByteBuffer marker = new EndTransactionMarker(true, 3).toBatch(9, (short) 1, NOW);

        assertRefused(marker, Reason.INVALID_RECORD);
        assertRefused(records(Compression.NONE, 1).control().build(), Reason.INVALID_RECORD);
        assertThat(BatchValidator.validate(marker, rules, NOW, PRODUCE, AppendOrigin.COORDINATOR)
                        .isDone())
                .isTrue();
    }

    @Test
    @DisplayName("max timestamp comes from the records, not from the header (PROD-06)")
    void maxTimestampIsRecomputed() {
        for (long lie : new long[] {0, -1, NOW + 1000L * 365 * DAY, Long.MAX_VALUE}) {
            ByteBuffer sent = new BatchBuilder(Compression.NONE)
                    .append(NOW - 5, null, utf8("a"))
                    .append(NOW + 7, null, utf8("b"))
                    .append(NOW + 7, null, utf8("c"))
                    .append(NOW - 9, null, utf8("d"))
                    .build();
            sealed(sent.putLong(RecordBatchHeader.MAX_TIMESTAMP, lie));

            ValidBatch valid = judge(sent).value();

            assertThat(valid.maxTimestamp()).isEqualTo(NOW + 7);
            assertThat(valid.maxTimestampDelta()).isEqualTo(1);
            assertThat(RecordBatchHeader.maxTimestamp(valid.bytes(), 0)).isEqualTo(NOW + 7);
            assertThat(RecordBatchHeader.hasValidCrc(valid.bytes(), 0)).isTrue();
        }
    }

    @Test
    @DisplayName("the timestamp type is the topic's; a client's delete horizon is cleared (PROD-06)")
    void timestampTypeIsForced() {
        ByteBuffer sent = batch(2);
        sealed(sent.putShort(RecordBatchHeader.ATTRIBUTES, (short)
                (RecordBatchHeader.LOG_APPEND_TIME_BIT | RecordBatchHeader.DELETE_HORIZON_BIT)));

        ValidBatch valid = judge(sent).value();

        assertThat(RecordBatchHeader.timestampType(valid.bytes(), 0)).isEqualTo(TimestampType.CREATE_TIME);
        assertThat(RecordBatchHeader.hasDeleteHorizon(valid.bytes(), 0)).isFalse();
        assertThat(RecordBatchHeader.hasValidCrc(valid.bytes(), 0)).isTrue();
    }

    @Test
    @DisplayName("zstd is for Produce 7 and later, codecs 5 to 7 do not exist (PROD-07)")
    void unsupportedCompression() {
        ByteBuffer zstd = records(Compression.ZSTD, 2).build();
        assertThat(refusal(BatchValidator.validate(zstd, rules, NOW, (short) 6, AppendOrigin.CLIENT)))
                .isEqualTo(Reason.UNSUPPORTED_COMPRESSION_TYPE);
        assertThat(BatchValidator.validate(zstd, rules, NOW, (short) 7, AppendOrigin.CLIENT)
                        .isDone())
                .isTrue();
        for (int codec = 5; codec <= 7; codec++) {
            assertRefused(
                    sealed(batch(1).putShort(RecordBatchHeader.ATTRIBUTES, (short) codec)),
                    Reason.UNSUPPORTED_COMPRESSION_TYPE);
        }
    }

    @ParameterizedTest
    @EnumSource(
            value = Compression.class,
            names = {"GZIP", "SNAPPY", "LZ4", "ZSTD"})
    @DisplayName("records that cannot be decompressed are CORRUPT_MESSAGE (PROD-07)")
    void corruptPayload(Compression compression) {
        byte[] garbage = new byte[200];
        Arrays.fill(garbage, (byte) 0xE7);
        assertRefused(BatchBytes.withRecords(compression, 1, garbage), Reason.CORRUPT_MESSAGE);
        assertThat(refusal(judge(BatchBytes.withRecords(compression, 1, new byte[0]))))
                .isIn(Reason.CORRUPT_MESSAGE, Reason.INVALID_RECORD);
    }

    @Test
    @DisplayName("compression.type of the topic wins; identity, sequence and records stay (PROD-08)")
    void recompression() {
        for (Compression source : Compression.values()) {
            for (Compression target : Compression.values()) {
                ByteBuffer sent = records(source, 50)
                        .producer(42, (short) 3, 17)
                        .transactional()
                        .build();
                List<RecordView> before = BatchReader.over(sent).next().readRecords();
                rules = BatchRules.DEFAULT.withCompression(target, CompressionLevels.DEFAULT);

                ByteBuffer stored = judge(sent).value().bytes();

                StoredBatch batch = BatchReader.over(stored).next().ensureValidCrc();
                assertThat(batch.compression()).isEqualTo(target);
                assertThat(batch.producerId()).isEqualTo(42);
                assertThat(batch.producerEpoch()).isEqualTo((short) 3);
                assertThat(batch.baseSequence()).isEqualTo(17);
                assertThat(batch.isTransactional()).isTrue();
                assertThat(batch.count()).isEqualTo(50);
                assertThat(batch.lastOffset()).isEqualTo(49);
                assertThat(batch.maxTimestamp()).isEqualTo(NOW);
                assertThat(batch.readRecords()).as("%s to %s", source, target).isEqualTo(before);
            }
        }
    }

    @Test
    @DisplayName("compression levels are honoured (PROD-08)")
    void levels() {
        BatchBuilder builder = new BatchBuilder(Compression.NONE);
        Random random = new Random(7);
        for (int i = 0; i < 400; i++) {
            builder.append(NOW, null, utf8("user-" + random.nextInt(900) + " clicked " + random.nextInt(50)));
        }
        ByteBuffer sent = builder.build();

        assertThat(storedSize(sent, Compression.GZIP, new CompressionLevels(9, 9, 3)))
                .isLessThan(storedSize(sent, Compression.GZIP, new CompressionLevels(1, 9, 3)));
        assertThat(storedSize(sent, Compression.ZSTD, new CompressionLevels(-1, 9, 19)))
                .isLessThan(storedSize(sent, Compression.ZSTD, new CompressionLevels(-1, 9, -7)));
        assertThat(storedSize(sent, Compression.LZ4, new CompressionLevels(-1, 17, 3)))
                .isLessThan(storedSize(sent, Compression.LZ4, new CompressionLevels(-1, 9, 3)));
    }

    @Test
    @DisplayName("the limit holds for what is stored: a batch that outgrows it by recompression is refused (PROD-08)")
    void recompressedSizeIsLimited() {
        ByteBuffer sent = new BatchBuilder(Compression.ZSTD)
                .append(NOW, null, ByteBuffer.allocate(10_000))
                .build();
        rules = BatchRules.DEFAULT
                .withCompression(Compression.NONE, CompressionLevels.DEFAULT)
                .withSizes(1_000, 1 << 20);
        assertRefused(sent, Reason.MESSAGE_TOO_LARGE);

        rules = rules.withSizes(1 << 20, 5_000);
        assertRefused(sent, Reason.RECORD_LIST_TOO_LARGE);
    }

    @Test
    @DisplayName("max.message.bytes counts the whole batch; one byte more is MESSAGE_TOO_LARGE (PROD-09)")
    void maxMessageBytes() {
        int size = batch(3).limit();

        rules = BatchRules.DEFAULT.withSizes(size, 1 << 30);
        assertThat(judge(batch(3)).isDone()).isTrue();
        rules = BatchRules.DEFAULT.withSizes(size - 1, 1 << 30);
        assertRefused(batch(3), Reason.MESSAGE_TOO_LARGE);
        assertThat(BatchValidator.validate(batch(3), rules, NOW, PRODUCE, AppendOrigin.COORDINATOR)
                        .isDone())
                .isTrue();
        rules = BatchRules.DEFAULT.withSizes(size, size - 1);
        assertRefused(batch(3), Reason.RECORD_LIST_TOO_LARGE);
    }

    @Test
    @DisplayName("timestamps at the bounds pass, one millisecond beyond does not (PROD-10)")
    void timestampBounds() {
        rules = BatchRules.DEFAULT.withTimestampBounds(1_000, 500);

        assertThat(judge(dated(NOW - 1_000)).isDone()).isTrue();
        assertThat(judge(dated(NOW + 500)).isDone()).isTrue();
        assertRefused(dated(NOW - 1_001), Reason.INVALID_TIMESTAMP);
        assertRefused(dated(NOW + 501), Reason.INVALID_TIMESTAMP);
    }

    @Test
    @DisplayName("by default the past is open and the future ends in an hour (PROD-10)")
    void defaultBounds() {
        assertThat(judge(dated(0)).isDone()).isTrue();
        assertThat(judge(dated(NOW + 3_600_000)).isDone()).isTrue();
        assertRefused(dated(NOW + 3_600_001), Reason.INVALID_TIMESTAMP);
        rules = BatchRules.DEFAULT.withTimestampBounds(Long.MAX_VALUE, Long.MAX_VALUE);
        assertThat(judge(dated(Long.MAX_VALUE)).isDone()).isTrue();
    }

    @Test
    @DisplayName("no timestamp (-1) is legal, less is INVALID_TIMESTAMP (PROD-10)")
    void noTimestamp() {
        rules = BatchRules.DEFAULT.withTimestampBounds(1_000, 1_000);

        assertThat(judge(dated(-1)).value().maxTimestamp()).isEqualTo(-1);
        assertRefused(dated(-2), Reason.INVALID_TIMESTAMP);
        assertRefused(dated(Long.MIN_VALUE), Reason.INVALID_TIMESTAMP);
    }

    @Test
    @DisplayName("one bad timestamp of ten refuses all and is named (PROD-10)")
    void badTimestampIsNamed() {
        BatchBuilder builder = new BatchBuilder(Compression.LZ4);
        for (int i = 0; i < 10; i++) {
            builder.append(i == 6 ? NOW + DAY : NOW, null, utf8("v"));
        }

        Refusal refusal = judge(builder.build()).refusal();

        assertThat(refusal.reason()).isEqualTo(Reason.INVALID_TIMESTAMP);
        assertThat(refusal.recordErrors()).extracting(RecordError::batchIndex).containsExactly(6);
    }

    @ParameterizedTest
    @EnumSource(Compression.class)
    @DisplayName("LogAppendTime stamps the leader's time and leaves the records alone (PROD-11)")
    void logAppendTime(Compression compression) {
        rules = BatchRules.DEFAULT
                .withTimestampType(TimestampType.LOG_APPEND_TIME)
                .withTimestampBounds(0, 0);
        ByteBuffer sent = new BatchBuilder(compression)
                .append(5, null, utf8("a"))
                .append(-7, null, utf8("b"))
                .build();
        byte[] recordsBefore = BatchBytes.array(sent.duplicate().position(RecordBatchHeader.OVERHEAD));

        ValidBatch valid = judge(sent).value();

        assertThat(valid.logAppendTimeMs()).isEqualTo(NOW);
        assertThat(valid.maxTimestamp()).isEqualTo(NOW);
        StoredBatch stored = BatchReader.over(valid.bytes()).next().ensureValidCrc();
        assertThat(stored.timestampType()).isEqualTo(TimestampType.LOG_APPEND_TIME);
        assertThat(stored.readRecords()).extracting(RecordView::timestamp).containsExactly(NOW, NOW);
        assertThat(BatchBytes.array(valid.bytes().duplicate().position(RecordBatchHeader.OVERHEAD)))
                .isEqualTo(recordsBefore);
    }

    @Test
    @DisplayName("a compacted topic names every record without a key (PROD-12)")
    void keysOnCompactedTopics() {
        rules = BatchRules.DEFAULT.withCompacted(true);
        BatchBuilder builder = new BatchBuilder(Compression.NONE);
        for (int i = 0; i < 5; i++) {
            builder.append(NOW, i == 1 || i == 3 ? null : utf8(""), utf8("v"));
        }

        Refusal refusal = judge(builder.build()).refusal();

        assertThat(refusal.reason()).isEqualTo(Reason.INVALID_RECORD);
        assertThat(refusal.recordErrors()).extracting(RecordError::batchIndex).containsExactly(1, 3);
    }

    @Test
    @DisplayName("a producer id without sequence or epoch, or a transaction without a producer, is forged (PROD-29)")
    void forgedProducers() {
        assertRefused(records(Compression.NONE, 1).producer(7, (short) 0, -1).build(), Reason.INVALID_RECORD);
        assertRefused(records(Compression.NONE, 1).producer(7, (short) -1, 0).build(), Reason.INVALID_RECORD);
        assertRefused(records(Compression.NONE, 1).producer(-2, (short) 0, 0).build(), Reason.INVALID_RECORD);
        assertRefused(records(Compression.NONE, 1).transactional().build(), Reason.INVALID_RECORD);
        assertThat(judge(records(Compression.NONE, 1).producer(7, (short) 0, 0).build())
                        .isDone())
                .isTrue();
    }

    private static ByteBuffer built(Compression compression) {
        return records(compression, 3).build();
    }

    private static ByteBuffer claiming(ByteBuffer batch, int count) {
        return sealed(
                batch.putInt(RecordBatchHeader.COUNT, count).putInt(RecordBatchHeader.LAST_OFFSET_DELTA, count - 1));
    }

    private static ByteBuffer dated(long timestamp) {
        return new BatchBuilder(Compression.NONE)
                .append(timestamp, null, utf8("v"))
                .build();
    }

    private int storedSize(ByteBuffer sent, Compression target, CompressionLevels levels) {
        rules = BatchRules.DEFAULT.withCompression(target, levels);
        return judge(sent).value().bytes().remaining();
    }

    private Outcome<ValidBatch> judge(ByteBuffer sent) {
        return BatchValidator.validate(sent, rules, NOW, PRODUCE, AppendOrigin.CLIENT);
    }

    private void assertRefused(ByteBuffer sent, Reason reason) {
        assertThat(refusal(judge(sent))).isEqualTo(reason);
    }

    private static Reason refusal(Outcome<ValidBatch> outcome) {
        return outcome.isDone() ? null : outcome.refusal().reason();
    }
}
