package io.barnabas.broker.group;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;

import io.barnabas.log.batch.Compression;
import io.barnabas.log.batch.EndTransactionMarker;
import io.barnabas.log.storage.StorageException;
import io.barnabas.model.BrokerId;
import io.barnabas.model.LeaderAndIsr;
import io.barnabas.model.Outcome;
import io.barnabas.model.Refusal;
import io.barnabas.runtime.replicated.Journal;
import io.barnabas.runtime.time.ManualClock;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.UUID;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.DisplayName;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class PartitionGroupJournalTest {
    private static final BrokerId FOLLOWER = new BrokerId(2);

    /** Stands for the null that means "committed". */
    private static final String COMMITTED = "committed";

    @TempDir
    Path directory;

    private OffsetsPartition offsets;

    @AfterEach
    void close() {
        offsets.close();
    }

    private Journal open(int leaderEpoch, int... inSync) {
        offsets = new OffsetsPartition(directory).lead(leaderEpoch, inSync);
        return journal(leaderEpoch);
    }

    private Journal journal(int leaderEpoch) {
        return new PartitionGroupJournal(offsets.partition, leaderEpoch, Compression.NONE);
    }

    private static Journal.Batch batch(String... records) {
        return new Journal.Batch(entries(records), 1, Journal.NO_PRODUCER, (short) -1);
    }

    private static List<Journal.Entry> entries(String... records) {
        List<Journal.Entry> entries = new ArrayList<>();
        for (String record : records) {
            String[] parts = record.split("=", -1);
            entries.add(
                    new Journal.Entry(parts[0].getBytes(UTF_8), parts[1].isEmpty() ? null : parts[1].getBytes(UTF_8)));
        }
        return entries;
    }

    private static Refusal.Reason refusal(Outcome<Long> outcome) {
        assertThat(outcome.isDone()).isFalse();
        return outcome.refusal().reason();
    }

    private static List<Object> whenCommitted(Journal journal, long endOffset) {
        List<Object> said = new ArrayList<>();
        journal.whenCommitted(endOffset, refusal -> said.add(refusal == null ? COMMITTED : refusal.reason()));
        return said;
    }

    private List<String> stored() {
        var reader = new OffsetsPartition.Lines();
        new PartitionStoredLog(offsets.partition, 1 << 20).readAll(reader);
        return reader.lines;
    }

    @Test
    @DisplayName(
            "what is appended is in the log, in one batch, tombstones included, and committed where nobody follows")
    void appends() {
        Journal journal = open(3, 1);

        assertThat(journal.append(batch("a=1", "b=")).value()).isEqualTo(2);
        assertThat(journal.append(batch("a=2")).value()).isEqualTo(3);
        assertThat(stored()).containsExactly("0 a=1", "1 b=", "2 a=2");
        assertThat(journal.committedEndOffset()).isEqualTo(3);
        assertThat(whenCommitted(journal, 3)).containsExactly(COMMITTED);
    }

    @Test
    @DisplayName("a transaction's records carry its producer and wait for its end in the log")
    void transactions() {
        Journal journal = open(3, 1);
        journal.append(new Journal.Batch(entries("a=1"), 1, 7, (short) 2));

        assertThat(stored()).containsExactly("0 a=1 in 7/2");
        assertThat(offsets.partition.view().lastStableOffset()).isZero();
        journal.append(new Journal.Batch(entries("a=2", "b=2"), 1, 7, (short) 2));
        offsets.append(new EndTransactionMarker(true, 0).toBatch(7, (short) 2, 1));
        assertThat(stored()).containsExactly("0 a=1 in 7/2", "1 a=2 in 7/2", "2 b=2 in 7/2", "3 commit 7/2");
        assertThat(offsets.partition.view().lastStableOffset()).isEqualTo(4);
    }

    @Test
    @DisplayName("committed is what the followers in sync have (GROUP-06)")
    void waitsForFollowers() {
        Journal journal = open(3, 1, 2);
        long end = journal.append(batch("a=1")).value();
        List<Object> said = whenCommitted(journal, end);

        assertThat(journal.committedEndOffset()).isZero();
        assertThat(said).isEmpty();
        offsets.partition.onFollowerFetched(FOLLOWER, 1, 3, 1, 0);
        assertThat(said).containsExactly(COMMITTED);
        assertThat(journal.committedEndOffset()).isEqualTo(1);
    }

    @Test
    @DisplayName("nothing is written in an epoch that has passed, also if this broker leads again (FFD-08)")
    void theEpochMoved() {
        Journal first = open(3, 1);
        first.append(batch("a=1"));
        offsets.follow(2, 4, 1, 2);

        assertThat(refusal(first.append(batch("a=2")))).isEqualTo(Refusal.Reason.NOT_LEADER_OR_FOLLOWER);
        offsets.lead(5, 1);
        assertThat(refusal(first.append(batch("a=3")))).isEqualTo(Refusal.Reason.NOT_LEADER_OR_FOLLOWER);
        assertThat(stored()).containsExactly("0 a=1");
        assertThat(journal(5).append(batch("a=4")).value()).isEqualTo(2);
        assertThat(stored()).containsExactly("0 a=1", "1 a=4");
    }

    @Test
    @DisplayName("nothing is said to be committed that only a later leadership has committed (FFD-08, GROUP-21)")
    void committedByOthers() {
        Journal first = open(3, 1, 2);
        long end = first.append(batch("a=1")).value();
        List<Object> said = whenCommitted(first, end);
        offsets.lead(4, 1);

        assertThat(offsets.partition.view().highWatermark()).isEqualTo(1);
        assertThat(said).containsExactly(Refusal.Reason.NOT_LEADER_OR_FOLLOWER);
        assertThat(first.committedEndOffset()).isZero();
        assertThat(whenCommitted(first, end)).containsExactly(Refusal.Reason.NOT_LEADER_OR_FOLLOWER);
        assertThat(journal(4).committedEndOffset()).isEqualTo(1);
    }

    @Test
    @DisplayName("what was known to be committed stays so when the leadership ends")
    void committedBefore() {
        Journal journal = open(3, 1);
        long end = journal.append(batch("a=1")).value();
        assertThat(journal.committedEndOffset()).isEqualTo(1);
        offsets.follow(2, 4, 1, 2);

        assertThat(journal.committedEndOffset()).isEqualTo(1);
        assertThat(whenCommitted(journal, end)).containsExactly(COMMITTED);
    }

    @Test
    @DisplayName("refused when the disk has failed, and those who wait are told")
    void offline() {
        Journal journal = open(3, 1, 2);
        long end = journal.append(batch("a=1")).value();
        List<Object> said = whenCommitted(journal, end);
        offsets.partition.fail(new StorageException("pulled out"));

        assertThat(said).containsExactly(Refusal.Reason.STORAGE_ERROR);
        assertThat(refusal(journal.append(batch("a=2")))).isEqualTo(Refusal.Reason.STORAGE_ERROR);
        assertThat(whenCommitted(journal, end)).containsExactly(Refusal.Reason.STORAGE_ERROR);
    }

    @Test
    @DisplayName("refused when the partition is hosted here no longer")
    void stopped() {
        Journal journal = open(3, 1);
        offsets.table.stop(OffsetsPartition.ID);

        assertThat(refusal(journal.append(batch("a=1")))).isEqualTo(Refusal.Reason.NOT_LEADER_OR_FOLLOWER);
    }

    @Test
    @DisplayName("refused while too few replicas are in sync, and nothing is written (GROUP-06)")
    void tooFewInSync() {
        offsets =
                new OffsetsPartition(directory, new ManualClock(), new UUID(7, 7), Map.of("min.insync.replicas", "2"));
        offsets.partition.becomeLeader(
                new LeaderAndIsr(OffsetsPartition.SELF, 3, OffsetsPartition.brokers(1), 0),
                OffsetsPartition.brokers(1, 2));

        assertThat(refusal(journal(3).append(batch("a=1")))).isEqualTo(Refusal.Reason.NOT_ENOUGH_REPLICAS);
        assertThat(stored()).isEmpty();
    }

    @Test
    @DisplayName("a batch beyond what the topic takes is refused, and nothing is written (GROUP-06)")
    void tooLarge() {
        offsets =
                new OffsetsPartition(directory, new ManualClock(), new UUID(7, 7), Map.of("max.message.bytes", "1000"));
        offsets.partition.becomeLeader(
                new LeaderAndIsr(OffsetsPartition.SELF, 3, OffsetsPartition.brokers(1), 0),
                OffsetsPartition.brokers(1, 2));
        Journal journal = journal(3);

        assertThat(refusal(journal.append(batch("a=" + "x".repeat(1_000)))))
                .isEqualTo(Refusal.Reason.MESSAGE_TOO_LARGE);
        assertThat(journal.append(batch("a=" + "x".repeat(500))).value()).isEqualTo(1);
    }
}
