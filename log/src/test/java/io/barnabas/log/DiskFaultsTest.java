package io.barnabas.log;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.barnabas.log.batch.AppendOrigin;
import io.barnabas.log.batch.BatchBuilder;
import io.barnabas.log.batch.Compression;
import io.barnabas.log.storage.SimulatedStorage;
import io.barnabas.log.storage.StorageException;
import io.barnabas.model.Refusal.Reason;
import java.nio.ByteBuffer;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.concurrent.atomic.AtomicInteger;
import org.junit.jupiter.api.DisplayName;
import org.junit.jupiter.api.Test;

/** Failing disks, and logs that go away while they are used. */
class DiskFaultsTest {
    private static final Path LOGS = Path.of("/logs");
    private static final Map<String, String> FLUSHED = Map.of("flush.messages", "1");

    private final SimulatedStorage storage = new SimulatedStorage();

    @Test
    @DisplayName(
            "a failed fsync takes its directory offline, acknowledges nothing for ever, and others go on (LOG-40, D17)")
    void failedFsync() {
        LogFixture fixture = open(LOGS, FLUSHED);
        LogFixture other = open(Path.of("/other"), FLUSHED);
        fixture.append(LogFixture.text(1, "safe"));
        AtomicInteger safe = new AtomicInteger();
        fixture.log.whenFlushed(1, safe::incrementAndGet);
        fixture.background.runAll();
        assertThat(safe).hasValue(1);
        AtomicInteger told = new AtomicInteger();
        fixture.directory.onOffline(told::incrementAndGet);
        AtomicInteger acknowledged = new AtomicInteger();
        AppendedBatch appended = fixture.append(LogFixture.text(1, "lost"));
        fixture.log.whenFlushed(appended.lastOffset() + 1, acknowledged::incrementAndGet);
        storage.failSyncs(true);
        fixture.background.runAll();
        assertThat(told).hasValue(1);
        assertThat(fixture.directory.isOffline()).isTrue();

        // Linux tells of a failed fsync once: the next one seems to succeed
        storage.failSyncs(false);
        fixture.log.whenFlushed(appended.lastOffset() + 1, acknowledged::incrementAndGet);
        fixture.background.runAll();
        fixture.log.syncForWaiters();

        assertThat(acknowledged).hasValue(0);
        assertThat(fixture.log.flushedOffset()).isEqualTo(1);
        assertThat(fixture.tryAppend(LogFixture.text(1, "late")).refusal().reason())
                .isEqualTo(Reason.STORAGE_ERROR);
        assertThat(other.directory.isOffline()).isFalse();
        other.append(LogFixture.text(1, "goes on"));
        other.directory.close();
        fixture.directory.close();

        storage.powerLoss(3);
        fixture.open();
        assertThat(fixture.directory.wasClean()).isFalse();
        assertThat(fixture.log.logEndOffset()).isGreaterThanOrEqualTo(1);
        fixture.directory.close();
    }

    @Test
    @DisplayName("a failed read takes the directory offline (LOG-40)")
    void failedRead() {
        LogFixture fixture = open(LOGS, Map.of());
        fixture.fill(3, 10);
        LogSlice slice = fixture.log.read(0, 1000, 3, true);
        storage.failReads(true);
        assertThatThrownBy(() -> slice.readInto(ByteBuffer.allocate(10), 0)).isInstanceOf(StorageException.class);
        assertThat(fixture.directory.isOffline()).isTrue();
        slice.release();
        assertThatThrownBy(() -> fixture.log.findByTimestamp(0, 3)).isInstanceOf(StorageException.class);
        assertThat(fixture.directory.isOffline()).isTrue();
        storage.failReads(false);
        assertThatThrownBy(() -> fixture.log.read(0, 1000, 3, true)).isInstanceOf(StorageException.class);
        fixture.directory.close();
    }

    @Test
    @DisplayName("a torn append leaves no half batch that a later one follows (LOG-41)")
    void tornAppend() {
        LogFixture fixture = open(LOGS, Map.of());
        fixture.fill(2, 10);
        int next = storage.operations() + 1;
        storage.failAt(operation -> operation == next, true);
        assertThat(fixture.tryAppend(fixture.batch(1, 500)).refusal().reason()).isEqualTo(Reason.STORAGE_ERROR);
        assertThat(fixture.log.logEndOffset()).isEqualTo(2);
        fixture.directory.close();

        fixture.open();
        assertThat(fixture.log.logEndOffset()).isEqualTo(2);
        fixture.fill(1, 20);
        fixture.restartUncleanly();
        assertThat(fixture.readAll(0)).hasSize(3);
        fixture.directory.close();
    }

    @Test
    @DisplayName(
            "a partition is not made anew by opening the directory: its files stay missing until asked for (LOG-42)")
    void missingPartitionIsNotMade() {
        LogFixture fixture = open(LOGS, Map.of());
        fixture.fill(1, 10);
        fixture.directory.close();
        storage.deleteTree(LOGS.resolve("orders-0"));

        LogDirectory opened = LogDirectory.open(
                LOGS,
                LogFixture.IDENTITY,
                LogDirectoryConfig.DEFAULTS,
                topic -> fixture.config,
                storage,
                fixture.clock,
                fixture.background);

        assertThat(opened.find(LogFixture.ORDERS)).isNull();
        assertThat(storage.exists(LOGS.resolve("orders-0"))).isFalse();
        opened.close();
    }

