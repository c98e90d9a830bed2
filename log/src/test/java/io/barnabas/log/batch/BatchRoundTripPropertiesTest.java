package io.barnabas.log.batch;

import static io.barnabas.log.batch.BatchBytes.array;
import static org.assertj.core.api.Assertions.assertThat;

import io.barnabas.runtime.loop.SeededRandom;
import java.nio.ByteBuffer;
import java.util.ArrayList;
import java.util.HexFormat;
import java.util.List;
import java.util.Random;
import org.apache.kafka.common.header.Header;
import org.apache.kafka.common.header.internals.RecordHeaders;
import org.apache.kafka.common.record.internal.CompressionType;
import org.apache.kafka.common.record.internal.MemoryRecords;
import org.apache.kafka.common.record.internal.MutableRecordBatch;
import org.apache.kafka.common.record.internal.Record;
import org.apache.kafka.common.record.internal.RecordBatch;
import org.apache.kafka.common.record.internal.SimpleRecord;
import org.junit.jupiter.api.DisplayName;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

/** Random batches against Kafka's own code, in both directions. */
class BatchRoundTripPropertiesTest {
    private static final int ROUNDS = 300;
    private static final int LARGE_VALUE_BYTES = 2 << 20;

    /** A record as both sides should see it. */
    private record Plain(long timestamp, String key, String value, List<String> headers) {}

    private record Given(long timestamp, byte[] key, byte[] value, List<RecordHeader> headers) {}

    @ParameterizedTest
    @EnumSource(Compression.class)
    @DisplayName("Kafka reads what we build (LOG-01, LOG-02)")
    void kafkaReadsOurs(Compression compression) {
        SeededRandom random = SeededRandom.fresh();
        for (int round = 0; round < ROUNDS; round++) {
            List<Given> given = records(random, round);
            ByteBuffer ours = build(compression, given, random);

            MutableRecordBatch kafkas =
                    MemoryRecords.readableRecords(ours).batches().iterator().next();

            kafkas.ensureValid();
            StoredBatch read = BatchReader.over(ours).next().ensureValidCrc();
            assertSameHeader(read, kafkas, random);
            assertThat(plainOfKafka(kafkas)).as(random.toString()).isEqualTo(plainOfGiven(given));
            assertThat(plainOfOurs(read)).as(random.toString()).isEqualTo(plainOfGiven(given));
        }
    }

    @ParameterizedTest
    @EnumSource(Compression.class)
    @DisplayName("we read, and accept, what Kafka's producer builds (LOG-01, LOG-02)")
    void weReadKafkas(Compression compression) {
        SeededRandom random = SeededRandom.fresh();
        BatchRules rules = BatchRules.DEFAULT
                .withTimestampBounds(Long.MAX_VALUE, Long.MAX_VALUE)
                .withSizes(1 << 24, 1 << 30);
        for (int round = 0; round < ROUNDS; round++) {
            List<Given> given = records(random, round);
            SimpleRecord[] simple = given.stream()
                    .map(record -> new SimpleRecord(
                            record.timestamp(), record.key(), record.value(), kafkaHeaders(record.headers())))
                    .toArray(SimpleRecord[]::new);
            ByteBuffer kafkas = MemoryRecords.withIdempotentRecords(
                            org.apache.kafka.common.compress.Compression.of(CompressionType.forId(compression.id()))
                                    .build(),
                            random.nextInt(1000),
                            (short) random.nextInt(100),
                            random.nextInt(1000),
                            simple)
                    .buffer();
            ByteBuffer bytes = random.nextBoolean() ? BatchBytes.direct(kafkas) : kafkas;
            byte[] before = array(bytes);

            ValidBatch valid = BatchValidator.validate(bytes, rules, 1_000, (short) 12, AppendOrigin.CLIENT)
                    .value();

            assertThat(array(valid.bytes())).as(random.toString()).isEqualTo(before);
            StoredBatch read = BatchReader.over(valid.bytes()).next().ensureValidCrc();
            assertSameHeader(
                    read,
                    MemoryRecords.readableRecords(kafkas).batches().iterator().next(),
                    random);
            assertThat(plainOfOurs(read)).as(random.toString()).isEqualTo(plainOfGiven(given));
            assertThat(valid.maxTimestamp())
                    .isEqualTo(given.stream().mapToLong(Given::timestamp).max().orElseThrow());
            assertThat(given.get(valid.maxTimestampDelta()).timestamp()).isEqualTo(valid.maxTimestamp());
        }
    }

    @ParameterizedTest
    @EnumSource(Compression.class)
    @DisplayName("what we recompress, Kafka reads (PROD-08)")
    void kafkaReadsWhatWeRecompress(Compression target) {
        SeededRandom random = SeededRandom.fresh();
        BatchRules rules = BatchRules.DEFAULT
                .withTimestampBounds(Long.MAX_VALUE, Long.MAX_VALUE)
                .withSizes(1 << 24, 1 << 30)
                .withCompression(target, CompressionLevels.DEFAULT);
        for (int round = 0; round < ROUNDS / 4; round++) {
            List<Given> given = records(random, round);
            Compression source = Compression.values()[random.nextInt(5)];

            ByteBuffer stored = BatchValidator.validate(
                            build(source, given, random), rules, 1_000, (short) 12, AppendOrigin.CLIENT)
                    .value()
                    .bytes();

            MutableRecordBatch kafkas =
                    MemoryRecords.readableRecords(stored).batches().iterator().next();
            kafkas.ensureValid();
            assertThat(kafkas.compressionType().id).isEqualTo((byte) target.id());
            assertThat(plainOfKafka(kafkas)).as(random.toString()).isEqualTo(plainOfGiven(given));
        }
    }

