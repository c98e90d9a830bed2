package io.barnabas.benchmarks.jmh;

import io.barnabas.log.AppendedBatch;
import io.barnabas.log.DirectoryIdentity;
import io.barnabas.log.LogConfig;
import io.barnabas.log.LogDirectory;
import io.barnabas.log.LogDirectoryConfig;
import io.barnabas.log.LogSlice;
import io.barnabas.log.PartitionLog;
import io.barnabas.log.batch.AppendOrigin;
import io.barnabas.log.batch.BatchBuilder;
import io.barnabas.log.batch.BatchRules;
import io.barnabas.log.batch.BatchValidator;
import io.barnabas.log.batch.Compression;
import io.barnabas.log.batch.ValidBatch;
import io.barnabas.log.storage.FileStorage;
import io.barnabas.model.Outcome;
import io.barnabas.model.TopicIds;
import io.barnabas.model.TopicPartition;
import io.barnabas.runtime.time.Clock;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Comparator;
import java.util.Random;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.TimeUnit;
import java.util.stream.Stream;
import org.openjdk.jmh.annotations.Benchmark;
import org.openjdk.jmh.annotations.BenchmarkMode;
import org.openjdk.jmh.annotations.Fork;
import org.openjdk.jmh.annotations.Level;
import org.openjdk.jmh.annotations.Measurement;
import org.openjdk.jmh.annotations.Mode;
import org.openjdk.jmh.annotations.OutputTimeUnit;
import org.openjdk.jmh.annotations.Param;
import org.openjdk.jmh.annotations.Scope;
import org.openjdk.jmh.annotations.Setup;
import org.openjdk.jmh.annotations.State;
import org.openjdk.jmh.annotations.TearDown;
import org.openjdk.jmh.annotations.Warmup;

/** A 64 KiB batch: validated, appended to a real log in the page cache, and found again. */
@State(Scope.Thread)
@BenchmarkMode(Mode.AverageTime)
@OutputTimeUnit(TimeUnit.MICROSECONDS)
@Warmup(iterations = 5, time = 1)
@Measurement(iterations = 5, time = 1)
@Fork(1)
public class LogBenchmark {
    private static final int BATCH_BYTES = 64 * 1024;

    @Param({"100", "1024"})
    public int valueBytes;

    @Param({"NONE", "LZ4", "ZSTD"})
    public Compression compression;

    private Path path;
    private ExecutorService background;
    private FileStorage storage;
    private LogDirectory directory;
    private PartitionLog log;
    private ByteBuffer batch;
    private long readOffset;

    @Setup(Level.Iteration)
    public void prepare() throws IOException {
        Random random = new Random(1);
        BatchBuilder builder = new BatchBuilder(compression);
        long now = System.currentTimeMillis();
        for (int bytes = 0; bytes + valueBytes < BATCH_BYTES; bytes += valueBytes + 8) {
            byte[] value = new byte[valueBytes];
            for (int i = 0; i < value.length; i++) {
                value[i] = (byte) ('a' + random.nextInt(16));
            }
            builder.append(now, null, ByteBuffer.wrap(value));
        }
        ByteBuffer built = builder.build();
        batch = ByteBuffer.allocateDirect(built.remaining()).put(built).flip();

        path = Files.createTempDirectory("barnabas-jmh");
        background = Executors.newCachedThreadPool();
        storage = new FileStorage();
        directory = LogDirectory.open(
                path,
                new DirectoryIdentity(1, "benchmark"),
                LogDirectoryConfig.DEFAULTS,
                topic -> LogConfig.DEFAULTS,
                storage,
                Clock.system(),
                background);
        log = directory.create(new TopicPartition("bench", 0), TopicIds.random(new Random()), LogConfig.DEFAULTS);
        readOffset = 0;
        for (int i = 0; i < 100; i++) {
            append();
        }
        log.updateHighWatermark(log.logEndOffset());
    }

    @TearDown(Level.Iteration)
    public void remove() throws IOException {
        directory.close();
        background.shutdownNow();
        try (Stream<Path> files = Files.walk(path)) {
            for (Path file : files.sorted(Comparator.reverseOrder()).toList()) {
                Files.deleteIfExists(file);
            }
        }
    }

    @Benchmark
    public Outcome<ValidBatch> validate() {
        batch.putLong(0, 0);
        return BatchValidator.validate(
                batch.duplicate(), BatchRules.DEFAULT, System.currentTimeMillis(), (short) 9, AppendOrigin.CLIENT);
    }

    @Benchmark
    public Outcome<AppendedBatch> append() {
        batch.putLong(0, 0);
        return log.appendAsLeader(batch.duplicate(), 0, AppendOrigin.CLIENT, (short) 9);
    }

    @Benchmark
    public int findOneMegabyte() {
        LogSlice slice = log.read(readOffset, 1 << 20, log.highWatermark(), true);
        int size = slice.sizeInBytes();
        slice.release();
        readOffset = (readOffset + 997) % log.highWatermark();
        return size;
    }
}
