package io.barnabas.log.batch;

import static io.barnabas.log.batch.BatchBytes.NOW;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.fail;

import io.barnabas.model.Outcome;
import io.barnabas.model.Refusal.Reason;
import io.barnabas.runtime.loop.SeededRandom;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.OutputStream;
import java.nio.ByteBuffer;
import org.junit.jupiter.api.DisplayName;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

/** Whatever arrives, the answer is a refusal or the declared exception, and costs little. */
class HostileBatchPropertiesTest {
    private static final int ROUNDS = 4_000;
    private static final short PRODUCE = 12;
    private static final int CHUNK_BYTES = 1 << 20;

    @Test
    @DisplayName("garbage is refused (PROD-01)")
    void garbage() {
        SeededRandom random = SeededRandom.fresh();
        for (int round = 0; round < ROUNDS; round++) {
            byte[] bytes = new byte[random.nextInt(300)];
            random.nextBytes(bytes);

            judgeAndRead(ByteBuffer.wrap(bytes), random);
        }
    }

    @ParameterizedTest
    @EnumSource(Compression.class)
    @DisplayName("a batch garbled behind a good checksum is refused or stored, and then readable (PROD-04, PROD-07)")
    void garbledBehindAGoodChecksum(Compression compression) {
        SeededRandom random = SeededRandom.fresh();
        for (int round = 0; round < ROUNDS; round++) {
            ByteBuffer batch =
                    BatchBytes.records(compression, 1 + random.nextInt(20)).build();
            for (int flips = 1 + random.nextInt(3); flips > 0; flips--) {
                int at = RecordBatchHeader.ATTRIBUTES + random.nextInt(batch.limit() - RecordBatchHeader.ATTRIBUTES);
                batch.put(at, (byte) random.nextInt(256));
            }
            BatchBytes.sealed(batch);

            judgeAndRead(random.nextBoolean() ? batch : BatchBytes.direct(batch), random);
        }
    }

    @ParameterizedTest
    @EnumSource(
            value = Compression.class,
            names = {"GZIP", "LZ4", "ZSTD"})
    @DisplayName("a batch that inflates beyond measure is refused early, with and without recompression (PROD-07)")
    void bomb(Compression compression) throws IOException {
        // one record that promises 2 GB, and as many zeros as fit into a small batch
        ByteArrayOutputStream compressed = new ByteArrayOutputStream();
        try (OutputStream out = compression.deflate(compressed, CompressionLevels.DEFAULT)) {
            out.write(new byte[] {(byte) 0xFE, (byte) 0xFF, (byte) 0xFF, (byte) 0xFF, 0x0F, 0, 0, 0, 1});
            out.write(new byte[] {(byte) 0xE0, (byte) 0xFF, (byte) 0xFF, (byte) 0xFF, 0x0F});
            byte[] zeros = new byte[CHUNK_BYTES];
            for (int i = 0; i < 200; i++) {
                out.write(zeros);
            }
        }
        ByteBuffer batch = BatchBytes.withRecords(compression, 1, compressed.toByteArray());
        BatchRules rules = BatchRules.DEFAULT;
        assertThat(batch.limit()).isLessThan(rules.maxMessageBytes());

        assertThat(BatchValidator.validate(batch, rules, NOW, PRODUCE, AppendOrigin.CLIENT)
                        .refusal()
                        .reason())
                .isEqualTo(Reason.MESSAGE_TOO_LARGE);
        assertThat(BatchValidator.validate(
                                batch,
                                rules.withCompression(Compression.SNAPPY, CompressionLevels.DEFAULT),
                                NOW,
                                PRODUCE,
                                AppendOrigin.CLIENT)
                        .refusal()
                        .reason())
                .isEqualTo(Reason.MESSAGE_TOO_LARGE);
    }

    @Test
    @DisplayName("a snappy block that promises more than the format can hold is refused without the memory (PROD-07)")
    void snappyPromise() {
        byte[] promisesTwoGigabytes = {(byte) 0xFF, (byte) 0xFF, (byte) 0xFF, (byte) 0xFF, 0x07, 0, 0, 0};
        ByteBuffer batch = BatchBytes.withRecords(Compression.SNAPPY, 1, promisesTwoGigabytes);

        assertThat(BatchValidator.validate(batch, BatchRules.DEFAULT, NOW, PRODUCE, AppendOrigin.CLIENT)
                        .refusal()
                        .reason())
                .isEqualTo(Reason.CORRUPT_MESSAGE);
    }

    @Test
    @DisplayName("a flood of bad records does not become a flood of errors (PROD-12)")
    void errorsAreBounded() {
        BatchBuilder builder = new BatchBuilder(Compression.ZSTD);
        for (int i = 0; i < 200_000; i++) {
            builder.append(NOW, null, null);
        }

        Outcome<ValidBatch> outcome = BatchValidator.validate(
                builder.build(), BatchRules.DEFAULT.withCompacted(true), NOW, PRODUCE, AppendOrigin.CLIENT);

        assertThat(outcome.refusal().recordErrors()).hasSize(10_000);
    }

    private static void judgeAndRead(ByteBuffer bytes, SeededRandom random) {
        ByteBuffer forReader = ByteBuffer.wrap(BatchBytes.array(bytes));
        try {
            BatchRules rules = random.nextBoolean()
                    ? BatchRules.DEFAULT
                    : BatchRules.DEFAULT.withCompression(
                            Compression.values()[random.nextInt(5)], CompressionLevels.DEFAULT);
            Outcome<ValidBatch> outcome = BatchValidator.validate(
                    bytes, rules, NOW, PRODUCE, random.nextBoolean() ? AppendOrigin.CLIENT : AppendOrigin.COORDINATOR);
            if (outcome.isDone()) {
                StoredBatch stored =
                        BatchReader.over(outcome.value().bytes()).next().ensureValidCrc();
                assertThat(stored.readRecords()).as(random.toString()).hasSize(stored.count());
            }
        } catch (RuntimeException | Error failure) {
            fail("validating, " + random, failure);
        }
        try {
            for (StoredBatch batch : BatchReader.readAll(forReader)) {
                batch.firstRecordSince(Long.MAX_VALUE, 0);
                batch.readRecords();
            }
        } catch (CorruptBatchException expected) {
            assertThat(expected.getMessage()).isNotBlank();
        } catch (RuntimeException | Error failure) {
            fail("reading, " + random, failure);
        }
    }
}
