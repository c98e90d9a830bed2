package io.barnabas.log;

import static org.assertj.core.api.Assertions.assertThat;

import io.barnabas.log.CompactionFixture.Seen;
import io.barnabas.log.batch.BatchBuilder;
import io.barnabas.log.batch.Compression;
import io.barnabas.log.batch.RecordHeader;
import io.barnabas.log.batch.StoredBatch;
import io.barnabas.log.history.ProducerState;
import io.barnabas.runtime.loop.SeededRandom;
import java.nio.ByteBuffer;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Random;
import java.util.TreeMap;
import org.apache.kafka.common.record.internal.MemoryRecords;
import org.apache.kafka.common.record.internal.MutableRecordBatch;
import org.apache.kafka.common.record.internal.Record;
import org.junit.jupiter.api.DisplayName;
import org.junit.jupiter.api.Test;

/** Whatever was appended, and whenever it is compacted: a reader that wants the last value of each key misses nothing. */
class CompactionPropertiesTest {
    private static final long RETENTION_MS = 10_000;

    /** What was appended, by offset; the producer is -1 outside of transactions. */
    private record Appended(Seen record, int transaction) {}

    private static final class Model {
        final TreeMap<Long, Appended> records = new TreeMap<>();
        final Map<Integer, Boolean> ended = new HashMap<>();
        final Map<Long, Integer> open = new HashMap<>();
        final Map<Long, Integer> sequences = new HashMap<>();
        final Map<Long, Long> tombstoneCleanedAt = new HashMap<>();
        int transactions;

        boolean isCommitted(Appended appended) {
            return appended.transaction() < 0 || Boolean.TRUE.equals(ended.get(appended.transaction()));
        }

        List<Seen> committedBelow(long offset) {
            return records.headMap(offset).values().stream()
                    .filter(this::isCommitted)
                    .map(Appended::record)
                    .toList();
        }
    }

    @Test
    @DisplayName(
            "the last value of each key stays at its offset, nothing comes back, read_committed sees the same table (LOG-34, LOG-35, LOG-36)")
    void compactionLosesNothingThatCounts() {
        SeededRandom random = SeededRandom.fresh();
        for (int round = 0; round < 150; round++) {
            long seed = random.nextLong();
            try {
                once(new Random(seed));
            } catch (AssertionError | RuntimeException failed) {
                throw new AssertionError(random + ", round " + round + ", round's seed " + seed, failed);
            }
        }
    }

    @Test
    @DisplayName(
            "a batch that a full map covers in part gets no horizon yet: its later tombstones were not looked at (LOG-35, LOG-38)")
    void noHorizonForWhatWasNotLookedAt() {
        once(new Random(6786088598118354600L));
    }

    private static void once(Random random) {
        Map<String, String> config = new HashMap<>();
        config.put("delete.retention.ms", Long.toString(RETENTION_MS));
        config.put("segment.bytes", Integer.toString(400 + random.nextInt(3000)));
        config.put("message.timestamp.type", random.nextInt(4) == 0 ? "LogAppendTime" : "CreateTime");
        CompactionFixture fixture = new CompactionFixture(config);
        Model model = new Model();
        int steps = 60 + random.nextInt(150);
        for (int step = 0; step < steps; step++) {
            int dice = random.nextInt(100);
            if (dice < 70) {
                append(fixture, model, random);
            } else if (dice < 80) {
                end(fixture, model, random);
            } else if (dice < 85) {
                fixture.logs.clock.advanceMillis(random.nextInt((int) RETENTION_MS));
            } else if (dice < 88) {
                fixture.logs.commitAll();
            } else if (dice < 96) {
                compact(fixture, model, random);
            } else if (dice < 98) {
                restart(fixture, random);
                verify(fixture, model);
            } else {
                fixture.logs.background.runAll();
                fixture.logs.directory.writeCheckpoints();
            }
        }
        fixture.compactAll();
        fixture.compactAgain(); // some tombstones may be due
        verify(fixture, model);
        Map<String, String> table = fixture.table();
        List<Long> once = List.copyOf(fixture.records().keySet());
        fixture.compactAgain();
        assertThat(fixture.records().keySet())
                .as("a second compaction changes nothing")
                .containsExactlyElementsOf(once);
        verify(fixture, model);
        restart(fixture, random);
        verify(fixture, model);
        assertThat(fixture.table()).isEqualTo(table);
        fixture.logs.directory.close();
    }

