package io.barnabas.log;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.barnabas.log.batch.StoredBatch;
import io.barnabas.log.storage.FileStorage;
import io.barnabas.log.storage.StorageException;
import java.io.IOException;
import java.io.RandomAccessFile;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.stream.Stream;
import org.junit.jupiter.api.DisplayName;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

/** What a process or a machine may leave behind, and what is made of it. */
class RecoveryTest {
    private static final Map<String, String> SMALL =
            Map.of("segment.bytes", "2000", "index.interval.bytes", "200", "file.delete.delay.ms", "0");

    @TempDir
    Path directory;

    private LogFixture written() {
        LogFixture fixture = LogFixture.onDisk(directory, SMALL);
        fixture.fill(50, 90);
        fixture.commitAll();
        return fixture;
    }

    private static Path lastSegment(LogFixture fixture, String suffix) throws IOException {
        try (Stream<Path> files = Files.list(fixture.partitionDirectory())) {
            return files.filter(file -> file.toString().endsWith(suffix))
                    .max(Path::compareTo)
                    .orElseThrow();
        }
    }

    @ParameterizedTest(name = "{0} bytes of value {1}")
    @CsvSource({"4096, 0", "1, 0", "60, 0", "61, 7", "300, -1"})
    @DisplayName("a torn or zeroed tail is cut off after an unclean stop (LOG-19, LOG-20)")
    void garbageTailIsCut(int bytes, byte value) throws IOException {
        LogFixture fixture = written();
        Path segment = lastSegment(fixture, ".log");
        fixture.die();
        long sound = Files.size(segment);
        byte[] tail = new byte[bytes];
        Arrays.fill(tail, value);
        Files.write(segment, tail, java.nio.file.StandardOpenOption.APPEND);

        fixture.open();

        assertThat(Files.size(segment)).isEqualTo(sound);
        assertThat(fixture.log.logEndOffset()).isEqualTo(50);
        assertThat(fixture.readAll(0)).hasSize(50);
        fixture.directory.close();
    }

    @Test
    @DisplayName("a flipped byte in the middle cuts there and drops all later segments (LOG-19)")
    void damageInTheMiddleDropsWhatFollows() throws IOException {
        LogFixture fixture = written();
        Path first = fixture.partitionDirectory().resolve("00000000000000000000.log");
        int batchBytes = fixture.readAll(0).get(0).sizeInBytes();
        fixture.die();
        try (RandomAccessFile file = new RandomAccessFile(first.toFile(), "rw")) {
            file.seek(3L * batchBytes + 70);
            int old = file.read();
            file.seek(3L * batchBytes + 70);
            file.write(old ^ 0xFF);
        }

        fixture.open();

        assertThat(fixture.log.logEndOffset()).isEqualTo(3);
        assertThat(fixture.readAll(0)).hasSize(3);
        assertThat(lastSegment(fixture, ".log")).isEqualTo(first);
        assertThat(fixture.log.highWatermark()).isLessThanOrEqualTo(3);
        fixture.fill(1, 10);
        fixture.directory.close();
    }

    @Test
    @DisplayName("segments below the recovery point are not walked after an unclean stop (LOG-18)")
    void belowTheRecoveryPointIsTrusted() throws IOException {
        LogFixture fixture = written();
        fixture.background.runAll();
        fixture.directory.writeCheckpoints();
        assertThat(fixture.log.recoveryPoint()).isGreaterThan(30);
        fixture.die();
        // damage that a walk would find
        try (RandomAccessFile file = new RandomAccessFile(
                fixture.partitionDirectory().resolve("00000000000000000000.log").toFile(), "rw")) {
            file.seek(100);
            file.write(0x55);
        }

        fixture.open();

        assertThat(fixture.log.logEndOffset()).isEqualTo(50);
        fixture.directory.close();
    }

