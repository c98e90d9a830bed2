package io.barnabas.log;

import static org.assertj.core.api.Assertions.assertThat;

import io.barnabas.log.batch.AppendOrigin;
import io.barnabas.log.batch.EndTransactionMarker;
import io.barnabas.log.batch.StoredBatch;
import io.barnabas.log.history.AbortedTransaction;
import io.barnabas.log.history.ProducerState;
import io.barnabas.log.storage.SimulatedStorage;
import io.barnabas.model.Outcome;
import io.barnabas.model.Refusal.Reason;
import java.nio.ByteBuffer;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Comparator;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.DisplayName;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** What the log remembers of producers, through restarts, truncations and failures. */
class ProducerStateTest {
    private static final long PRODUCER = 42;

    @TempDir
    Path directory;

    @Test
    @DisplayName("each of the last 5 batches, sent again, is answered with its first offset and not written (PROD-23)")
    void repeatedBatchesAreNotWritten() {
        LogFixture fixture = LogFixture.onDisk(directory);
        for (int i = 0; i < 6; i++) {
            fixture.append(fixture.sequenced(PRODUCER, 0, i * 2, 2));
        }

        for (int i = 5; i >= 1; i--) {
            AppendedBatch again = fixture.append(fixture.sequenced(PRODUCER, 0, i * 2, 2));
            assertThat(again.duplicate()).isTrue();
            assertThat(again.baseOffset()).isEqualTo(i * 2L);
            assertThat(again.lastOffset()).isEqualTo(i * 2L + 1);
            assertThat(again.logAppendTimeMs()).isEqualTo(fixture.clock.epochMillis());
        }
        assertThat(fixture.log.logEndOffset()).isEqualTo(12);
        assertThat(fixture.tryAppend(fixture.sequenced(PRODUCER, 0, 0, 2))
                        .refusal()
                        .reason())
                .isEqualTo(Reason.OUT_OF_ORDER_SEQUENCE_NUMBER);
        fixture.directory.close();
    }

    @Test
    @DisplayName(
            "what a producer had in flight when the leader changed is recognised after many more batches, on leader and follower (PROD-23, PROD-25)")
    void inFlightWhenTheLeaderChanged() {
        LogFixture follower = LogFixture.onDisk(directory.resolve("follower"));
        LogFixture leader = LogFixture.onDisk(directory.resolve("leader"));
        for (int i = 0; i < 30; i++) {
            int epoch = i < 10 ? 0 : 1;
            leader.log.assignEpoch(epoch); // as one that becomes leader
            ByteBuffer batch = leader.sequenced(PRODUCER, 0, i, 1);
            leader.append(batch.duplicate(), epoch); // stamps the bytes, which are the follower's, too
            follower.log.appendAsFollower(batch);
        }

        for (LogFixture each : List.of(leader, follower)) {
            AppendedBatch again = each.append(each.sequenced(PRODUCER, 0, 9, 1), 2);
            assertThat(again.duplicate()).isTrue();
            assertThat(again.baseOffset()).isEqualTo(9);
            assertThat(each.tryAppend(each.sequenced(PRODUCER, 0, 10, 1))
                            .refusal()
                            .reason())
                    .isEqualTo(Reason.OUT_OF_ORDER_SEQUENCE_NUMBER);
            each.directory.close();
        }
    }

    @Test
    @DisplayName(
            "after kill -9 the window is rebuilt from the log: duplicates, gaps and the next sequence are told apart (PROD-25, PROD-31, LOG-22)")
    void windowSurvivesAnUncleanStop() {
        LogFixture fixture = LogFixture.onDisk(directory, Map.of("segment.bytes", "400"));
        for (int i = 0; i < 20; i++) {
            fixture.append(fixture.sequenced(PRODUCER, 0, i, 1));
        }
        List<ProducerState> before = fixture.log.activeProducers();

        fixture.restartUncleanly();

        assertThat(fixture.log.activeProducers()).isEqualTo(before);
        assertThat(fixture.append(fixture.sequenced(PRODUCER, 0, 19, 1)).duplicate())
                .isTrue();
        assertThat(fixture.tryAppend(fixture.sequenced(PRODUCER, 0, 25, 1))
                        .refusal()
                        .reason())
                .isEqualTo(Reason.OUT_OF_ORDER_SEQUENCE_NUMBER);
        assertThat(fixture.append(fixture.sequenced(PRODUCER, 0, 20, 1)).baseOffset())
                .isEqualTo(20);
        fixture.directory.close();
    }

