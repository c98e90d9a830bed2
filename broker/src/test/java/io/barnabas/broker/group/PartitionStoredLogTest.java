package io.barnabas.broker.group;

import static org.assertj.core.api.Assertions.assertThat;

import io.barnabas.log.batch.BatchBuilder;
import io.barnabas.log.batch.Compression;
import io.barnabas.log.batch.EndTransactionMarker;
import io.barnabas.log.batch.RecordBatchHeader;
import io.barnabas.log.storage.StorageException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.DisplayName;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class PartitionStoredLogTest {
    private static final int BUFFER = 1 << 20;

    private OffsetsPartition offsets;

    @BeforeEach
    void open(@TempDir Path path) {
        offsets = new OffsetsPartition(path).lead(3, 1);
    }

    @AfterEach
    void close() {
        offsets.close();
    }

    private List<String> read(int bufferBytes) {
        var reader = new OffsetsPartition.Lines();
        long end = new PartitionStoredLog(offsets.partition, bufferBytes).readAll(reader);
        assertThat(end).isEqualTo(offsets.partition.log().logEndOffset());
        return reader.lines;
    }

    private static BatchBuilder inTransaction(long producerId, int producerEpoch) {
        return BatchBuilder.plain()
                .producer(producerId, (short) producerEpoch, RecordBatchHeader.NO_SEQUENCE)
                .transactional();
    }

    private void end(long producerId, int producerEpoch, boolean commit) {
        offsets.append(new EndTransactionMarker(commit, 0).toBatch(producerId, (short) producerEpoch, 1));
    }

    @Test
    @DisplayName("a log that holds nothing is read to its end")
    void empty() {
        assertThat(read(BUFFER)).isEmpty();
    }

    @Test
    @DisplayName(
            "records, tombstones, transactions and their ends come in the order of the log, however compressed and however small the buffer (GROUP-04)")
    void everything() {
        offsets.append(Compression.NONE, "a=1", "b=2");
        offsets.append(Compression.ZSTD, "a=3", "b=", "c=4");
        offsets.append(inTransaction(7, 1), "t=5");
        offsets.append(Compression.GZIP, "a=6");
        offsets.append(inTransaction(8, 0), "u=7");
        end(7, 1, true);
        end(8, 0, false);
        offsets.append(Compression.LZ4, "c=" + "8".repeat(200));
        offsets.append(Compression.SNAPPY, "d=9");

        List<String> all = read(BUFFER);
        assertThat(all)
                .startsWith(
                        "0 a=1",
                        "1 b=2",
                        "2 a=3",
                        "3 b=",
                        "4 c=4",
                        "5 t=5 in 7/1",
                        "6 a=6",
                        "7 u=7 in 8/0",
                        "8 commit 7/1",
                        "9 abort 8/0")
                .endsWith("11 d=9")
                .hasSize(12);
        for (int bufferBytes : new int[] {1, 61, 80, 200, 500}) {
            assertThat(read(bufferBytes)).as("%d bytes", bufferBytes).isEqualTo(all);
        }
    }

    @Test
    @DisplayName("what is not committed yet is read, too (GROUP-04, GROUP-27)")
    void beyondTheHighWatermark() {
        offsets.append(Compression.NONE, "a=1");
        offsets.lead(4, 1, 2);
        offsets.append(Compression.NONE, "a=2");

        assertThat(offsets.partition.view().highWatermark()).isEqualTo(1);
        assertThat(read(BUFFER)).containsExactly("0 a=1", "1 a=2");
    }

    @Test
    @DisplayName("a log that begins late, within a batch, is read from where it begins")
    void beginsLate() {
        offsets.append(Compression.NONE, "a=1", "b=2", "c=3");
        offsets.append(Compression.ZSTD, "d=4", "e=5");
        assertThat(offsets.partition.deleteRecords(2).isDone()).isTrue();
        assertThat(read(BUFFER)).containsExactly("2 c=3", "3 d=4", "4 e=5");

        assertThat(offsets.partition.deleteRecords(4).isDone()).isTrue();
        assertThat(read(BUFFER)).containsExactly("4 e=5");
        assertThat(offsets.partition.deleteRecords(5).isDone()).isTrue();
        assertThat(read(BUFFER)).isEmpty();
    }

    @Test
    @DisplayName("when the leadership is over, reading ends")
    void cancelled() {
        for (int i = 0; i < 10; i++) {
            offsets.append(Compression.NONE, "a=" + i);
        }
        var reader = new OffsetsPartition.Lines(1);
        new PartitionStoredLog(offsets.partition, 1).readAll(reader);

        assertThat(reader.lines).hasSize(1);
    }

    @Test
    @DisplayName(
            "whichever byte is damaged, the log is read rightly or not at all, and the partition goes on for its other readers (GROUP-04)")
    void everyDamage() throws Exception {
        offsets.append(Compression.NONE, "a=1", "b=2");
        long from = offsets.partition.log().sizeInBytes();
        offsets.append(Compression.NONE, "c=3", "d=4");
        long to = offsets.partition.log().sizeInBytes();
        offsets.append(Compression.NONE, "e=5", "f=6");
        List<String> all = read(BUFFER);

        for (int bufferBytes : new int[] {BUFFER, 100, 1}) {
            List<Long> unseen = new ArrayList<>();
            for (long position = from; position < to; position++) {
                String at = "byte " + (position - from) + " by " + bufferBytes;
                offsets.flip(position);
                var reader = new OffsetsPartition.Lines();
                try {
                    new PartitionStoredLog(offsets.partition, bufferBytes).readAll(reader);
                    assertThat(reader.lines).as(at).isEqualTo(all);
                    unseen.add(position - from);
                } catch (StorageException refused) {
                    assertThat(all).as("%s: %s", at, refused).containsAll(reader.lines);
                }
                offsets.flip(position);
                assertThat(offsets.partition.view().isLeader()).as(at).isTrue();
            }
            assertThat(unseen)
                    .as("the leader epoch, which nothing vouches for, by %d", bufferBytes)
                    .containsExactly(12L, 13L, 14L, 15L);
        }
        assertThat(read(BUFFER)).isEqualTo(all);
    }
}