    private static void append(CompactionFixture fixture, Model model, Random random) {
        long producer = random.nextInt(3) == 0 ? -1 : random.nextInt(4);
        boolean inTransaction = producer >= 2;
        BatchBuilder batch = new BatchBuilder(Compression.values()[random.nextInt(5)]);
        int count = 1 + random.nextInt(5);
        if (producer >= 0) {
            int sequence = model.sequences.getOrDefault(producer, 0);
            batch.producer(producer, (short) 0, sequence);
            model.sequences.put(producer, sequence + count);
        }
        int transaction = -1;
        if (inTransaction) {
            batch.transactional();
            transaction = model.open.computeIfAbsent(producer, id -> model.transactions++);
        }
        List<Seen> seen = new ArrayList<>();
        long offset = fixture.logs.log.logEndOffset();
        for (int i = 0; i < count; i++) {
            String key = "k" + random.nextInt(12);
            String value = random.nextInt(4) == 0 ? null : "v" + random.nextInt() + "x".repeat(random.nextInt(40));
            long timestamp = fixture.logs.clock.epochMillis() - random.nextInt(1000);
            List<RecordHeader> headers = random.nextInt(5) == 0
                    ? List.of(new RecordHeader(
                            CompactionFixture.utf8("h"), CompactionFixture.utf8(random.nextInt(2) == 0 ? null : "w")))
                    : List.of();
            batch.append(timestamp, CompactionFixture.utf8(key), CompactionFixture.utf8(value), headers);
            boolean stamped = fixture.logs.config.stampsAppendTime();
            seen.add(new Seen(
                    offset + i,
                    key,
                    value,
                    stamped ? fixture.logs.clock.epochMillis() : timestamp,
                    headers.isEmpty()
                            ? "[]"
                            : "[h=" + CompactionFixture.text(headers.get(0).value()) + "]"));
        }
        AppendedBatch appended = fixture.append(batch.build());
        assertThat(appended.baseOffset()).isEqualTo(offset);
        for (Seen record : seen) {
            model.records.put(record.offset(), new Appended(record, transaction));
        }
    }

    private static void end(CompactionFixture fixture, Model model, Random random) {
        if (model.open.isEmpty()) {
            return;
        }
        long producer = model.open.keySet().iterator().next();
        boolean commits = random.nextBoolean();
        fixture.end(producer, 0, commits);
        model.ended.put(model.open.remove(producer), commits);
    }

    private static void compact(CompactionFixture fixture, Model model, Random random) {
        if (random.nextBoolean()) {
            fixture.logs.commitAll();
        }
        Map<String, String> before = fixture.table();
        long stable = fixture.logs.log.lastStableOffset();
        LogCleanerConfig smallMap = new LogCleanerConfig(true, 1, 1, 24 * 7, 0.9, 1024, Double.MAX_VALUE);
        boolean some = fixture.cleaner(random.nextInt(4) == 0 ? smallMap : CompactionFixture.CLEANER)
                .cleanDirtiest();
        assertThat(fixture.logs.log.isUncleanable()).isFalse();
        assertThat(fixture.logs.log.cleanedTo()).isLessThanOrEqualTo(stable);
        if (some) {
            fixture.records().headMap(fixture.logs.log.cleanedTo()).values().stream()
                    .filter(record -> record.value() == null)
                    .forEach(record ->
                            model.tombstoneCleanedAt.putIfAbsent(record.offset(), fixture.logs.clock.epochMillis()));
        }
        assertThat(fixture.table()).isEqualTo(before);
        if (random.nextBoolean()) {
            fixture.logs.background.runAll();
            fixture.logs.directory.retain();
        }
        verify(fixture, model);
    }

    private static void restart(CompactionFixture fixture, Random random) {
        long lastStable = fixture.logs.log.lastStableOffset();
        List<ProducerState> producers = sorted(fixture.logs.log.activeProducers());
        fixture.logs.log.flush();
        fixture.logs.directory.writeCheckpoints();
        if (random.nextInt(3) == 0) {
            fixture.logs.restartCleanly();
        } else {
            fixture.logs.die();
            if (random.nextBoolean()) {
                fixture.deleteSnapshots();
            }
            fixture.logs.open();
        }
        assertThat(fixture.logs.log.lastStableOffset()).isEqualTo(lastStable);
        List<ProducerState> replayed = sorted(fixture.logs.log.activeProducers());
        assertThat(replayed).hasSameSizeAs(producers);
        for (int i = 0; i < producers.size(); i++) {
            ProducerState was = producers.get(i);
            ProducerState is = replayed.get(i);
            assertThat(is.producerEpoch()).isEqualTo(was.producerEpoch());
            assertThat(is.lastSequence()).isEqualTo(was.lastSequence());
            assertThat(is.lastOffset()).isEqualTo(was.lastOffset());
            assertThat(is.currentTransactionFirstOffset() < 0).isEqualTo(was.currentTransactionFirstOffset() < 0);
        }
    }

