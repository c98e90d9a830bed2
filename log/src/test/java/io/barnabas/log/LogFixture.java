package io.barnabas.log;

import io.barnabas.log.batch.AppendOrigin;
import io.barnabas.log.batch.BatchBuilder;
import io.barnabas.log.batch.BatchReader;
import io.barnabas.log.batch.Compression;
import io.barnabas.log.batch.StoredBatch;
import io.barnabas.log.storage.FileStorage;
import io.barnabas.log.storage.Storage;
import io.barnabas.model.Outcome;
import io.barnabas.model.TopicPartition;
import io.barnabas.runtime.loop.ManualLoop;
import io.barnabas.runtime.time.ManualClock;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Random;
import java.util.UUID;

/** A log directory with one partition, its clock and its background thread in the test's hands. */
final class LogFixture {
    static final TopicPartition ORDERS = new TopicPartition("orders", 0);
    static final UUID TOPIC_ID = new UUID(0x1234, 0x5678);
    static final DirectoryIdentity IDENTITY = new DirectoryIdentity(1, "test-cluster");
    static final short PRODUCE_VERSION = 12;

    final Path path;
    final Storage storage;
    final ManualClock clock = new ManualClock();

    /** Of the present life; what a dead process still had to do is never done. */
    ManualLoop background;

    LogConfig config;
    LogDirectory directory;
    PartitionLog log;

    LogFixture(Path path, Storage storage, Map<String, String> topicConfig) {
        this.path = path;
        this.storage = storage;
        this.config = LogConfig.DEFAULTS.withOverrides(topicConfig);
    }

    static LogFixture onDisk(Path path, Map<String, String> topicConfig) {
        LogFixture fixture = new LogFixture(path, new FileStorage(64), topicConfig);
        fixture.open();
        return fixture;
    }

    static LogFixture onDisk(Path path) {
        return onDisk(path, Map.of());
    }

    void open() {
        background = new ManualLoop(clock);
        directory = LogDirectory.open(
                path,
                IDENTITY,
                LogDirectoryConfig.DEFAULTS,
                topic -> config,
                storage,
                clock,
                background,
                new Random(7));
        log = directory.create(ORDERS, TOPIC_ID, config);
    }

    /** As after {@code kill -9}: nothing is flushed or written down, the page cache stays. */
    void die() {
        directory.abandon();
    }

    void restartUncleanly() {
        die();
        open();
    }

    void restartCleanly() {
        background.runAll();
        directory.close();
        open();
    }

    Path partitionDirectory() {
        return path.resolve(ORDERS.toString());
    }

    // ---- batches ---------------------------------------------------------------------------------------------------

    ByteBuffer batch(int count, int valueBytes) {
        BatchBuilder builder = new BatchBuilder(Compression.NONE);
        for (int i = 0; i < count; i++) {
            builder.append(clock.epochMillis(), null, ByteBuffer.allocate(valueBytes));
        }
        return builder.build();
    }

    static ByteBuffer text(long timestamp, String... values) {
        BatchBuilder builder = new BatchBuilder(Compression.NONE);
        for (String value : values) {
            builder.append(timestamp, null, ByteBuffer.wrap(value.getBytes(StandardCharsets.UTF_8)));
        }
        return builder.build();
    }

    ByteBuffer sequenced(long producerId, int epoch, int firstSequence, int count) {
        BatchBuilder builder = new BatchBuilder(Compression.NONE).producer(producerId, (short) epoch, firstSequence);
        for (int i = 0; i < count; i++) {
            builder.append(clock.epochMillis(), null, ByteBuffer.allocate(10));
        }
        return builder.build();
    }

    ByteBuffer transactional(long producerId, int epoch, int firstSequence, int count) {
        BatchBuilder builder = new BatchBuilder(Compression.NONE)
                .producer(producerId, (short) epoch, firstSequence)
                .transactional();
        for (int i = 0; i < count; i++) {
            builder.append(clock.epochMillis(), null, ByteBuffer.allocate(10));
        }
        return builder.build();
    }

    // ---- short ways ------------------------------------------------------------------------------------------------

    AppendedBatch append(ByteBuffer batch) {
        return append(batch, 0);
    }

    AppendedBatch append(ByteBuffer batch, int leaderEpoch) {
        Outcome<AppendedBatch> appended = tryAppend(batch, leaderEpoch, AppendOrigin.CLIENT);
        if (!appended.isDone()) {
            throw new AssertionError("append was refused: " + appended.refusal());
        }
        return appended.value();
    }

    Outcome<AppendedBatch> tryAppend(ByteBuffer batch) {
        return tryAppend(batch, 0, AppendOrigin.CLIENT);
    }

    Outcome<AppendedBatch> tryAppend(ByteBuffer batch, int leaderEpoch, AppendOrigin origin) {
        return log.appendAsLeader(batch, leaderEpoch, origin, PRODUCE_VERSION);
    }

    /** Appends this many batches of one record with a value of this size. */
    void fill(int batches, int valueBytes) {
        for (int i = 0; i < batches; i++) {
            append(batch(1, valueBytes));
        }
    }

    void commitAll() {
        log.updateHighWatermark(log.logEndOffset());
    }

    /** All batches from an offset to the end. */
    List<StoredBatch> readAll(long from) {
        return readAll(log, from);
    }

    static List<StoredBatch> readAll(PartitionLog log, long from) {
        List<StoredBatch> batches = new ArrayList<>();
        long next = from;
        while (next < log.logEndOffset()) {
            List<StoredBatch> some = readSome(log, next, log.logEndOffset());
            if (some.isEmpty()) {
                throw new AssertionError("nothing at " + next + " below " + log.logEndOffset());
            }
            batches.addAll(some);
            next = some.get(some.size() - 1).nextOffset();
        }
        return batches;
    }

    static List<StoredBatch> readSome(PartitionLog log, long from, long end) {
        LogSlice slice = log.read(from, 1 << 20, end, true);
        try {
            ByteBuffer bytes = ByteBuffer.allocate(slice.sizeInBytes());
            int read = slice.readInto(bytes, 0);
            bytes.flip();
            if (read != slice.sizeInBytes()) {
                throw new AssertionError("read " + read + " of " + slice);
            }
            bytes.limit(BatchReader.wholeBatchesBytes(bytes));
            return BatchReader.readAll(bytes);
        } finally {
            slice.release();
        }
    }
}
