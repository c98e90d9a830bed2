package io.barnabas.log;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.barnabas.log.CompactionFixture.Seen;
import io.barnabas.log.batch.AppendOrigin;
import io.barnabas.log.batch.BatchBuilder;
import io.barnabas.log.batch.Compression;
import io.barnabas.log.batch.StoredBatch;
import io.barnabas.log.compaction.CleaningStoppedException;
import io.barnabas.log.history.LeaderEpochHistory;
import io.barnabas.log.policy.CompactionPlan;
import io.barnabas.log.segment.SegmentFiles;
import io.barnabas.model.Refusal.Reason;
import io.barnabas.model.TopicPartition;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.UUID;
import java.util.concurrent.atomic.AtomicInteger;
import org.junit.jupiter.api.DisplayName;
import org.junit.jupiter.api.Test;

class CompactionTest {
    private static List<String> values(CompactionFixture fixture, String key) {
        return fixture.records().values().stream()
                .filter(record -> key.equals(record.key()))
                .map(Seen::value)
                .toList();
    }

    @Test
    @DisplayName("of each key the last record stays, at its offset and in its batch (LOG-34)")
    void lastPerKeyStays() {
        CompactionFixture fixture = new CompactionFixture(Map.of());
        fixture.append("a", "1", "b", "1");
        fixture.append("a", "2", "c", "1");
        fixture.append("c", "2");
        fixture.roll();

        assertThat(fixture.compact()).isTrue();

        List<StoredBatch> batches = fixture.batches();
        assertThat(batches.get(0).baseOffset()).isZero();
        assertThat(batches.get(0).lastOffset()).isEqualTo(1);
        assertThat(batches.get(0).count()).isEqualTo(1);
        assertThat(fixture.records().get(1L).value()).isEqualTo("1");
        assertThat(fixture.records().get(2L).value()).isEqualTo("2");
        assertThat(fixture.records()).doesNotContainKeys(0L, 3L);
        assertThat(fixture.records().get(4L).value()).isEqualTo("2");
        assertThat(fixture.compact()).as("nothing is dirty any more").isFalse();
    }

    @Test
    @DisplayName(
            "a tombstone gets a delete horizon, stays until then, and goes with the first compaction after it (LOG-35)")
    void tombstones() {
        CompactionFixture fixture = new CompactionFixture(Map.of("delete.retention.ms", "5000"));
        fixture.append("a", "1");
        fixture.append("a", null, "z", "1");
        fixture.roll();
        long firstPass = fixture.logs.clock.epochMillis();
        fixture.compact();
        StoredBatch stamped = fixture.batches().stream()
                .filter(batch -> batch.baseOffset() == 1)
                .findFirst()
                .orElseThrow();

        assertThat(stamped.hasDeleteHorizon()).isTrue();
        assertThat(stamped.baseTimestamp()).isEqualTo(firstPass + 5000);
        assertThat(fixture.records().get(1L).timestamp()).isEqualTo(firstPass);
        fixture.logs.clock.advanceMillis(4999);
        fixture.roll();
        fixture.logs.commitAll();
        fixture.compactAgainFromStart();
        assertThat(values(fixture, "a")).containsExactly((String) null);
        fixture.logs.clock.advanceMillis(1);
        fixture.compactAgainFromStart();
        assertThat(values(fixture, "a")).isEmpty();
        assertThat(values(fixture, "z")).containsExactly("1");
    }