    @ParameterizedTest
    @CsvSource({
        ".index, truncate",
        ".index, zero",
        ".index, garble",
        ".index, delete",
        ".timeindex, truncate",
        ".timeindex, zero",
        ".timeindex, garble",
        ".timeindex, delete"
    })
    @DisplayName("a damaged index is built anew, after a clean stop too (LOG-21)")
    void damagedIndexIsRebuilt(String suffix, String damage) throws IOException {
        LogFixture fixture = written();
        fixture.background.runAll();
        fixture.directory.close();
        List<Path> indexes;
        try (Stream<Path> files = Files.list(fixture.partitionDirectory())) {
            indexes = files.filter(file -> file.toString().endsWith(suffix)).toList();
        }
        for (Path index : indexes) {
            byte[] bytes = Files.readAllBytes(index);
            switch (damage) {
                case "truncate" -> Files.write(index, Arrays.copyOf(bytes, Math.max(0, bytes.length - 3)));
                case "zero" -> Files.write(index, new byte[bytes.length]);
                case "garble" -> {
                    byte[] garbled = bytes.clone();
                    Arrays.fill(garbled, (byte) 0x7E);
                    Files.write(index, garbled);
                }
                default -> Files.delete(index);
            }
        }

        fixture.open();

        assertThat(fixture.log.logEndOffset()).isEqualTo(50);
        for (long offset = 0; offset < 50; offset++) {
            assertThat(LogFixture.readSome(fixture.log, offset, 50).get(0).baseOffset())
                    .isEqualTo(offset);
        }
        assertThat(fixture.log
                        .findByTimestamp(fixture.clock.epochMillis(), 50)
                        .value()
                        .offset())
                .isZero();
        fixture.directory.close();
    }

    @Test
    @DisplayName("zeros that Kafka leaves at the end of an index are no entries (LOG-05)")
    void zerosAtTheEndOfAnIndex() throws IOException {
        LogFixture fixture = written();
        fixture.background.runAll();
        fixture.directory.close();
        Path index = lastSegment(fixture, ".index");
        Path timeIndex = lastSegment(fixture, ".timeindex");
        byte[] before = Files.readAllBytes(index);
        Files.write(index, Arrays.copyOf(before, 10_485_760));
        Files.write(timeIndex, Arrays.copyOf(Files.readAllBytes(timeIndex), 10_485_756));

        fixture.open();

        assertThat(fixture.readAll(0)).hasSize(50);
        fixture.fill(1, 90);
        fixture.directory.close();
        assertThat(Files.size(index)).isLessThan(1000);
        assertThat(Arrays.copyOf(Files.readAllBytes(index), before.length)).isEqualTo(before);
    }

