package io.barnabas.log;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.barnabas.log.batch.BatchBuilder;
import io.barnabas.log.batch.Compression;
import io.barnabas.log.batch.CorruptBatchException;
import io.barnabas.log.batch.StoredBatch;
import io.barnabas.log.storage.FileStorage;
import io.barnabas.log.storage.SimulatedStorage;
import io.barnabas.model.OffsetAndEpoch;
import io.barnabas.model.Refusal.Reason;
import io.barnabas.runtime.loop.SeededRandom;
import java.nio.ByteBuffer;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.concurrent.atomic.AtomicReference;
import java.util.stream.Stream;
import org.junit.jupiter.api.DisplayName;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Rolling, finding, deleting, truncating, flushing: one rule of the contract a test. */
class LogRulesTest {
    private static final Map<String, String> SMALL = Map.of("segment.bytes", "2000", "index.interval.bytes", "200");

    @TempDir
    Path directory;

    @Test
    @DisplayName("a batch far in the future does not make a segment of every batch after it (LOG-12)")
    void futureTimestampRollsOnce() throws Exception {
        LogFixture fixture = LogFixture.onDisk(
                directory, Map.of("segment.ms", "1000", "message.timestamp.after.max.ms", "9223372036854775807"));
        long now = fixture.clock.epochMillis();
        fixture.append(LogFixture.text(now, "a"));
        fixture.append(LogFixture.text(now + 10L * 365 * 86_400_000, "future"));
        for (int i = 0; i < 20; i++) {
            fixture.append(LogFixture.text(now + i, "b"));
        }

        assertThat(logFiles(fixture)).isEqualTo(2);
        fixture.directory.close();
    }

    @Test
    @DisplayName("lookups of any offset agree with a scan, in gaps too (LOG-14)")
    void lookupsAgreeWithAScan() {
        LogFixture fixture = LogFixture.onDisk(directory, SMALL);
        SeededRandom random = SeededRandom.fresh();
        List<Long> lasts = new ArrayList<>();
        List<Long> bases = new ArrayList<>();
        long offset = 0;
        for (int i = 0; i < 200; i++) {
            offset += random.nextInt(4) == 0 ? random.nextInt(20) : 0;
            int count = 1 + random.nextInt(3);
            BatchBuilder builder =
                    new BatchBuilder(Compression.NONE).baseOffset(offset).leaderEpoch(0);
            for (int record = 0; record < count; record++) {
                builder.append(i, null, ByteBuffer.allocate(random.nextInt(100)));
            }
            fixture.log.appendAsFollower(builder.build());
            bases.add(offset);
            offset += count;
            lasts.add(offset - 1);
        }
        for (int restart = 0; restart < 2; restart++) {
            for (long asked = 0; asked < offset; asked++) {
                int expected = 0;
                while (lasts.get(expected) < asked) {
                    expected++;
                }
                assertThat(LogFixture.readSome(fixture.log, asked, offset)
                                .get(0)
                                .baseOffset())
                        .as("offset %d, %s", asked, random)
                        .isEqualTo(bases.get(expected));
            }
            fixture.restartCleanly();
        }
        fixture.directory.close();
    }

    @Test
    @DisplayName("the first record of a time or later is found among shuffled timestamps (LOG-15)")
    void findsByTimestamp() {
        LogFixture fixture = LogFixture.onDisk(directory, SMALL);
        SeededRandom random = SeededRandom.fresh();
        List<Long> times = new ArrayList<>();
        for (int i = 0; i < 150; i++) {
            BatchBuilder builder = new BatchBuilder(Compression.values()[random.nextInt(5)]);
            for (int record = 0; record <= random.nextInt(3); record++) {
                long time = 1 + random.nextInt(500);
                times.add(time);
                builder.append(time, null, ByteBuffer.allocate(40));
            }
            fixture.append(builder.build());
        }
        for (long asked = 0; asked <= 501; asked++) {
            long expected = -1;
            for (int i = 0; i < times.size() && expected < 0; i++) {
                expected = times.get(i) >= asked ? i : -1;
            }
            assertThat(fixture.log.findByTimestamp(asked, times.size()).value().offset())
                    .as("time %d, %s", asked, random)
                    .isEqualTo(expected);
        }
        long latest = times.stream().mapToLong(Long::longValue).max().orElseThrow();
        assertThat(fixture.log.maxTimestamp(times.size()).offset()).isEqualTo(times.indexOf(latest));
        fixture.directory.close();
    }