    @Test
    @DisplayName("an open transaction ends what is compacted at the segment where it began (LOG-33, LOG-39, LOG-45)")
    void openTransactionBounds() {
        CompactionFixture fixture = new CompactionFixture(Map.of());
        fixture.append("a", "1");
        fixture.append("a", "2");
        fixture.roll();
        long base = fixture.logs.log.view().segments().active().baseOffset();
        long inTransaction = fixture.appendIn(5, 0, 0, true, "a", "pending").baseOffset();
        fixture.roll();
        fixture.roll();

        fixture.compactAll();

        assertThat(fixture.logs.log.cleanedTo()).isLessThanOrEqualTo(base).isPositive();
        assertThat(values(fixture, "a")).containsExactly("2", "pending");
        assertThat(fixture.table()).containsEntry("a", "2");
        fixture.end(5, 0, false);
        fixture.roll();
        fixture.compactAll();
        assertThat(fixture.logs.log.cleanedTo()).isGreaterThan(inTransaction);
        assertThat(values(fixture, "a")).containsExactly("2");
    }

    @Test
    @DisplayName(
            "a marker without its data stays until its horizon, then goes; one that the producer's state rests on stays (LOG-36)")
    void markers() {
        CompactionFixture fixture = new CompactionFixture(Map.of("delete.retention.ms", "5000"));
        fixture.appendIn(5, 0, 0, true, "a", "1");
        long commit = fixture.end(5, 0, true).baseOffset();
        fixture.appendIn(5, 0, 1, true, "a", "2");
        fixture.end(5, 0, true);
        long fence = fixture.end(5, 1, false).baseOffset();
        fixture.append("a", "3");
        fixture.roll();
        fixture.compactAll();
        fixture.logs.log.compact(plan(fixture), CompactionFixture.CLEANER, bytes -> {});
        assertThat(controls(fixture)).contains(commit, fence);

        fixture.logs.clock.advanceMillis(5001);
        fixture.logs.log.compact(plan(fixture), CompactionFixture.CLEANER, bytes -> {});

        assertThat(controls(fixture)).doesNotContain(commit).contains(fence);
        fixture.deleteSnapshots();
        fixture.logs.restartUncleanly();
        assertThat(fixture.logs.log.activeProducers())
                .singleElement()
                .satisfies(producer -> assertThat(producer.producerEpoch()).isEqualTo((short) 1));
    }

    private static CompactionPlan plan(CompactionFixture fixture) {
        return new CompactionPlan(0, fixture.logs.log.view().segments().active().baseOffset(), 0, 1, false);
    }

    private static List<Long> controls(CompactionFixture fixture) {
        return fixture.batches().stream()
                .filter(StoredBatch::isControl)
                .map(StoredBatch::baseOffset)
                .toList();
    }

    @Test
    @DisplayName("control records of a kind that is not known stay (LOG-03)")
    void unknownControlRecordsStay() {
        CompactionFixture fixture = new CompactionFixture(Map.of());
        ByteBuffer key =
                ByteBuffer.allocate(4).putShort((short) 0).putShort((short) 6).flip();
        long offset = fixture.append(new BatchBuilder(Compression.NONE)
                        .control()
                        .append(fixture.logs.clock.epochMillis(), key, ByteBuffer.allocate(6))
                        .build())
                .baseOffset();
        fixture.append("a", "1");
        fixture.roll();

        fixture.compactAll();

        assertThat(fixture.logs.log.isUncleanable()).isFalse();
        assertThat(controls(fixture)).containsExactly(offset);
    }

    @Test
    @DisplayName(
            "an idempotent producer that was idle over a compaction and a restart goes on with its sequence (LOG-34)")
    void idempotentProducerGoesOn() {
        CompactionFixture fixture = new CompactionFixture(Map.of());
        fixture.appendIn(9, 2, 0, false, "a", "1", "b", "1");
        long last = fixture.appendIn(9, 2, 2, false, "a", "2").baseOffset();
        fixture.append("a", "3", "b", "3");
        fixture.roll();
        fixture.compactAll();
        assertThat(fixture.batches()).anySatisfy(batch -> {
            assertThat(batch.baseOffset()).isEqualTo(last);
            assertThat(batch.count()).isZero();
        });
        fixture.deleteSnapshots();
        fixture.logs.restartUncleanly();

        assertThat(fixture.logs
                        .tryAppend(sequenced(fixture, 9, 2, 2, "a", "2"), 0, AppendOrigin.CLIENT)
                        .value()
                        .duplicate())
                .isTrue();
        assertThat(fixture.logs
                        .tryAppend(sequenced(fixture, 9, 2, 4, "a", "x"), 0, AppendOrigin.CLIENT)
                        .refusal()
                        .reason())
                .isEqualTo(Reason.OUT_OF_ORDER_SEQUENCE_NUMBER);
        assertThat(fixture.logs
                        .tryAppend(sequenced(fixture, 9, 2, 3, "a", "4"), 0, AppendOrigin.CLIENT)
                        .isDone())
                .isTrue();
    }