    @ParameterizedTest
    @ValueSource(booleans = {true, false})
    @DisplayName("leftovers of every suffix are cleared, or completed, at start (LOG-04, LOG-18)")
    void leftovers(boolean clean) throws IOException {
        LogFixture fixture = written();
        fixture.background.runAll();
        if (clean) {
            fixture.directory.close();
        } else {
            fixture.die();
        }
        Path partition = fixture.partitionDirectory();
        Path first = partition.resolve("00000000000000000000.log");
        Files.write(partition.resolve("00000000000000000099.log.cleaned"), new byte[10]);
        Files.write(partition.resolve("00000000000000000000.log.deleted"), new byte[10]);
        Files.write(partition.resolve("00000000000000000777.index"), new byte[8]);
        Files.write(partition.resolve("00000000000000000999.snapshot"), new byte[10]);
        Files.write(partition.resolve("leader-epoch-checkpoint.tmp"), new byte[10]);
        // a compaction of the first segment was done and not yet swapped in
        Files.copy(first, partition.resolve("00000000000000000000.log.swap"));
        Files.delete(first);
        Path aside = directory.resolve("orders-7.0123456789abcdef0123456789abcdef-delete");
        Files.createDirectories(aside);
        Files.write(aside.resolve("00000000000000000000.log"), new byte[10]);
        Path stray = directory.resolve("orders-8.0123456789abcdef0123456789abcdef-stray");
        Files.createDirectories(stray);

        fixture.open();

        assertThat(fixture.readAll(0)).extracting(StoredBatch::baseOffset).hasSize(50);
        try (Stream<Path> files = Files.list(partition)) {
            assertThat(files.map(file -> file.getFileName().toString()))
                    .noneMatch(name -> name.endsWith(".cleaned")
                            || name.endsWith(".deleted")
                            || name.endsWith(".swap")
                            || name.endsWith(".tmp")
                            || name.contains("777")
                            || name.contains("999"));
        }
        fixture.directory.retain();
        assertThat(aside).doesNotExist();
        assertThat(stray).exists();
        fixture.directory.close();
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "",
                "0\n1\n",
                "0\n2\norders 0 17\n",
                "1\n1\norders 0 17\n",
                "0\n1\norders zero 17\n",
                "\u0000\u0000"
            })
    @DisplayName("a half-written checkpoint counts as absent and stops nothing (LOG-08, LOG-24)")
    void damagedCheckpoints(String content) throws IOException {
        LogFixture fixture = written();
        fixture.directory.writeCheckpoints();
        fixture.die();
        for (String name : List.of(
                "recovery-point-offset-checkpoint",
                "replication-offset-checkpoint",
                "log-start-offset-checkpoint",
                "orders-0/leader-epoch-checkpoint")) {
            Files.write(directory.resolve(name), content.getBytes(StandardCharsets.UTF_8));
        }

        fixture.open();

        assertThat(fixture.log.logEndOffset()).isEqualTo(50);
        assertThat(fixture.log.highWatermark()).isZero();
        assertThat(fixture.log.latestEpoch()).isZero();
        fixture.directory.close();
    }

    @Test
    @DisplayName("high watermark and log start are brought between log start and log end (LOG-23)")
    void watermarksAreClamped() throws IOException {
        LogFixture fixture = written();
        fixture.log.deleteRecordsTo(20);
        fixture.directory.writeCheckpoints();
        fixture.die();
        Files.writeString(directory.resolve("replication-offset-checkpoint"), "0\n1\norders 0 900\n");
        fixture.open();
        assertThat(fixture.log.highWatermark()).isEqualTo(50);
        assertThat(fixture.log.logStartOffset()).isEqualTo(20);
        fixture.die();
        Files.writeString(directory.resolve("replication-offset-checkpoint"), "0\n1\norders 0 3\n");

        fixture.open();

        assertThat(fixture.log.highWatermark()).isEqualTo(20);
        fixture.directory.close();
    }

    @Test
    @DisplayName("a checkpoint that has the log start beyond its end costs no record (LOG-23)")
    void logStartBeyondTheEndIsNotBelieved() throws IOException {
        LogFixture fixture = written();
        fixture.directory.writeCheckpoints();
        fixture.die();
        Files.writeString(directory.resolve("log-start-offset-checkpoint"), "0\n1\norders 0 99999999\n");

        fixture.open();

        assertThat(fixture.log.logStartOffset()).isZero();
        assertThat(fixture.log.logEndOffset()).isEqualTo(50);
        fixture.directory.close();
    }

    @Test
    @DisplayName("records are on the disk before it is written down that the log starts behind them (LOG-23, LOG-27)")
    void logStartIsFlushedFirst() throws IOException {
        LogFixture fixture = written();

        fixture.log.deleteRecordsTo(20);

        assertThat(fixture.log.flushedOffset()).isGreaterThanOrEqualTo(20);
        fixture.die();
        fixture.open();
        assertThat(fixture.log.logStartOffset()).isEqualTo(20);
        fixture.directory.close();
    }

    @Test
    @DisplayName("the checkpoints are Kafka's, byte by byte (LOG-08, LOG-10, LOG-11)")
    void checkpointBytes() throws IOException {
        LogFixture fixture = written();
        fixture.log.assignEpoch(4);
        fixture.log.deleteRecordsTo(20);
        fixture.directory.close();

        assertThat(Files.readString(directory.resolve("recovery-point-offset-checkpoint")))
                .isEqualTo("0\n1\norders 0 50\n");
        assertThat(Files.readString(directory.resolve("replication-offset-checkpoint")))
                .isEqualTo("0\n1\norders 0 50\n");
        assertThat(Files.readString(directory.resolve("log-start-offset-checkpoint")))
                .isEqualTo("0\n1\norders 0 20\n");
        assertThat(Files.readString(fixture.partitionDirectory().resolve("leader-epoch-checkpoint")))
                .isEqualTo("0\n2\n0 20\n4 50\n");
        assertThat(Files.readString(directory.resolve(".kafka_cleanshutdown")))
                .isEqualTo("{\"version\":0,\"brokerEpoch\":-1}");
        assertThat(Files.readString(fixture.partitionDirectory().resolve("partition.metadata")))
                .isEqualTo("version: 0\ntopic_id: AAAAAAAAEjQAAAAAAABWeA");
    }

    @Test
    @DisplayName("the marker of a clean stop is gone before anything is appended (LOG-11)")
    void markerIsTakenAwayAtStart() {
        LogFixture fixture = written();
        fixture.restartCleanly();
        assertThat(fixture.directory.wasClean()).isTrue();

        fixture.restartUncleanly();

        assertThat(fixture.directory.wasClean()).isFalse();
        fixture.directory.close();
    }

    @Test
    @DisplayName(
            "a directory of another broker, another cluster, KRaft, or of nobody is refused with a sentence (LOG-09)")
    void foreignDirectories() throws IOException {
        written().directory.close();
        Path meta = directory.resolve("meta.properties");
        String own = Files.readString(meta);
        assertThat(own).contains("version=0\n", "broker.id=1\n", "cluster.id=test-cluster\n");

        Map<String, String> refusals = Map.of(
                own.replace("broker.id=1", "broker.id=2"),
                "belongs to broker 2",
                own.replace("test-cluster", "other"),
                "belongs to cluster other",
                "version=1\nnode.id=1\ncluster.id=x\ndirectory.id=y\n",
                "KRaft",
                "",
                "does not say");
        for (Map.Entry<String, String> refusal : refusals.entrySet()) {
            Files.writeString(meta, refusal.getKey());
            assertThatThrownBy(() -> LogFixture.onDisk(directory))
                    .isInstanceOf(StorageException.class)
                    .hasMessageContaining(refusal.getValue());
        }
        Files.delete(meta);
        assertThatThrownBy(() -> LogFixture.onDisk(directory))
                .isInstanceOf(StorageException.class)
                .hasMessageContaining("holds partitions (orders-0) but no meta.properties");
        Files.writeString(meta, own);
        LogFixture.onDisk(directory).directory.close();
    }

    @Test
    @DisplayName("a directory in use is refused (LOG-11)")
    void lockedDirectory() {
        LogFixture fixture = written();

        assertThatThrownBy(() -> LogFixture.onDisk(directory))
                .isInstanceOf(StorageException.class)
                .hasMessageContaining("in use by another process");
        fixture.directory.close();
    }

    @Test
    @DisplayName("the log of a deleted topic is not served to a new one of that name, but kept aside (LOG-10)")
    void recreatedTopicStartsEmpty() throws IOException {
        LogFixture fixture = written();
        fixture.restartCleanly();
        assertThat(fixture.log.topicId()).isEqualTo(LogFixture.TOPIC_ID);

        PartitionLog anew = fixture.directory.create(LogFixture.ORDERS, new java.util.UUID(9, 9), fixture.config);

        assertThat(anew.logEndOffset()).isZero();
        assertThat(fixture.directory.find(LogFixture.ORDERS)).isSameAs(anew);
        List<String> names = new ArrayList<>();
        try (Stream<Path> files = Files.list(directory)) {
            files.forEach(file -> names.add(file.getFileName().toString()));
        }
        assertThat(names).anyMatch(name -> name.matches("orders-0\\.[0-9a-f]{32}-stray"));
        fixture.directory.close();
        assertThat(LogDirectory.identityOf(directory, new FileStorage())).isEqualTo(LogFixture.IDENTITY);
    }

    @Test
    @DisplayName("a topic deleted and made again many times never shows old records (LOG-32)")
    void deletedAndMadeAgain() {
        LogFixture fixture = written();
        for (int i = 1; i <= 20; i++) {
            fixture.directory.delete(LogFixture.ORDERS);
            fixture.log = fixture.directory.create(LogFixture.ORDERS, new java.util.UUID(1, i), fixture.config);
            assertThat(fixture.log.logEndOffset()).isZero();
            fixture.fill(i, 10);
        }
        fixture.directory.retain();
        fixture.restartCleanly();
        PartitionLog last = fixture.directory.find(LogFixture.ORDERS);
        assertThat(last).isNotNull();
        fixture.directory.close();
    }
}