    @Test
    @DisplayName("a reader at the log's end never sees part of a batch (LOG-16)")
    void readersSeeWholeBatches() throws Exception {
        LogFixture fixture = LogFixture.onDisk(directory, SMALL);
        AtomicBoolean done = new AtomicBoolean();
        AtomicReference<Throwable> failure = new AtomicReference<>();
        AtomicInteger reads = new AtomicInteger();
        Thread reader = new Thread(() -> {
            try {
                while (!done.get() || reads.get() == 0) {
                    long end = fixture.log.logEndOffset();
                    if (end > 0) {
                        List<StoredBatch> last = LogFixture.readSome(fixture.log, end - 1, end);
                        assertThat(last).hasSize(1);
                        assertThat(last.get(0).hasValidCrc()).isTrue();
                        assertThat(last.get(0).lastOffset()).isEqualTo(end - 1);
                        reads.incrementAndGet();
                    }
                }
            } catch (Throwable failed) {
                failure.set(failed);
            }
        });
        reader.start();
        for (int i = 0; i < 3000; i++) {
            fixture.append(fixture.batch(1 + i % 3, 50));
            if (i % 100 == 0) {
                fixture.background.runAll();
            }
        }
        done.set(true);
        reader.join();

        assertThat(failure.get()).isNull();
        fixture.directory.close();
    }

    @Test
    @DisplayName(
            "retention takes whole segments below the high watermark, by size and by time; slow readers go on (LOG-28, LOG-29)")
    void retention() throws Exception {
        LogFixture fixture = LogFixture.onDisk(
                directory, Map.of("segment.bytes", "2000", "retention.bytes", "5000", "retention.ms", "1000000"));
        fixture.fill(100, 90);
        assertThat(fixture.log.retain(1)).as("above the high watermark").isZero();
        fixture.log.updateHighWatermark(100);
        LogSlice slow = fixture.log.read(0, 1 << 20, 100, true);
        ByteBuffer before = ByteBuffer.allocate(slow.sizeInBytes());
        slow.readInto(before, 0);

        fixture.directory.retain();

        assertThat(fixture.log.logStartOffset()).isGreaterThan(50);
        assertThat(fixture.log.sizeInBytes()).isBetween(5000L, 7000L);
        fixture.clock.advanceMillis(60_001);
        fixture.directory.retain();
        ByteBuffer after = ByteBuffer.allocate(slow.sizeInBytes());
        assertThat(slow.readInto(after, 0)).isEqualTo(slow.sizeInBytes());
        assertThat(after).isEqualTo(before);
        slow.release();
        try (Stream<Path> files = Files.list(fixture.partitionDirectory())) {
            assertThat(files.map(Path::toString)).noneMatch(name -> name.endsWith(".deleted"));
        }
        fixture.clock.advanceMillis(1_000_001);
        fixture.directory.retain();
        assertThat(fixture.log.logStartOffset()).isEqualTo(100);
        assertThat(fixture.log.logEndOffset()).isEqualTo(100);
        fixture.restartCleanly();
        assertThat(fixture.log.logStartOffset()).isEqualTo(100);
        assertThat(fixture.append(fixture.batch(1, 10)).baseOffset()).isEqualTo(100);
        fixture.directory.close();
    }