    @Test
    @DisplayName("a log set aside is renamed, never deleted, and not served after a restart (LOG-43)")
    void setAside() {
        LogFixture fixture = open(LOGS, Map.of());
        fixture.fill(3, 10);
        LogSlice held = fixture.log.read(0, 1000, 3, true);
        fixture.directory.setAside(LogFixture.ORDERS);
        fixture.directory.setAside(LogFixture.ORDERS);

        String stray = storage.list(LOGS).stream()
                .filter(name -> name.endsWith("-stray"))
                .findFirst()
                .orElseThrow();
        assertThat(stray).startsWith("orders-0.");
        assertThat(storage.filesIn(LOGS.resolve(stray)).get("00000000000000000000.log"))
                .isPositive();
        assertThat(fixture.directory.find(LogFixture.ORDERS)).isNull();
        assertThat(held.readInto(ByteBuffer.allocate(50), 0)).isEqualTo(50);
        held.release();
        assertThat(storage.pinned()).isZero();

        fixture.restartCleanly();
        assertThat(fixture.log.logEndOffset()).isZero();
        assertThat(storage.list(LOGS)).contains(stray);
        fixture.directory.close();
    }

    @Test
    @DisplayName("using a log that was deleted meanwhile is no failure of the disk (LOG-32, LOG-40)")
    void deletedUnderItsUsers() {
        LogFixture fixture = open(LOGS, Map.of("file.delete.delay.ms", "0"));
        fixture.fill(3, 10);
        fixture.commitAll();
        PartitionLog old = fixture.log;
        fixture.directory.delete(LogFixture.ORDERS);
        fixture.directory.retain();

        ByteBuffer replicated = new BatchBuilder(Compression.NONE)
                .baseOffset(3)
                .leaderEpoch(0)
                .append(1, null, ByteBuffer.allocate(4))
                .build();
        assertThatThrownBy(() -> old.appendAsFollower(replicated)).isInstanceOf(LogClosedException.class);
        assertThatThrownBy(() -> old.read(0, 1000, 3, true)).isInstanceOf(LogClosedException.class);
        assertThatThrownBy(() -> old.findByTimestamp(0, 3)).isInstanceOf(LogClosedException.class);
        assertThatThrownBy(() -> old.truncateTo(1)).isInstanceOf(LogClosedException.class);
        assertThatThrownBy(() -> old.truncateFullyAndStartAt(9)).isInstanceOf(LogClosedException.class);
        assertThat(old.deleteRecordsTo(2).refusal().reason()).isEqualTo(Reason.NOT_LEADER_OR_FOLLOWER);
        assertThat(old.retain(1)).isZero();
        assertThat(old.appendAsLeader(fixture.batch(1, 5), 0, AppendOrigin.CLIENT, LogFixture.PRODUCE_VERSION)
                        .refusal()
                        .reason())
                .isEqualTo(Reason.NOT_LEADER_OR_FOLLOWER);
        old.flush();

        assertThat(fixture.directory.isOffline()).isFalse();
        fixture.directory.close();
    }

    @Test
    @DisplayName("a log asked for without a topic id is the one that is there (LOG-10)")
    void createWithoutTopicId() {
        LogFixture fixture = open(LOGS, Map.of());
        fixture.fill(3, 10);
        PartitionLog again =
                fixture.directory.create(LogFixture.ORDERS, io.barnabas.model.TopicIds.ZERO, fixture.config);

        assertThat(again).isSameAs(fixture.log);
        assertThat(again.logEndOffset()).isEqualTo(3);
        fixture.directory.close();
    }

    @Test
    @DisplayName(
            "with flush.messages=1 nothing is acknowledged before its own fsync; one failing waiter spoils no other (D17)")
    void acknowledgedAfterFsyncOnly() {
        LogFixture fixture = open(LOGS, FLUSHED);
        List<Long> acknowledged = new ArrayList<>();
        for (int round = 0; round < 50; round++) {
            for (int i = 0; i <= round % 4; i++) {
                AppendedBatch appended = fixture.append(fixture.batch(1, 10));
                long end = appended.lastOffset() + 1;
                fixture.log.whenFlushed(end, () -> {
                    assertThat(storage.syncedBytes(LOGS.resolve("orders-0/00000000000000000000.log")))
                            .as("durable bytes when %d is acknowledged", end)
                            .isGreaterThanOrEqualTo((int) (end * sizeOfOne(fixture)));
                    acknowledged.add(end);
                });
            }
            if (round == 7) {
                fixture.log.whenFlushed(fixture.log.flushedOffset() + 1, () -> {
                    throw new IllegalStateException("a waiter that fails");
                });
            }
            int before = storage.syncs();
            int waiting = acknowledged.size();
            assertThat(waiting).isEqualTo((int) fixture.log.flushedOffset());
            fixture.background.runAll();
            assertThat(storage.syncs() - before).isLessThanOrEqualTo(round == 0 ? 5 : 1);
            assertThat(acknowledged).hasSize((int) fixture.log.logEndOffset());
        }
        fixture.directory.close();
    }

    private static long sizeOfOne(LogFixture fixture) {
        return fixture.batch(1, 10).remaining();
    }

    private LogFixture open(Path path, Map<String, String> config) {
        LogFixture fixture = new LogFixture(path, storage, config);
        fixture.open();
        return fixture;
    }
}
