package io.barnabas.log;

import static org.assertj.core.api.Assertions.assertThat;

import io.barnabas.log.batch.BatchBuilder;
import io.barnabas.log.batch.Compression;
import io.barnabas.runtime.loop.SeededRandom;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.stream.Stream;
import org.apache.kafka.common.record.internal.FileRecords;
import org.apache.kafka.common.record.internal.Record;
import org.apache.kafka.common.record.internal.RecordBatch;
import org.junit.jupiter.api.DisplayName;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Kafka's own classes read what is on disk. */
class KafkaOracleTest {
    @TempDir
    Path directory;

    @Test
    @DisplayName("Kafka reads our segments: offsets, epochs, producers, values, checksums (LOG-01, LOG-04)")
    void kafkaReadsOurSegments() throws IOException {
        LogFixture fixture = LogFixture.onDisk(directory, Map.of("segment.bytes", "5000"));
        SeededRandom random = SeededRandom.fresh();
        List<ByteBuffer> values = new ArrayList<>();
        for (int i = 0; i < 120; i++) {
            Compression compression = Compression.values()[random.nextInt(Compression.values().length)];
            BatchBuilder builder = new BatchBuilder(compression);
            for (int record = 0; record <= random.nextInt(4); record++) {
                byte[] value = new byte[random.nextInt(300)];
                random.nextBytes(value);
                values.add(ByteBuffer.wrap(value));
                builder.append(fixture.clock.epochMillis(), null, ByteBuffer.wrap(value));
            }
            fixture.append(builder.build(), i / 50);
        }
        fixture.directory.close();

        long expected = 0;
        for (Path segment : segmentsOf(fixture.partitionDirectory())) {
            try (FileRecords records = FileRecords.open(segment.toFile(), false)) {
                assertThat(segment.getFileName().toString()).isEqualTo(String.format("%020d.log", expected));
                for (RecordBatch batch : records.batches()) {
                    batch.ensureValid();
                    assertThat(batch.baseOffset()).isEqualTo(expected);
                    for (Record record : batch) {
                        assertThat(record.offset()).as("%s", random).isEqualTo(expected);
                        assertThat(record.value()).isEqualTo(values.get((int) expected));
                        expected++;
                    }
                }
            }
        }
        assertThat(expected).isEqualTo(values.size());
    }

    private static List<Path> segmentsOf(Path partition) throws IOException {
        try (Stream<Path> files = Files.list(partition)) {
            return files.filter(file -> file.toString().endsWith(".log"))
                    .sorted()
                    .toList();
        }
    }
}
