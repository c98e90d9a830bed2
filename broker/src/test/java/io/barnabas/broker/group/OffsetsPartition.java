package io.barnabas.broker.group;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;

import io.barnabas.broker.config.InternalTopics;
import io.barnabas.broker.replica.Partition;
import io.barnabas.broker.replica.PartitionTable;
import io.barnabas.log.DirectoryIdentity;
import io.barnabas.log.LogConfig;
import io.barnabas.log.LogDirectory;
import io.barnabas.log.LogDirectoryConfig;
import io.barnabas.log.batch.BatchBuilder;
import io.barnabas.log.batch.Compression;
import io.barnabas.log.storage.FileStorage;
import io.barnabas.model.BrokerId;
import io.barnabas.model.LeaderAndIsr;
import io.barnabas.model.TopicPartition;
import io.barnabas.runtime.replicated.StoredLog;
import io.barnabas.runtime.time.ManualClock;
import java.io.IOException;
import java.io.RandomAccessFile;
import java.nio.ByteBuffer;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.UUID;
import java.util.concurrent.CompletableFuture;
import java.util.stream.IntStream;

/** A partition of {@code __consumer_offsets} over real files, its role in the test's hands. */
final class OffsetsPartition implements AutoCloseable {
    static final BrokerId SELF = new BrokerId(1);
    static final TopicPartition ID = new TopicPartition(InternalTopics.OFFSETS, 0);

    final ManualClock clock;
    final PartitionTable table;
    final Partition partition;
    private final LogDirectory directory;
    private final Path path;

    OffsetsPartition(Path path, ManualClock clock, UUID topicId, Map<String, String> configs) {
        this.path = path;
        this.clock = clock;
        this.table = new PartitionTable(
                SELF, 30_000, clock, (id, next, epochs) -> new CompletableFuture<>(), (broker, epoch) -> true);
        this.directory = LogDirectory.open(
                path,
                new DirectoryIdentity(1, "cluster"),
                LogDirectoryConfig.DEFAULTS,
                topic -> LogConfig.DEFAULTS,
                new FileStorage(),
                clock,
                Runnable::run);
        this.partition = host(topicId, configs);
    }

    OffsetsPartition(Path path) {
        this(path, new ManualClock(), new UUID(7, 7), Map.of());
    }

    private Partition host(UUID topicId, Map<String, String> configs) {
        var known = directory.find(ID);
        return table.host(
                known != null ? known : directory.create(ID, topicId, LogConfig.DEFAULTS.withOverrides(configs)));
    }

    /** Leads in this epoch with these replicas in sync, which are also the assigned ones. */
    OffsetsPartition lead(int leaderEpoch, int... inSync) {
        partition.becomeLeader(state(1, leaderEpoch, inSync), brokers(inSync));
        return this;
    }

    void follow(int leader, int leaderEpoch, int... inSync) {
        partition.becomeFollower(state(leader, leaderEpoch, inSync), brokers(inSync));
    }

    private static LeaderAndIsr state(int leader, int leaderEpoch, int... inSync) {
        return new LeaderAndIsr(new BrokerId(leader), leaderEpoch, brokers(inSync), leaderEpoch);
    }

    static List<BrokerId> brokers(int... ids) {
        return IntStream.of(ids).mapToObj(BrokerId::new).toList();
    }

    /** Appends a batch of records {@code key=value}; {@code key=} is a tombstone. */
    void append(BatchBuilder batch, String... records) {
        for (String record : records) {
            String[] parts = record.split("=", -1);
            batch.append(clock.epochMillis(), bytes(parts[0]), parts[1].isEmpty() ? null : bytes(parts[1]));
        }
        append(batch.build());
    }

    void append(Compression compression, String... records) {
        append(new BatchBuilder(compression), records);
    }

    void append(ByteBuffer batch) {
        var appended = partition.appendAsCoordinator(batch, partition.view().leaderEpoch());
        assertThat(appended.isDone()).as("%s", appended).isTrue();
    }

    private static ByteBuffer bytes(String text) {
        return ByteBuffer.wrap(text.getBytes(UTF_8));
    }

    /** Turns every bit of one byte of the first segment. */
    void flip(long position) throws IOException {
        try (RandomAccessFile file = new RandomAccessFile(
                path.resolve(ID.toString()).resolve("00000000000000000000.log").toFile(), "rw")) {
            file.seek(position);
            int was = file.read();
            file.seek(position);
            file.write(~was);
        }
    }

    @Override
    public void close() {
        directory.close();
    }

    /** Everything that a log tells, a line each. */
    static final class Lines implements StoredLog.Reader {
        final List<String> lines = new ArrayList<>();
        private final int cancelAfter;

        Lines(int cancelAfter) {
            this.cancelAfter = cancelAfter;
        }

        Lines() {
            this(Integer.MAX_VALUE);
        }

        @Override
        public void onRecord(
                long offset,
                long timestampMillis,
                long producerId,
                short producerEpoch,
                ByteBuffer key,
                ByteBuffer value) {
            String producer = producerId < 0 ? "" : " in " + producerId + "/" + producerEpoch;
            lines.add(offset + " " + text(key) + "=" + (value == null ? "" : text(value)) + producer);
        }

        @Override
        public void onMarker(long offset, long producerId, short producerEpoch, boolean commit) {
            lines.add(offset + (commit ? " commit " : " abort ") + producerId + "/" + producerEpoch);
        }

        @Override
        public boolean isCancelled() {
            return lines.size() >= cancelAfter;
        }

        private static String text(ByteBuffer bytes) {
            return UTF_8.decode(bytes.duplicate()).toString();
        }
    }
}
