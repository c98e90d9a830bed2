package io.barnabas.log;

import io.barnabas.log.batch.AppendOrigin;
import io.barnabas.log.batch.BatchBuilder;
import io.barnabas.log.batch.Compression;
import io.barnabas.log.batch.EndTransactionMarker;
import io.barnabas.log.batch.RecordView;
import io.barnabas.log.batch.StoredBatch;
import io.barnabas.log.history.AbortedTransaction;
import io.barnabas.log.policy.CompactionPlan;
import io.barnabas.log.segment.SegmentFiles;
import io.barnabas.log.storage.SimulatedStorage;
import io.barnabas.model.Outcome;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeMap;

/** A compacted log on a simulated disk, and ways to see it as a consumer does. */
final class CompactionFixture {
    static final LogCleanerConfig CLEANER = new LogCleanerConfig(true, 1, 15_000, 1 << 20, 0.9, 8192, Double.MAX_VALUE);
    static final Map<String, String> COMPACTED = Map.of(
            "cleanup.policy", "compact",
            "segment.bytes", "800",
            "index.interval.bytes", "150",
            "min.cleanable.dirty.ratio", "0",
            "file.delete.delay.ms", "0");

    final SimulatedStorage storage = new SimulatedStorage();
    final LogFixture logs;

    /** A record of the log. */
    record Seen(long offset, String key, String value, long timestamp, String headers) {}

    CompactionFixture(Map<String, String> overrides) {
        Map<String, String> config = new HashMap<>(COMPACTED);
        config.putAll(overrides);
        logs = new LogFixture(Path.of("/logs"), storage, config);
        logs.open();
    }

    LogCleaner cleaner() {
        return cleaner(CLEANER);
    }

    LogCleaner cleaner(LogCleanerConfig config) {
        return new LogCleaner(config, List.of(logs.directory), logs.clock, nanos -> {
            throw new AssertionError("nothing is to be throttled");
        });
    }

    /** Everything appended so far is replicated, and compacted as far as may be. */
    boolean compact() {
        logs.commitAll();
        return cleaner().cleanDirtiest();
    }

    /** As {@link #compact}, until there is nothing left to do. */
    void compactAll() {
        boolean more = compact();
        while (more) {
            more = compact();
        }
    }

    /** Compacts what was compacted before, as if it never had been. */
    void compactAgain() {
        compactTo(logs.log.cleanedTo());
    }

    /** Compacts all that can be; a failure is the caller's. */
    void compactAgainFromStart() {
        compactTo(logs.log.view().segments().active().baseOffset());
    }

    private void compactTo(long end) {
        logs.log.compact(new CompactionPlan(logs.log.logStartOffset(), end, 0, 1, false), CLEANER, bytes -> {});
    }

    // ---- appending -------------------------------------------------------------------------------------------------

    static ByteBuffer utf8(String text) {
        return text == null ? null : ByteBuffer.wrap(text.getBytes(StandardCharsets.UTF_8));
    }

    static String text(ByteBuffer bytes) {
        return bytes == null
                ? null
                : StandardCharsets.UTF_8.decode(bytes.duplicate()).toString();
    }

    /** A batch of key, value, key, value …; a null value makes a tombstone. */
    ByteBuffer batch(String... keysAndValues) {
        return fill(new BatchBuilder(Compression.NONE), keysAndValues).build();
    }

    BatchBuilder fill(BatchBuilder builder, String... keysAndValues) {
        for (int i = 0; i < keysAndValues.length; i += 2) {
            builder.append(logs.clock.epochMillis(), utf8(keysAndValues[i]), utf8(keysAndValues[i + 1]));
        }
        return builder;
    }

    AppendedBatch append(String... keysAndValues) {
        return logs.append(batch(keysAndValues));
    }

