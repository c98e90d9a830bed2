package io.barnabas.broker.lag;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;

import io.barnabas.broker.replica.Partition;
import io.barnabas.broker.replica.PartitionTable;
import io.barnabas.consumer.coordinator.lag.LogEnd;
import io.barnabas.consumer.coordinator.lag.LogEnds;
import io.barnabas.log.DirectoryIdentity;
import io.barnabas.log.LogConfig;
import io.barnabas.log.LogDirectory;
import io.barnabas.log.LogDirectoryConfig;
import io.barnabas.log.batch.AppendOrigin;
import io.barnabas.log.batch.BatchBuilder;
import io.barnabas.log.batch.Compression;
import io.barnabas.log.storage.FileStorage;
import io.barnabas.model.BrokerId;
import io.barnabas.model.LeaderAndIsr;
import io.barnabas.model.TopicPartition;
import io.barnabas.runtime.time.ManualClock;
import java.nio.ByteBuffer;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.UUID;
import java.util.concurrent.CompletableFuture;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.DisplayName;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class LocalLogEndsTest {
    private static final TopicPartition ORDERS = new TopicPartition("orders", 0);
    private static final BrokerId SELF = new BrokerId(1);

    private final ManualClock clock = new ManualClock();
    private final PartitionTable table = new PartitionTable(
            SELF, 30_000, clock, (id, next, epochs) -> new CompletableFuture<>(), (broker, epoch) -> true);
    private final LogEnds ends = new LocalLogEnds(table, Runnable::run);
    private LogDirectory directory;
    private Partition partition;

    @BeforeEach
    void open(@TempDir Path path) {
        directory = LogDirectory.open(
                path,
                new DirectoryIdentity(1, "cluster"),
                LogDirectoryConfig.DEFAULTS,
                topic -> LogConfig.DEFAULTS,
                new FileStorage(),
                clock,
                Runnable::run);
        partition = table.host(directory.create(ORDERS, new UUID(7, 7), LogConfig.DEFAULTS));
    }

    @AfterEach
    void close() {
        directory.close();
    }

    private void lead() {
        partition.becomeLeader(new LeaderAndIsr(SELF, 0, List.of(SELF), 0), List.of(SELF));
    }

    private void append(Compression compression, long... timestamps) {
        BatchBuilder batch = new BatchBuilder(compression);
        for (long timestamp : timestamps) {
            batch.append(timestamp, null, ByteBuffer.wrap("v".repeat(100).getBytes(UTF_8)));
        }
        assertThat(partition
                        .append(batch.build(), (short) -1, AppendOrigin.CLIENT, (short) 11)
                        .isDone())
                .isTrue();
    }

    private long timestampAt(long offset) {
        List<Long> answers = new ArrayList<>();
        ends.timestampAt(ORDERS, offset, answers::add);
        assertThat(answers).hasSize(1);
        return answers.get(0);
    }

    @Test
    @DisplayName("the timestamp is that of the very record, also within a compressed batch")
    void everyRecord() {
        lead();
        long now = clock.epochMillis();
        append(Compression.NONE, now - 9, now - 8);
        append(Compression.ZSTD, now - 5, now - 7, now - 3);

        assertThat(ends.find(ORDERS)).isEqualTo(new LogEnd(0, 5));
        assertThat(List.of(timestampAt(0), timestampAt(1), timestampAt(2), timestampAt(3), timestampAt(4)))
                .containsExactly(now - 9, now - 8, now - 5, now - 7, now - 3);
        assertThat(timestampAt(5)).isEqualTo(LogEnds.NO_TIMESTAMP);
    }

    @Test
    @DisplayName("below the log start, the record at the log start counts")
    void belowLogStart() {
        lead();
        long now = clock.epochMillis();
        append(Compression.NONE, now - 9, now - 8, now - 7);
        partition.deleteRecords(2);

        assertThat(ends.find(ORDERS)).isEqualTo(new LogEnd(2, 3));
        assertThat(timestampAt(0)).isEqualTo(now - 7);
    }

    @Test
    @DisplayName("of what is not led here, nothing is known")
    void notLed() {
        assertThat(ends.find(ORDERS)).isNull();
        assertThat(timestampAt(0)).isEqualTo(LogEnds.NO_TIMESTAMP);
        assertThat(ends.find(new TopicPartition("other", 0))).isNull();
    }
}