    private static void assertSameHeader(StoredBatch ours, RecordBatch kafkas, SeededRandom random) {
        assertThat(ours.baseOffset()).as(random.toString()).isEqualTo(kafkas.baseOffset());
        assertThat(ours.lastOffset()).isEqualTo(kafkas.lastOffset());
        assertThat(ours.nextOffset()).isEqualTo(kafkas.nextOffset());
        assertThat(ours.leaderEpoch()).isEqualTo(kafkas.partitionLeaderEpoch());
        assertThat(ours.maxTimestamp()).isEqualTo(kafkas.maxTimestamp());
        assertThat(ours.producerId()).isEqualTo(kafkas.producerId());
        assertThat(ours.producerEpoch()).isEqualTo(kafkas.producerEpoch());
        assertThat(ours.baseSequence()).isEqualTo(kafkas.baseSequence());
        assertThat(ours.lastSequence()).isEqualTo(kafkas.lastSequence());
        assertThat(ours.count()).isEqualTo(kafkas.countOrNull());
        assertThat(ours.sizeInBytes()).isEqualTo(kafkas.sizeInBytes());
        assertThat(ours.isTransactional()).isEqualTo(kafkas.isTransactional());
        assertThat(ours.isControl()).isEqualTo(kafkas.isControlBatch());
        assertThat(ours.compression().id()).isEqualTo(kafkas.compressionType().id);
    }

    private static ByteBuffer build(Compression compression, List<Given> given, Random random) {
        BatchBuilder builder = new BatchBuilder(compression)
                .leaderEpoch(random.nextInt(50))
                .producer(random.nextInt(1000), (short) random.nextInt(100), random.nextInt(Integer.MAX_VALUE));
        if (random.nextBoolean()) {
            builder.transactional();
        }
        for (Given record : given) {
            builder.append(record.timestamp(), wrap(record.key()), wrap(record.value()), record.headers());
        }
        return builder.build();
    }

    private static List<Given> records(Random random, int round) {
        int count = round == 0 ? 1 : 1 + random.nextInt(random.nextInt(10) == 0 ? 400 : 12);
        List<Given> records = new ArrayList<>();
        for (int i = 0; i < count; i++) {
            records.add(new Given(
                    random.nextInt(20) == 0 ? -1 : random.nextLong(Long.MAX_VALUE >>> (1 + random.nextInt(40))),
                    field(random, 40),
                    round == 0 ? noise(random, LARGE_VALUE_BYTES) : field(random, 1 + random.nextInt(3000)),
                    headers(random)));
        }
        return records;
    }

    private static List<RecordHeader> headers(Random random) {
        if (random.nextInt(3) > 0) {
            return List.of();
        }
        List<RecordHeader> headers = new ArrayList<>();
        for (int i = random.nextInt(4); i > 0; i--) {
            String key = random.nextInt(5) == 0 ? "" : "schlüssel-" + random.nextInt(4);
            headers.add(new RecordHeader(BatchBytes.utf8(key), wrap(field(random, 30))));
        }
        return headers;
    }

    private static byte[] field(Random random, int most) {
        return switch (random.nextInt(6)) {
            case 0 -> null;
            case 1 -> new byte[0];
            case 2 -> new byte[random.nextInt(most)];
            default -> noise(random, random.nextInt(most));
        };
    }

    private static byte[] noise(Random random, int size) {
        byte[] bytes = new byte[size];
        random.nextBytes(bytes);
        return bytes;
    }

    private static ByteBuffer wrap(byte[] bytes) {
        return bytes == null ? null : ByteBuffer.wrap(bytes);
    }

    private static Header[] kafkaHeaders(List<RecordHeader> headers) {
        RecordHeaders all = new RecordHeaders();
        headers.forEach(header -> all.add(header.name(), header.value() == null ? null : array(header.value())));
        return all.toArray();
    }

    private static List<Plain> plainOfGiven(List<Given> records) {
        return records.stream()
                .map(record -> new Plain(
                        record.timestamp(),
                        hex(wrap(record.key())),
                        hex(wrap(record.value())),
                        record.headers().stream()
                                .map(header -> header.name() + "=" + hex(header.value()))
                                .toList()))
                .toList();
    }

    private static List<Plain> plainOfOurs(StoredBatch batch) {
        return batch.readRecords().stream()
                .map(record -> new Plain(
                        record.timestamp(),
                        hex(record.key()),
                        hex(record.value()),
                        record.headers().stream()
                                .map(header -> header.name() + "=" + hex(header.value()))
                                .toList()))
                .toList();
    }

    private static List<Plain> plainOfKafka(RecordBatch batch) {
        List<Plain> records = new ArrayList<>();
        long offset = batch.baseOffset();
        for (Record record : batch) {
            assertThat(record.offset()).isEqualTo(offset++);
            List<String> headers = new ArrayList<>();
            for (Header header : record.headers()) {
                headers.add(header.key() + "=" + hex(wrap(header.value())));
            }
            records.add(new Plain(record.timestamp(), hex(record.key()), hex(record.value()), headers));
        }
        return records;
    }

    private static String hex(ByteBuffer bytes) {
        return bytes == null ? null : HexFormat.of().formatHex(array(bytes));
    }
}