    @Test
    @DisplayName("sequences wrap to 0 inside a batch, and go on at 1 after a clean restart (PROD-26)")
    void sequencesWrapAcrossARestart() {
        LogFixture fixture = LogFixture.onDisk(directory);
        fixture.append(fixture.sequenced(PRODUCER, 0, Integer.MAX_VALUE - 1, 3));

        fixture.restartCleanly();

        assertThat(fixture.append(fixture.sequenced(PRODUCER, 0, Integer.MAX_VALUE - 1, 3))
                        .duplicate())
                .isTrue();
        assertThat(fixture.append(fixture.sequenced(PRODUCER, 0, 1, 1)).baseOffset())
                .isEqualTo(3);
        fixture.directory.close();
    }

    @Test
    @DisplayName("a batch whose append failed is no duplicate when it is sent again (PROD-30, LOG-41)")
    void failedAppendLeavesNoTrace() {
        SimulatedStorage storage = new SimulatedStorage();
        LogFixture fixture = new LogFixture(Path.of("/logs"), storage, Map.of());
        fixture.open();
        fixture.append(fixture.sequenced(PRODUCER, 0, 0, 1));
        int next = storage.operations() + 1;
        storage.failAt(operation -> operation == next, true);

        Outcome<AppendedBatch> failed = fixture.tryAppend(fixture.sequenced(PRODUCER, 0, 1, 1));

        assertThat(failed.refusal().reason()).isEqualTo(Reason.STORAGE_ERROR);
        assertThat(fixture.directory.isOffline()).isTrue();
        assertThat(fixture.log.logEndOffset()).isEqualTo(1);
        fixture.die();
        storage.restart();
        fixture.open();
        assertThat(fixture.log.logEndOffset()).isEqualTo(1);
        AppendedBatch again = fixture.append(fixture.sequenced(PRODUCER, 0, 1, 1));
        assertThat(again.duplicate()).isFalse();
        assertThat(again.baseOffset()).isEqualTo(1);
        fixture.directory.close();
    }

    @Test
    @DisplayName("a follower rebuilds producers from what it replicates, unjudged (PROD-31)")
    void followersLearnProducers() {
        LogFixture leader = LogFixture.onDisk(directory.resolve("leader"));
        LogFixture follower = LogFixture.onDisk(directory.resolve("follower"));
        leader.append(leader.sequenced(PRODUCER, 0, 0, 3), 5);
        leader.append(leader.sequenced(PRODUCER, 0, 3, 1), 5);

        leader.readAll(0).forEach(batch -> follower.log.appendAsFollower(batch.bytes()));

        assertThat(follower.log.logEndOffset()).isEqualTo(4);
        assertThat(follower.log.latestEpoch()).isEqualTo(5);
        assertThat(follower.append(follower.sequenced(PRODUCER, 0, 0, 3), 6).baseOffset())
                .isZero();
        assertThat(follower.append(follower.sequenced(PRODUCER, 0, 4, 1), 6).baseOffset())
                .isEqualTo(4);
        leader.directory.close();
        follower.directory.close();
    }

    @Test
    @DisplayName("a damaged snapshot is deleted and the state found by replay (LOG-07, LOG-22)")
    void damagedSnapshotIsReplaced() throws Exception {
        LogFixture fixture = LogFixture.onDisk(directory, Map.of("segment.bytes", "400"));
        for (int i = 0; i < 20; i++) {
            fixture.append(fixture.sequenced(PRODUCER, 0, i, 1));
        }
        List<ProducerState> before = fixture.log.activeProducers();
        fixture.background.runAll();
        fixture.directory.close();
        Path newest;
        try (var files = Files.list(fixture.partitionDirectory())) {
            newest = files.filter(file -> file.toString().endsWith(".snapshot"))
                    .max(Comparator.naturalOrder())
                    .orElseThrow();
        }
        assertThat(newest.getFileName().toString()).isEqualTo("00000000000000000020.snapshot");
        byte[] bytes = Files.readAllBytes(newest);
        assertThat(bytes).hasSize(56);
        bytes[20] ^= 1;
        Files.write(newest, bytes);

        fixture.open();

        assertThat(fixture.log.activeProducers()).isEqualTo(before);
        assertThat(newest).doesNotExist();
        fixture.directory.close();
    }