    private static ByteBuffer sequenced(CompactionFixture fixture, long id, int epoch, int sequence, String... pairs) {
        return fixture.fill(new BatchBuilder(Compression.NONE).producer(id, (short) epoch, sequence), pairs)
                .build();
    }

    @Test
    @DisplayName(
            "a consumer's position passes the batch that compaction has emptied at the end of what it cleaned (LOG-34)")
    void positionPassesAnEmptyTail() {
        CompactionFixture fixture = new CompactionFixture(Map.of("segment.bytes", "300"));
        fixture.append("a", "x".repeat(100));
        fixture.append("b", "x".repeat(100));
        fixture.append("b", "2");
        fixture.append("a", "y".repeat(150));
        fixture.roll();

        fixture.compactAll();

        List<StoredBatch> batches = fixture.batches();
        long next = 0;
        for (StoredBatch batch : batches) {
            // from whatever offset it is asked for, the next batch comes
            for (long from = next; from <= batch.lastOffset(); from++) {
                assertThat(LogFixture.readSome(fixture.logs.log, from, fixture.logs.log.logEndOffset())
                                .get(0)
                                .baseOffset())
                        .isEqualTo(batch.baseOffset());
            }
            next = batch.nextOffset();
        }
        assertThat(next).isEqualTo(fixture.logs.log.logEndOffset());
        assertThat(fixture.logs.log.findByTimestamp(0, Long.MAX_VALUE).value().offset())
                .isEqualTo(fixture.records().firstKey());
        assertThat(fixture.logs.log.maxTimestamp(Long.MAX_VALUE).offset()).isNotNegative();
    }

    @Test
    @DisplayName("records younger than min.compaction.lag.ms are left alone (LOG-33)")
    void minimalLag() {
        CompactionFixture fixture = new CompactionFixture(Map.of("min.compaction.lag.ms", "10000"));
        fixture.append("a", "1");
        fixture.append("a", "2");
        fixture.roll();
        assertThat(fixture.compact()).isFalse();

        fixture.logs.clock.advanceMillis(10_001);

        assertThat(fixture.compact()).isTrue();
        assertThat(values(fixture, "a")).containsExactly("2");
    }

    @Test
    @DisplayName(
            "after max.compaction.lag.ms the active segment is rolled and compacted, however little is dirty (LOG-33)")
    void maximalLag() {
        CompactionFixture fixture = new CompactionFixture(
                Map.of("max.compaction.lag.ms", "10000", "min.cleanable.dirty.ratio", "1", "segment.bytes", "100000"));
        fixture.append("a", "1");
        fixture.append("a", "2");
        fixture.logs.clock.advanceMillis(10_000);
        assertThat(fixture.compact()).isFalse();

        fixture.logs.clock.advanceMillis(1);

        assertThat(fixture.compact()).isTrue();
        assertThat(values(fixture, "a")).containsExactly("2");
    }

