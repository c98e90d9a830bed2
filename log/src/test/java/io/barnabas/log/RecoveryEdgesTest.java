package io.barnabas.log;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.barnabas.log.batch.AppendOrigin;
import io.barnabas.log.batch.EndTransactionMarker;
import io.barnabas.log.batch.RecordBatchHeader;
import io.barnabas.log.storage.SimulatedStorage;
import io.barnabas.log.storage.StorageException;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import java.util.zip.CRC32;
import org.junit.jupiter.api.DisplayName;
import org.junit.jupiter.api.Test;

/** What recovery must not believe. */
class RecoveryEdgesTest {
    private static final Path LOGS = Path.of("/logs");
    private static final Path ORDERS = LOGS.resolve("orders-0");

    private final SimulatedStorage storage = new SimulatedStorage();

    @Test
    @DisplayName(
            "recovery learns epochs from the batches, not from a checkpoint older than a truncation (LOG-17, LOG-19)")
    void staleEpochCheckpoint() {
        LogFixture fixture = open(Map.of());
        fixture.append(fixture.batch(1, 10), 5);
        fixture.append(fixture.batch(1, 10), 6);
        fixture.die();
        // epoch 7 was led here without records, then cut off; the file that said so outlived the cut
        storage.put(ORDERS.resolve("leader-epoch-checkpoint"), "0\n2\n5 0\n7 1\n".getBytes(StandardCharsets.UTF_8));

        fixture.open();
        assertThat(fixture.log.latestEpoch()).isEqualTo(6);
        assertThat(fixture.log.endOffsetOf(5).offset()).isEqualTo(1);
        fixture.directory.close();
    }

    @Test
    @DisplayName("a producer snapshot above the recovered segment's base is not believed (LOG-19, LOG-22)")
    void staleSnapshot() {
        LogFixture fixture = open(Map.of());
        fixture.append(fixture.sequenced(9, 0, 0, 2));
        fixture.append(fixture.sequenced(9, 0, 2, 2));
        fixture.directory.close();
        fixture.open();
        byte[] snapshotAt4 = storage.content(ORDERS.resolve("00000000000000000004.snapshot"));
        fixture.log.truncateTo(0);
        fixture.append(fixture.sequenced(8, 0, 0, 4));
        fixture.append(fixture.sequenced(8, 0, 4, 4));
        fixture.die();
        storage.put(ORDERS.resolve("00000000000000000004.snapshot"), snapshotAt4);

        fixture.open();
        assertThat(storage.exists(ORDERS.resolve("00000000000000000004.snapshot")))
                .isFalse();
        fixture.log.truncateTo(4);
        assertThat(fixture.log.activeProducers()).hasSize(1);
        assertThat(fixture.log.activeProducers().get(0).producerId()).isEqualTo(8);
        fixture.directory.close();
    }

    @Test
    @DisplayName(
            "what is appended in place of lost records is not committed because those were, however they were lost (REPL-08, LOG-30, LOG-31)")
    void staleHighWatermark() {
        LogFixture fixture = open(Map.of());
        for (Runnable loss : List.<Runnable>of(
                () -> {
                    fixture.die();
                    storage.put(ORDERS.resolve("00000000000000000000.log"), new byte[0]);
                    fixture.open();
                },
                () -> fixture.log.truncateTo(0),
                () -> fixture.log.truncateFullyAndStartAt(0))) {
            fixture.fill(5, 10);
            fixture.log.updateHighWatermark(5);
            fixture.directory.writeCheckpoints();
            loss.run();
            assertThat(fixture.log.logEndOffset()).isZero();
            fixture.fill(6, 10);

            fixture.restartUncleanly();

            assertThat(fixture.log.logEndOffset()).isEqualTo(6);
            assertThat(fixture.log.highWatermark()).isZero();
            fixture.log.truncateTo(0);
        }
        fixture.directory.close();
    }

    @Test
    @DisplayName("a garbled length is not believed before its checksum, however much it asks for (LOG-19)")
    void garbledLength() {
        LogFixture fixture = open(Map.of());
        fixture.fill(1, 10);
        int second = fixture.readAll(0).get(0).sizeInBytes();
        fixture.fill(40, 60_000);
        fixture.die();
        Path file = ORDERS.resolve("00000000000000000000.log");
        byte[] bytes = storage.content(file);
        ByteBuffer.wrap(bytes).putInt(second + 8, bytes.length - second - 12);
        storage.put(file, bytes);

        fixture.open();
        assertThat(fixture.log.logEndOffset()).isEqualTo(1);
        fixture.directory.close();
    }

    @Test
    @DisplayName("a batch larger than recovery's buffer is recovered (LOG-19)")
    void largeBatch() {
        LogFixture fixture = open(Map.of("max.message.bytes", "10000000"));
        fixture.fill(1, 3_000_000);
        fixture.fill(1, 10);
        fixture.restartUncleanly();
        assertThat(fixture.log.logEndOffset()).isEqualTo(2);
        fixture.directory.close();
    }