    @Test
    @DisplayName("deleted records stay deleted after kill -9; offsets are judged as Kafka does (LOG-26, LOG-27)")
    void deleteRecords() {
        LogFixture fixture = LogFixture.onDisk(directory, SMALL);
        fixture.fill(50, 90);
        fixture.log.updateHighWatermark(40);

        assertThat(fixture.log.deleteRecordsTo(41).refusal().reason()).isEqualTo(Reason.OFFSET_OUT_OF_RANGE);
        assertThat(fixture.log.deleteRecordsTo(-2).refusal().reason()).isEqualTo(Reason.OFFSET_OUT_OF_RANGE);
        assertThat(fixture.log.deleteRecordsTo(17).value()).isEqualTo(17);
        assertThat(fixture.log.deleteRecordsTo(3).value()).isEqualTo(17);
        fixture.restartUncleanly();
        assertThat(fixture.log.logStartOffset()).isEqualTo(17);
        fixture.log.updateHighWatermark(40);
        assertThat(fixture.log.deleteRecordsTo(-1).value()).isEqualTo(40);
        fixture.log.reconfigure(fixture.config.withOverrides(Map.of("cleanup.policy", "compact")));
        assertThat(fixture.log.deleteRecordsTo(-1).refusal().reason()).isEqualTo(Reason.POLICY_VIOLATION);
        fixture.directory.close();
    }

    @Test
    @DisplayName("epochs are found without records too, and cut with the log from both ends (LOG-17, LOG-30, FETCH-24)")
    void epochs() {
        LogFixture fixture = LogFixture.onDisk(directory, SMALL);
        fixture.log.assignEpoch(0);
        assertThat(fixture.log.endOffsetOf(0)).isEqualTo(new OffsetAndEpoch(0, 0));
        fixture.append(fixture.batch(10, 10), 1);
        fixture.append(fixture.batch(10, 10), 3);
        fixture.log.assignEpoch(5);
        assertThat(fixture.log.endOffsetOf(2)).isEqualTo(new OffsetAndEpoch(10, 1));
        assertThat(fixture.log.endOffsetOf(5)).isEqualTo(new OffsetAndEpoch(20, 5));
        assertThat(fixture.log.endOffsetOf(6)).isEqualTo(OffsetAndEpoch.NONE);
        fixture.commitAll();

        fixture.log.truncateTo(15);

        assertThat(fixture.log.logEndOffset()).isEqualTo(10);
        assertThat(fixture.log.highWatermark()).isEqualTo(10);
        assertThat(fixture.log.latestEpoch()).isEqualTo(1);
        fixture.restartUncleanly();
        assertThat(fixture.log.latestEpoch()).isEqualTo(1);
        assertThat(fixture.readAll(0)).hasSize(1);
        fixture.directory.close();
    }

    @Test
    @DisplayName("a log started anew elsewhere remembers nothing (LOG-31)")
    void startsAnew() {
        LogFixture fixture = LogFixture.onDisk(directory, SMALL);
        for (int i = 0; i < 30; i++) {
            fixture.append(fixture.sequenced(7, 0, i, 1), 2);
        }
        fixture.background.runAll();

        fixture.log.truncateFullyAndStartAt(1000);

        for (int restart = 0; restart < 2; restart++) {
            assertThat(fixture.log.logStartOffset()).isEqualTo(1000);
            assertThat(fixture.log.logEndOffset()).isEqualTo(1000);
            assertThat(fixture.log.highWatermark()).isEqualTo(1000);
            assertThat(fixture.log.latestEpoch()).isEqualTo(-1);
            assertThat(fixture.log.activeProducers()).isEmpty();
            fixture.restartUncleanly();
        }
        fixture.directory.close();
    }

    @Test
    @DisplayName(
            "a follower takes gaps beyond 2^31 by beginning a segment there (LOG-13), and refuses what does not follow")
    void followersTakeGaps() {
        LogFixture fixture = LogFixture.onDisk(directory);
        fixture.log.appendAsFollower(at(5, "a"));
        fixture.log.appendAsFollower(at(5_000_000_000L, "b"));
        assertThat(fixture.log.logEndOffset()).isEqualTo(5_000_000_001L);
        assertThat(fixture.readAll(0)).extracting(StoredBatch::baseOffset).containsExactly(5L, 5_000_000_000L);

        assertThatThrownBy(() -> fixture.log.appendAsFollower(at(3, "old"))).isInstanceOf(CorruptBatchException.class);
        ByteBuffer damaged = at(6_000_000_000L, "damaged");
        damaged.put(damaged.limit() - 2, (byte) 99);
        assertThatThrownBy(() -> fixture.log.appendAsFollower(damaged)).isInstanceOf(CorruptBatchException.class);

        fixture.restartUncleanly();
        assertThat(fixture.readAll(0)).extracting(StoredBatch::baseOffset).containsExactly(5L, 5_000_000_000L);
        fixture.directory.close();
    }

