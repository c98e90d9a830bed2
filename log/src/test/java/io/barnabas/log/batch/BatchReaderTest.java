package io.barnabas.log.batch;

import static io.barnabas.log.batch.BatchBytes.NOW;
import static io.barnabas.log.batch.BatchBytes.batch;
import static io.barnabas.log.batch.BatchBytes.joined;
import static io.barnabas.log.batch.BatchBytes.utf8;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.nio.ByteBuffer;
import java.util.List;
import java.util.function.LongPredicate;
import org.apache.kafka.common.record.internal.MemoryRecords;
import org.apache.kafka.common.record.internal.MutableRecordBatch;
import org.apache.kafka.common.record.internal.RecordBatch;
import org.apache.kafka.common.utils.internals.BufferSupplier;
import org.junit.jupiter.api.DisplayName;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

class BatchReaderTest {
    @Test
    @DisplayName("batches are found one after the other, with the offsets stamped on them (LOG-01)")
    void batchesInARow() {
        ByteBuffer first = batch(3);
        ByteBuffer second = batch(2);
        RecordBatchHeader.stamp(first, 0, 10, 4);
        RecordBatchHeader.stamp(second, 0, 13, 5);

        List<StoredBatch> read = BatchReader.readAll(joined(first, second));

        assertThat(read).extracting(StoredBatch::baseOffset).containsExactly(10L, 13L);
        assertThat(read).extracting(StoredBatch::nextOffset).containsExactly(13L, 15L);
        assertThat(read).extracting(StoredBatch::leaderEpoch).containsExactly(4, 5);
        assertThat(read.get(1).readRecords()).extracting(RecordView::offset).containsExactly(13L, 14L);
    }

    @Test
    @DisplayName("a cut batch at the end is told from whole ones (FETCH-04)")
    void cutBatch() {
        ByteBuffer both = joined(batch(3), batch(2));
        int whole = batch(3).limit();
        for (int limit = whole; limit < both.capacity(); limit++) {
            both.limit(limit);
            assertThat(BatchReader.wholeBatchesBytes(both)).isEqualTo(whole);
        }
        BatchReader reader = BatchReader.over(both);
        assertThat(reader.next().count()).isEqualTo(3);
        assertThatThrownBy(reader::next).isInstanceOf(CorruptBatchException.class);
        assertThat(reader.position()).isEqualTo(whole);
    }

    @Test
    @DisplayName("zeros are no batch, and the reader does not go round in circles (LOG-20)")
    void zeros() {
        BatchReader reader = BatchReader.over(ByteBuffer.allocate(4096));

        assertThatThrownBy(reader::next).isInstanceOf(CorruptBatchException.class);
        assertThat(BatchReader.wholeBatchesBytes(ByteBuffer.allocate(4096))).isZero();
    }

    @ParameterizedTest
    @EnumSource(Compression.class)
    @DisplayName("the first record since a time is found among records in no order (LOG-15)")
    void firstRecordSince(Compression compression) {
        ByteBuffer bytes = new BatchBuilder(compression)
                .append(NOW + 5, utf8("a"), utf8("x".repeat(40_000)))
                .append(NOW - 5, utf8("b"), null)
                .append(NOW + 9, null, utf8("z"))
                .append(NOW + 9, null, utf8("z"))
                .build();
        RecordBatchHeader.stamp(bytes, 0, 100, 0);
        StoredBatch batch = BatchReader.over(bytes).next();

        assertThat(batch.firstRecordSince(NOW, 0)).isEqualTo(new RecordTime(100, NOW + 5));
        assertThat(batch.firstRecordSince(NOW, 101)).isEqualTo(new RecordTime(102, NOW + 9));
        assertThat(batch.firstRecordSince(NOW + 6, 0)).isEqualTo(new RecordTime(102, NOW + 9));
        assertThat(batch.firstRecordSince(NOW + 10, 0)).isNull();
    }

    @ParameterizedTest
    @EnumSource(Compression.class)
    @DisplayName("a batch that compaction thinned out or emptied keeps its offsets (LOG-34)")
    void compactedBatches(Compression compression) {
        ByteBuffer full =
                BatchBytes.records(compression, 6).producer(3, (short) 1, 5).build();
        ByteBuffer thinned = kafkaFilter(full, offset -> offset % 3 == 1);
        ByteBuffer emptied = kafkaFilter(full, offset -> false);

        StoredBatch kept = BatchReader.over(thinned).next().ensureValidCrc();
        assertThat(kept.readRecords()).extracting(RecordView::offset).containsExactly(1L, 4L);
        assertThat(kept.nextOffset()).isEqualTo(6);
        StoredBatch empty = BatchReader.over(emptied).next().ensureValidCrc();
        assertThat(empty.readRecords()).isEmpty();
        assertThat(empty.nextOffset()).isEqualTo(6);
        assertThat(empty.lastSequence()).isEqualTo(10);
    }

    @Test
    @DisplayName("a sequence that wraps ends behind 0 (PROD-26)")
    void lastSequenceWraps() {
        ByteBuffer bytes = BatchBytes.records(Compression.NONE, 3)
                .producer(3, (short) 1, Integer.MAX_VALUE - 1)
                .build();

        assertThat(RecordBatchHeader.lastSequence(bytes, 0)).isZero();
        assertThat(RecordBatchHeader.lastSequence(batch(2), 0)).isEqualTo(-1);
    }

    @Test
    @DisplayName("a batch without records is not built (PROD-04)")
    void emptyBatchIsNotBuilt() {
        assertThatThrownBy(() -> BatchBuilder.plain().build()).isInstanceOf(IllegalStateException.class);
    }

    private static ByteBuffer kafkaFilter(ByteBuffer batch, LongPredicate kept) {
        ByteBuffer filtered = ByteBuffer.allocate(4096);
        MemoryRecords.FilterResult result = MemoryRecords.readableRecords(batch.duplicate())
                .filterTo(
                        new MemoryRecords.RecordFilter(0, 0) {
                            @Override
                            protected BatchRetentionResult checkBatchRetention(RecordBatch recordBatch) {
                                return new BatchRetentionResult(BatchRetention.RETAIN_EMPTY, false);
                            }

                            @Override
                            protected boolean shouldRetainRecord(
                                    RecordBatch recordBatch, org.apache.kafka.common.record.internal.Record record) {
                                return kept.test(record.offset());
                            }
                        },
                        filtered,
                        BufferSupplier.NO_CACHING,
                        Integer.MAX_VALUE);
        ByteBuffer output = result.outputBuffer().duplicate();
        output.flip();
        MutableRecordBatch first =
                MemoryRecords.readableRecords(output).batches().iterator().next();
        first.ensureValid();
        return output;
    }
}