    @Test
    @DisplayName("a map that is too small for all keys cleans a part, and the next round the next (LOG-38)")
    void mapFull() {
        CompactionFixture fixture = new CompactionFixture(Map.of());
        for (int i = 0; i < 60; i++) {
            fixture.append("k" + i % 20, "v" + i);
        }
        fixture.roll();
        fixture.logs.commitAll();
        LogCleaner cleaner = fixture.cleaner(new LogCleanerConfig(true, 1, 1, 24 * 7, 1, 1024, Double.MAX_VALUE));
        List<Long> steps = new ArrayList<>();
        while (cleaner.cleanDirtiest()) {
            steps.add(fixture.logs.log.cleanedTo());
        }

        assertThat(steps).isSorted().doesNotHaveDuplicates().hasSizeGreaterThan(3);
        for (int i = 0; i < 20; i++) {
            assertThat(fixture.table()).containsEntry("k" + i, "v" + (40 + i));
        }
    }

    @Test
    @DisplayName("small segments are put together, up to segment.bytes")
    void smallSegmentsAreGrouped() {
        CompactionFixture fixture = new CompactionFixture(Map.of());
        for (int i = 0; i < 100; i++) {
            fixture.append(i % 10 == 0 ? "unique" + i : "k" + i % 3, "v" + i);
        }
        fixture.roll();
        int before = fixture.logs.log.view().segments().size();

        fixture.compactAll();
        fixture.compactAgain();

        assertThat(fixture.logs.log.view().segments().size()).isLessThan(before / 2);
        fixture.logs
                .log
                .view()
                .segments()
                .all()
                .forEach(segment -> assertThat(segment.sizeBytes()).isLessThanOrEqualTo(800));
    }

    @Test
    @DisplayName("a truncation stops the compaction that is under way, and what comes instead is dirty (LOG-30)")
    void truncationStopsCompaction() {
        CompactionFixture fixture = new CompactionFixture(Map.of());
        for (int i = 0; i < 30; i++) {
            fixture.append("k" + i % 3, "v" + i);
        }
        fixture.roll();
        fixture.compactAll();
        long cleaned = fixture.logs.log.cleanedTo();
        for (int i = 0; i < 30; i++) {
            fixture.append("k" + i % 3, "w" + i);
        }
        fixture.roll();
        fixture.logs.commitAll();
        AtomicInteger reads = new AtomicInteger();

        assertThatThrownBy(() -> fixture.logs.log.compact(
                        fixture.logs.log.compactionPlan(), CompactionFixture.CLEANER, bytes -> {
                            if (reads.incrementAndGet() == 12) {
                                fixture.logs.log.truncateTo(20);
                            }
                        }))
                .isInstanceOf(CleaningStoppedException.class);

        assertThat(fixture.logs.log.isUncleanable()).isFalse();
        assertThat(fixture.logs.log.cleanedTo()).isLessThanOrEqualTo(20).isLessThan(cleaned);
        assertThat(checkpoint(fixture)).isEqualTo(fixture.logs.log.cleanedTo());
        assertThat(fixture.files()).noneMatch(name -> name.endsWith(SegmentFiles.CLEANED));
        fixture.append("k0", "new");
        fixture.roll();
        fixture.compactAll();
        assertThat(fixture.table()).containsEntry("k0", "new");
        assertThat(values(fixture, "k0")).containsExactly("new");
    }

    @Test
    @DisplayName("a plan that was made before the log was truncated and grew again is not carried out (LOG-30, LOG-33)")
    void planOfAnotherTime() {
        CompactionFixture fixture = new CompactionFixture(Map.of());
        for (int i = 0; i < 40; i++) {
            fixture.append("k" + i % 3, "v" + i);
        }
        fixture.logs.commitAll();
        CompactionPlan plan = fixture.logs.log.compactionPlan();
        fixture.logs.log.truncateTo(20);
        for (int i = 20; i < 60; i++) {
            fixture.append("k" + i % 3, "uncommitted" + i);
        }
        Map<Long, Seen> before = fixture.records();

        assertThatThrownBy(() -> fixture.logs.log.compact(plan, CompactionFixture.CLEANER, bytes -> {}))
                .isInstanceOf(CleaningStoppedException.class);

        assertThat(fixture.records()).isEqualTo(before);
        fixture.compactAll();
        assertThat(fixture.logs.log.isUncleanable()).isFalse();
    }