    @Test
    @DisplayName(
            "the last stable offset stays behind an open transaction, and behind a marker above the high watermark (LOG-45)")
    void lastStableOffset() {
        LogFixture fixture = LogFixture.onDisk(directory);
        fixture.fill(2, 10);
        fixture.append(fixture.transactional(PRODUCER, 0, 0, 2));
        fixture.fill(1, 10);
        fixture.commitAll();
        assertThat(fixture.log.lastStableOffset()).isEqualTo(2);

        marker(fixture, false);

        assertThat(fixture.log.logEndOffset()).isEqualTo(6);
        assertThat(fixture.log.lastStableOffset()).isEqualTo(2);
        fixture.commitAll();
        assertThat(fixture.log.lastStableOffset()).isEqualTo(6);
        assertThat(fixture.log.abortedTransactions(0, 6)).containsExactly(new AbortedTransaction(PRODUCER, 2, 5, 6));
        fixture.directory.close();
    }

    @Test
    @DisplayName("the transaction index is Kafka's 34 bytes, and is rebuilt by recovery (LOG-06, LOG-19)")
    void transactionIndexIsRebuilt() throws Exception {
        LogFixture fixture = LogFixture.onDisk(directory);
        fixture.append(fixture.transactional(PRODUCER, 0, 0, 2));
        marker(fixture, false);
        fixture.commitAll();
        fixture.restartCleanly();
        Path index = fixture.partitionDirectory().resolve("00000000000000000000.txnindex");
        ByteBuffer golden = ByteBuffer.allocate(34)
                .putShort((short) 0)
                .putLong(PRODUCER)
                .putLong(0)
                .putLong(2)
                .putLong(3);
        assertThat(Files.readAllBytes(index)).isEqualTo(golden.array());
        fixture.die();
        Files.write(index, new byte[] {1, 2, 3});

        fixture.open();
        fixture.commitAll();

        assertThat(fixture.log.abortedTransactions(0, 3)).containsExactly(new AbortedTransaction(PRODUCER, 0, 2, 3));
        fixture.directory.close();
        assertThat(Files.readAllBytes(index)).isEqualTo(golden.array());
    }

    @Test
    @DisplayName("truncation takes producers back to where they were (LOG-30)")
    void truncationTakesProducersBack() {
        LogFixture fixture = LogFixture.onDisk(directory, Map.of("segment.bytes", "400"));
        for (int i = 0; i < 20; i++) {
            fixture.append(fixture.sequenced(PRODUCER, 0, i, 1));
        }
        fixture.background.runAll();

        fixture.log.truncateTo(12);

        assertThat(fixture.log.logEndOffset()).isEqualTo(12);
        assertThat(fixture.readAll(0)).extracting(StoredBatch::baseOffset).hasSize(12);
        assertThat(fixture.append(fixture.sequenced(PRODUCER, 0, 12, 1)).baseOffset())
                .isEqualTo(12);
        fixture.directory.close();
    }

    @Test
    @DisplayName("producers are forgotten after their expiry, but not by back-dated records (PROD-32)")
    void producersExpire() {
        LogFixture fixture = LogFixture.onDisk(directory);
        fixture.append(fixture.sequenced(PRODUCER, 0, 0, 1));

        fixture.clock.advanceMillis(86_399_999);
        fixture.directory.retain();
        assertThat(fixture.log.activeProducers()).hasSize(1);
        fixture.clock.advanceMillis(2);
        fixture.directory.retain();

        assertThat(fixture.log.activeProducers()).isEmpty();
        assertThat(fixture.append(fixture.sequenced(PRODUCER, 0, 77, 1)).baseOffset())
                .isEqualTo(1);
        fixture.directory.close();
    }

    private static void marker(LogFixture fixture, boolean committed) {
        Outcome<AppendedBatch> appended = fixture.tryAppend(
                new EndTransactionMarker(committed, 1).toBatch(PRODUCER, (short) 0, fixture.clock.epochMillis()),
                0,
                AppendOrigin.COORDINATOR);
        assertThat(appended.isDone()).as("%s", appended).isTrue();
    }
}