    AppendedBatch appendIn(long producerId, int epoch, int sequence, boolean transaction, String... keysAndValues) {
        BatchBuilder builder = new BatchBuilder(Compression.NONE).producer(producerId, (short) epoch, sequence);
        return append(fill(transaction ? builder.transactional() : builder, keysAndValues)
                .build());
    }

    AppendedBatch append(ByteBuffer batch) {
        return require(logs.tryAppend(batch, 0, AppendOrigin.COORDINATOR));
    }

    AppendedBatch end(long producerId, int epoch, boolean committed) {
        return append(
                new EndTransactionMarker(committed, 3).toBatch(producerId, (short) epoch, logs.clock.epochMillis()));
    }

    private static AppendedBatch require(Outcome<AppendedBatch> outcome) {
        if (!outcome.isDone()) {
            throw new AssertionError("refused: " + outcome.refusal());
        }
        return outcome.value();
    }

    /** What is appended from here on goes into a new segment, without leaving a record that anybody misses. */
    void roll() {
        long end = logs.log.logEndOffset();
        for (int i = 0; logs.log.view().segments().active().baseOffset() < end; i++) {
            append("filler" + i, "x".repeat(200));
        }
    }

    // ---- reading ---------------------------------------------------------------------------------------------------

    List<StoredBatch> batches() {
        return logs.readAll(logs.log.logStartOffset());
    }

    static Seen seen(RecordView record) {
        return new Seen(
                record.offset(),
                text(record.key()),
                text(record.value()),
                record.timestamp(),
                record.headers().stream()
                        .map(header -> header.name() + "=" + text(header.value()))
                        .toList()
                        .toString());
    }

    /** Data records by offset, committed or not. */
    TreeMap<Long, Seen> records() {
        TreeMap<Long, Seen> all = new TreeMap<>();
        for (StoredBatch batch : batches()) {
            if (!batch.isControl()) {
                batch.readRecords().forEach(record -> all.put(record.offset(), seen(record)));
            }
        }
        return all;
    }

    /** What a consumer with read_committed gets, worked out as consumers do it. */
    List<Seen> committed() {
        long end = logs.log.lastStableOffset();
        List<AbortedTransaction> aborted =
                new ArrayList<>(logs.log.abortedTransactions(logs.log.logStartOffset(), end));
        aborted.sort(Comparator.comparingLong(AbortedTransaction::firstOffset));
        Set<Long> abortedProducers = new HashSet<>();
        List<Seen> committed = new ArrayList<>();
        for (StoredBatch batch : batches()) {
            if (batch.baseOffset() >= end) {
                break;
            }
            while (!aborted.isEmpty() && aborted.get(0).firstOffset() <= batch.lastOffset()) {
                abortedProducers.add(aborted.remove(0).producerId());
            }
            if (batch.isControl()) {
                EndTransactionMarker marker = batch.count() == 0 ? null : EndTransactionMarker.of(batch);
                if (marker != null && !marker.committed()) {
                    abortedProducers.remove(batch.producerId());
                }
            } else if (!batch.isTransactional() || !abortedProducers.contains(batch.producerId())) {
                batch.readRecords().forEach(record -> committed.add(seen(record)));
            }
        }
        return committed;
    }

    /** What a table built from the log by read_committed holds. */
    Map<String, String> table() {
        return table(committed());
    }

    static Map<String, String> table(List<Seen> records) {
        Map<String, String> table = new TreeMap<>();
        for (Seen record : records) {
            if (record.value() == null) {
                table.remove(record.key());
            } else {
                table.put(record.key(), record.value());
            }
        }
        return table;
    }

    // ---- files -----------------------------------------------------------------------------------------------------

    List<String> files() {
        return storage.list(logs.partitionDirectory());
    }

    List<String> files(String suffix) {
        return files().stream().filter(name -> name.endsWith(suffix)).sorted().toList();
    }

    void deleteSnapshots() {
        files(SegmentFiles.SNAPSHOT)
                .forEach(name -> storage.delete(logs.partitionDirectory().resolve(name)));
    }
}