    @Test
    @DisplayName("what was clean when a plan was made, and is dirty again, is not taken for clean (LOG-30, LOG-35)")
    void planOfWhatWasClean() {
        CompactionFixture fixture = new CompactionFixture(Map.of());
        for (int i = 0; i < 40; i++) {
            fixture.append("k" + i % 3, "v" + i);
        }
        fixture.roll();
        fixture.compactAll();
        long cleaned = fixture.logs.log.cleanedTo();
        for (int i = 0; i < 40; i++) {
            fixture.append("k" + i % 3, "w" + i);
        }
        fixture.roll();
        fixture.logs.commitAll();
        CompactionPlan plan = fixture.logs.log.compactionPlan();
        assertThat(plan.firstDirtyOffset()).isEqualTo(cleaned);
        fixture.logs.log.truncateTo(cleaned - 10);
        for (int i = 0; i < 60; i++) {
            fixture.append("k" + i % 3, "x" + i);
        }
        fixture.roll();
        fixture.logs.commitAll();

        assertThatThrownBy(() -> fixture.logs.log.compact(plan, CompactionFixture.CLEANER, bytes -> {}))
                .isInstanceOf(CleaningStoppedException.class);

        fixture.compactAll();
        assertThat(values(fixture, "k0")).hasSize(1);
    }

    @Test
    @DisplayName(
            "after a crash an epoch begins where it began, although its first records were compacted away (LOG-34, LOG-41)")
    void epochsSurviveACrash() {
        CompactionFixture fixture = new CompactionFixture(Map.of());
        fixture.append("b", "1");
        fixture.logs.log.assignEpoch(1);
        for (int i = 0; i < 60; i++) {
            fixture.logs.tryAppend(fixture.batch("a", "v" + i), 1, AppendOrigin.COORDINATOR);
        }
        List<LeaderEpochHistory.Entry> epochs = fixture.logs.log.leaderEpochs();
        fixture.compactAll();
        assertThat(fixture.records()).doesNotContainKey(1L);

        fixture.logs.die();
        fixture.logs.open();

        assertThat(fixture.logs.log.leaderEpochs()).isEqualTo(epochs);
    }

    private static long checkpoint(CompactionFixture fixture) {
        byte[] bytes = fixture.storage.readSmall(Path.of("/logs/cleaner-offset-checkpoint"));
        String[] lines = new String(bytes, StandardCharsets.UTF_8).split("\n");
        assertThat(lines[0]).isEqualTo("0");
        assertThat(lines[1]).isEqualTo("1");
        assertThat(lines[2]).startsWith("orders 0 ");
        return Long.parseLong(lines[2].substring("orders 0 ".length()));
    }

    @Test
    @DisplayName("the checkpoint outlives a restart and goes with the partition (LOG-08, LOG-38)")
    void checkpointIsKept() {
        CompactionFixture fixture = new CompactionFixture(Map.of());
        fixture.append("a", "1");
        fixture.append("a", "2");
        fixture.roll();
        fixture.compactAll();
        long cleaned = fixture.logs.log.cleanedTo();
        assertThat(checkpoint(fixture)).isEqualTo(cleaned);

        fixture.logs.restartUncleanly();
        assertThat(fixture.logs.log.cleanedTo()).isEqualTo(cleaned);
        fixture.logs.directory.delete(LogFixture.ORDERS);

        assertThat(new String(
                        fixture.storage.readSmall(Path.of("/logs/cleaner-offset-checkpoint")), StandardCharsets.UTF_8))
                .isEqualTo("0\n0\n");
    }