    @Test
    @DisplayName(
            "an aborted or committed transaction whose marker is not replicated holds the last stable offset (LOG-45)")
    void unreplicatedMarker() {
        LogFixture fixture = open(Map.of());
        fixture.append(fixture.batch(1, 10));
        fixture.append(fixture.transactional(9, 0, 0, 2));
        fixture.tryAppend(
                new EndTransactionMarker(true, 0).toBatch(9, (short) 0, fixture.clock.epochMillis()),
                0,
                AppendOrigin.COORDINATOR);
        fixture.log.updateHighWatermark(3);
        assertThat(fixture.log.lastStableOffset()).isEqualTo(1);

        fixture.restartCleanly();
        assertThat(fixture.log.highWatermark()).isEqualTo(3);
        assertThat(fixture.log.lastStableOffset()).isEqualTo(1);

        fixture.restartUncleanly();
        fixture.log.updateHighWatermark(3);
        assertThat(fixture.log.lastStableOffset()).isEqualTo(1);
        fixture.log.updateHighWatermark(4);
        assertThat(fixture.log.lastStableOffset()).isEqualTo(4);
        fixture.directory.close();
    }

    @Test
    @DisplayName("a transaction that began below the log start holds back nothing (LOG-45, LOG-27)")
    void openTransactionBelowLogStart() {
        LogFixture fixture = open(Map.of());
        fixture.append(fixture.transactional(9, 0, 0, 2));
        fixture.fill(2, 10);
        fixture.commitAll();
        assertThat(fixture.log.lastStableOffset()).isZero();
        assertThat(fixture.log.deleteRecordsTo(3).value()).isEqualTo(3);
        assertThat(fixture.log.lastStableOffset()).isEqualTo(3);
        fixture.restartCleanly();
        assertThat(fixture.log.lastStableOffset()).isEqualTo(3);
        fixture.directory.close();
    }

    @Test
    @DisplayName("a segment flushed before it was rolled has its latest time after kill -9 (LOG-15, LOG-24)")
    void timeOfASegmentThatEndsAtTheRecoveryPoint() {
        LogFixture fixture = open(Map.of("segment.bytes", "300"));
        fixture.append(LogFixture.text(100, "x".repeat(100)));
        fixture.append(LogFixture.text(900, "y".repeat(50)));
        fixture.log.flush();
        fixture.directory.writeCheckpoints();
        fixture.append(LogFixture.text(200, "z".repeat(100)));
        fixture.restartUncleanly();

        assertThat(fixture.log.findByTimestamp(500, 3).value().offset()).isEqualTo(1);
        assertThat(fixture.log.maxTimestamp(3).timestamp()).isEqualTo(900);
        fixture.directory.close();
    }

    @Test
    @DisplayName("messages of format v0 and v1 are refused, at the head of a log and wherever recovery looks (D14)")
    void oldFormats() {
        for (byte magic = 0; magic <= 1; magic++) {
            byte oldMagic = magic;
            LogFixture fixture = new LogFixture(Path.of("/old" + magic), storage, Map.of());
            fixture.open();
            fixture.fill(1, 10);
            fixture.directory.close();
            Path file = fixture.partitionDirectory().resolve("00000000000000000000.log");
            byte[] batch = storage.content(file);

            storage.put(file, oldMessage(oldMagic));
            assertThatThrownBy(fixture::open)
                    .isInstanceOf(StorageException.class)
                    .hasMessageContaining("format v" + oldMagic);

            ByteBuffer behind =
                    ByteBuffer.allocate(batch.length + 100).put(batch).put(oldMessage(oldMagic));
            byte[] mixed = new byte[behind.position()];
            behind.flip().get(mixed);
            storage.put(file, mixed);
            assertThatThrownBy(fixture::open).hasMessageContaining("format v" + oldMagic);
            assertThat(storage.content(file)).isEqualTo(mixed);
        }
    }

    private static byte[] oldMessage(byte magic) {
        int header = magic == 0 ? 26 : 34;
        ByteBuffer message = ByteBuffer.allocate(header + 5);
        message.putLong(1).putInt(header + 5 - RecordBatchHeader.LOG_OVERHEAD).putInt(0);
        message.put(magic).put((byte) 0);
        if (magic == 1) {
            message.putLong(1_700_000_000_000L);
        }
        message.putInt(-1).putInt(5).put("hello".getBytes(StandardCharsets.UTF_8));
        CRC32 crc = new CRC32();
        crc.update(message.array(), 16, message.position() - 16);
        message.putInt(12, (int) crc.getValue());
        return message.array();
    }

    private LogFixture open(Map<String, String> config) {
        LogFixture fixture = new LogFixture(LOGS, storage, config);
        fixture.open();
        return fixture;
    }
}