    private static List<ProducerState> sorted(List<ProducerState> producers) {
        return producers.stream()
                .sorted(Comparator.comparingLong(ProducerState::producerId))
                .toList();
    }

    private static void verify(CompactionFixture fixture, Model model) {
        long cleanedTo = fixture.logs.log.cleanedTo();
        long stable = fixture.logs.log.lastStableOffset();
        TreeMap<Long, Seen> records = fixture.records();
        records.forEach((offset, record) ->
                assertThat(record).isEqualTo(model.records.get(offset).record()));

        Map<String, Long> lastCommitted = new HashMap<>();
        Map<String, Long> lastCleaned = new HashMap<>();
        model.records.forEach((offset, appended) -> {
            if (offset >= cleanedTo) {
                // of a segment that was cleaned in part, what was aborted is gone as a whole
                boolean aborted = Boolean.FALSE.equals(model.ended.get(appended.transaction()));
                assertThat(aborted || records.containsKey(offset))
                        .as("%d was not compacted yet", offset)
                        .isTrue();
            } else if (model.isCommitted(appended)) {
                lastCleaned.put(appended.record().key(), offset);
            }
            if (offset < stable && model.isCommitted(appended)) {
                lastCommitted.put(appended.record().key(), offset);
            }
        });
        lastCommitted.values().forEach(offset -> {
            if (model.records.get(offset).record().value() != null) {
                assertThat(records.containsKey(offset))
                        .as("%d, the last value of its key", offset)
                        .isTrue();
            }
        });
        records.headMap(cleanedTo)
                .forEach((offset, record) -> assertThat(lastCleaned.get(record.key()))
                        .as("what stays is the last of its key")
                        .isEqualTo(offset));
        model.tombstoneCleanedAt.forEach((offset, at) -> {
            String key = model.records.get(offset).record().key();
            boolean replaced = !offset.equals(lastCleaned.get(key));
            if (!replaced && fixture.logs.clock.epochMillis() < at + RETENTION_MS) {
                assertThat(records.containsKey(offset))
                        .as("%d, a tombstone before its horizon", offset)
                        .isTrue();
            }
        });
        assertThat(CompactionFixture.table(fixture.committed()))
                .isEqualTo(CompactionFixture.table(model.committedBelow(stable)));
        kafkaSeesTheSame(fixture.batches(), records);
    }

    private static void kafkaSeesTheSame(List<StoredBatch> ours, TreeMap<Long, Seen> records) {
        long next = 0;
        int seen = 0;
        for (StoredBatch batch : ours) {
            assertThat(batch.hasValidCrc()).isTrue();
            assertThat(batch.baseOffset()).isGreaterThanOrEqualTo(next);
            next = batch.nextOffset();
            ByteBuffer bytes =
                    ByteBuffer.allocate(batch.sizeInBytes()).put(batch.bytes()).flip();
            MutableRecordBatch theirs =
                    MemoryRecords.readableRecords(bytes).batches().iterator().next();
            theirs.ensureValid();
            assertThat(theirs.lastOffset()).isEqualTo(batch.lastOffset());
            assertThat(theirs.baseSequence()).isEqualTo(batch.baseSequence());
            assertThat(theirs.lastSequence()).isEqualTo(batch.lastSequence());
            assertThat(theirs.countOrNull()).isEqualTo(batch.count());
            assertThat(theirs.deleteHorizonMs().isPresent()).isEqualTo(batch.hasDeleteHorizon());
            if (theirs.isControlBatch()) {
                continue;
            }
            for (Record record : theirs) {
                record.ensureValid();
                Seen mine = records.get(record.offset());
                assertThat(CompactionFixture.text(record.key())).isEqualTo(mine.key());
                assertThat(CompactionFixture.text(record.value())).isEqualTo(mine.value());
                assertThat(record.timestamp()).isEqualTo(mine.timestamp());
                seen++;
            }
        }
        assertThat(seen).isEqualTo(records.size());
    }
}