    @Test
    @DisplayName("one damaged segment keeps its partition from being compacted, not the other 19 (LOG-38)")
    void damageIsIsolated() {
        CompactionFixture fixture = new CompactionFixture(Map.of());
        List<PartitionLog> others = new ArrayList<>();
        for (int i = 1; i < 20; i++) {
            PartitionLog log =
                    fixture.logs.directory.create(new TopicPartition("orders", i), new UUID(1, 2), fixture.logs.config);
            fillAndCommit(fixture, log);
            others.add(log);
        }
        fillAndCommit(fixture, fixture.logs.log);
        Path damaged = fixture.logs.partitionDirectory().resolve("00000000000000000000.log");
        byte[] content = fixture.storage.content(damaged);
        content[content.length / 2] ^= 0x55;
        fixture.storage.put(damaged, content);
        LogCleaner cleaner = fixture.cleaner();

        int rounds = 0;
        while (cleaner.cleanDirtiest()) {
            rounds++;
        }

        assertThat(rounds).isEqualTo(20);
        assertThat(fixture.logs.log.isUncleanable()).isTrue();
        assertThat(fixture.logs.directory.isOffline()).isFalse();
        assertThat(others).allSatisfy(log -> assertThat(log.cleanedTo()).isPositive());
        assertThat(fixture.files()).noneMatch(name -> name.endsWith(SegmentFiles.CLEANED));
    }

    private static void fillAndCommit(CompactionFixture fixture, PartitionLog log) {
        for (int i = 0; i < 30; i++) {
            log.appendAsLeader(fixture.batch("k" + i % 3, "v" + i), 0, AppendOrigin.CLIENT, LogFixture.PRODUCE_VERSION);
        }
        log.updateHighWatermark(log.logEndOffset());
    }

    @Test
    @DisplayName("compact,delete does both; compact alone refuses DeleteRecords (LOG-26, LOG-38)")
    void compactAndDelete() {
        CompactionFixture both =
                new CompactionFixture(Map.of("cleanup.policy", "compact,delete", "retention.ms", "60000"));
        both.append("a", "1");
        both.append("a", "2");
        both.roll();
        both.compactAll();
        assertThat(values(both, "a")).containsExactly("2");
        long cleaned = both.logs.log.cleanedTo();
        both.logs.clock.advanceMillis(60_001);

        both.logs.log.retain(Long.MAX_VALUE);

        assertThat(both.logs.log.logStartOffset()).isGreaterThanOrEqualTo(cleaned);
        assertThat(both.logs.log.deleteRecordsTo(-1).isDone()).isTrue();
        both.append("a", "3");
        both.append("a", "4");
        both.roll();
        both.compactAll();
        assertThat(values(both, "a")).containsExactly("4");
        assertThat(new CompactionFixture(Map.of())
                        .logs
                        .log
                        .deleteRecordsTo(-1)
                        .refusal()
                        .reason())
                .isEqualTo(Reason.POLICY_VIOLATION);
    }

    @Test
    @DisplayName("reading and writing keep to log.cleaner.io.max.bytes.per.second")
    void throttled() {
        CompactionFixture fixture = new CompactionFixture(Map.of("segment.bytes", "20000"));
        for (int i = 0; i < 200; i++) {
            fixture.append("k" + i, "x".repeat(500));
        }
        fixture.roll();
        fixture.logs.commitAll();
        long begun = fixture.logs.clock.nanoTime();
        double rate = 50_000;
        LogCleaner slow = new LogCleaner(
                new LogCleanerConfig(true, 1, 1, 1 << 20, 0.9, 8192, rate),
                List.of(fixture.logs.directory),
                fixture.logs.clock,
                nanos -> fixture.logs.clock.advanceMillis(1 + nanos / 1_000_000));

        assertThat(slow.cleanDirtiest()).isTrue();

        double seconds = (fixture.logs.clock.nanoTime() - begun) / 1e9;
        long bytes = 3L * 120_000; // keys are read, segments are read, segments are written
        assertThat(seconds).isBetween(bytes / rate * 0.7, bytes / rate * 1.3);
    }
}