    @Test
    @DisplayName("one fsync acknowledges all appends that wait (D17); none happens inside an append")
    void groupCommit() {
        SimulatedStorage storage = new SimulatedStorage();
        LogFixture fixture = new LogFixture(Path.of("/logs"), storage, Map.of("flush.messages", "1"));
        fixture.open();
        fixture.append(fixture.batch(1, 10));
        fixture.background.runAll();
        AtomicInteger acknowledged = new AtomicInteger();
        int before = storage.syncs();
        for (int i = 0; i < 100; i++) {
            AppendedBatch appended = fixture.append(fixture.batch(1, 10));
            fixture.log.whenFlushed(appended.lastOffset() + 1, acknowledged::incrementAndGet);
        }
        assertThat(storage.syncs()).isEqualTo(before);
        assertThat(acknowledged).hasValue(0);

        fixture.background.runAll();

        assertThat(acknowledged).hasValue(100);
        assertThat(storage.syncs()).isEqualTo(before + 1);
        assertThat(fixture.log.flushedOffset()).isEqualTo(101);
        fixture.directory.close();
    }

    @Test
    @DisplayName("a failing disk takes the directory offline, once and for all (LOG-40)")
    void offline() {
        SimulatedStorage storage = new SimulatedStorage();
        LogFixture fixture = new LogFixture(Path.of("/logs"), storage, Map.of());
        fixture.open();
        fixture.fill(3, 10);
        AtomicInteger told = new AtomicInteger();
        fixture.directory.onOffline(told::incrementAndGet);
        storage.failAt(operation -> true, false);

        assertThat(fixture.tryAppend(fixture.batch(1, 10)).refusal().reason()).isEqualTo(Reason.STORAGE_ERROR);
        storage.failAt(operation -> false, false);
        assertThat(fixture.tryAppend(fixture.batch(1, 10)).refusal().reason()).isEqualTo(Reason.STORAGE_ERROR);

        assertThat(told).hasValue(1);
        fixture.directory.close();
        assertThat(storage.exists(Path.of("/logs/.kafka_cleanshutdown"))).isFalse();
    }

    @Test
    @DisplayName("many partitions fit few handles")
    void fewHandles() {
        FileStorage storage = new FileStorage(20);
        LogFixture fixture = new LogFixture(directory, storage, Map.of());
        fixture.open();
        List<PartitionLog> logs = new ArrayList<>();
        for (int i = 1; i <= 100; i++) {
            logs.add(fixture.directory.create(
                    new io.barnabas.model.TopicPartition("many", i), LogFixture.TOPIC_ID, fixture.config));
        }
        for (int round = 0; round < 3; round++) {
            for (PartitionLog log : logs) {
                fixture.log = log;
                fixture.append(fixture.batch(1, 10));
                assertThat(LogFixture.readAll(log, 0)).hasSize(round + 1);
                assertThat(storage.openFileCount()).isLessThanOrEqualTo(21);
            }
        }
        fixture.directory.close();
    }

    private static ByteBuffer at(long offset, String value) {
        return new BatchBuilder(Compression.NONE)
                .baseOffset(offset)
                .leaderEpoch(0)
                .append(1, null, ByteBuffer.wrap(value.getBytes(java.nio.charset.StandardCharsets.UTF_8)))
                .build();
    }

    private static long logFiles(LogFixture fixture) throws Exception {
        try (Stream<Path> files = Files.list(fixture.partitionDirectory())) {
            return files.filter(file -> file.toString().endsWith(".log")).count();
        }
    }
}
