package io.barnabas.log;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import ch.qos.logback.classic.Level;
import io.barnabas.log.batch.AppendOrigin;
import io.barnabas.log.batch.RecordBatchHeader;
import io.barnabas.model.Outcome;
import io.barnabas.model.TopicPartition;
import io.barnabas.runtime.logging.LoggedLines;
import java.io.IOException;
import java.io.RandomAccessFile;
import java.nio.file.Path;
import java.util.Map;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.DisplayName;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Bytes that rot under a log that is served. */
class DamagedReadTest {
    private static final Map<String, String> SMALL = Map.of("segment.bytes", "2000", "index.interval.bytes", "200");
    private static final long DAMAGED = 4;

    @TempDir
    Path directory;

    private LoggedLines lines;
    private LogFixture fixture;

    @BeforeEach
    void open() {
        fixture = LogFixture.onDisk(directory, SMALL);
        lines = LoggedLines.of("io.barnabas.log");
    }

    @AfterEach
    void close() {
        lines.close();
        fixture.directory.close();
    }

    @Test
    @DisplayName("a read that meets a damaged batch is refused alone: its log and its directory are served on (LOG-40)")
    void damageIsNoFailureOfTheDisk() throws IOException {
        PartitionLog other =
                fixture.directory.create(new TopicPartition("orders", 1), LogFixture.TOPIC_ID, fixture.config);
        fillSegmentsAndFlush();
        damage(DAMAGED);

        for (int attempt = 0; attempt < 3; attempt++) {
            assertThatThrownBy(() -> fixture.log.read(DAMAGED, 1000, 60, true))
                    .isInstanceOf(LogDamagedException.class)
                    .hasMessageContaining("orders-0")
                    .hasMessageContaining("no whole batch");
        }

        assertThat(fixture.directory.isOffline()).isFalse();
        assertThat(lines.list())
                .filteredOn(line -> line.getLevel() == Level.ERROR)
                .hasSize(1);
        Outcome<AppendedBatch> appended =
                other.appendAsLeader(fixture.batch(1, 10), 0, AppendOrigin.CLIENT, LogFixture.PRODUCE_VERSION);
        assertThat(appended.isDone()).isTrue();
        assertThat(LogFixture.readAll(other, 0)).hasSize(1);
        fixture.fill(1, 10);
        assertThat(fixture.readAll(40)).hasSize(21);
    }

    @Test
    @DisplayName("batches before and behind the damage in its segment are read on")
    void neighboursAreRead() throws IOException {
        fillSegmentsAndFlush();
        damage(DAMAGED);

        assertThat(LogFixture.readSome(fixture.log, 0, DAMAGED - 2)).hasSize((int) DAMAGED - 2);
        // behind the next entry of the offset index
        LogSlice behind = fixture.log.read(DAMAGED + 8, 1000, 60, true);
        assertThat(behind.baseOffset()).isEqualTo(DAMAGED + 8);
        behind.release();
        assertThat(fixture.directory.isOffline()).isFalse();
    }

    /** Two closed segments, which are read through their indexes, and the active one. */
    private void fillSegmentsAndFlush() {
        fixture.fill(60, 10);
        fixture.log.flush();
        fixture.background.runAll();
    }

    /** Flips length, epoch and magic in the header of the batch at an offset of the first segment. */
    private void damage(long offset) throws IOException {
        int batchBytes = fixture.readAll(0).get(0).sizeInBytes();
        Path first = fixture.partitionDirectory().resolve("00000000000000000000.log");
        try (RandomAccessFile file = new RandomAccessFile(first.toFile(), "rw")) {
            for (int at = 8; at < RecordBatchHeader.CRC; at++) {
                long position = offset * batchBytes + at;
                file.seek(position);
                int old = file.read();
                file.seek(position);
                file.write(old ^ 0xFF);
            }
        }
    }
}
