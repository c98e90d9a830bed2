package io.barnabas.broker.group;

import static org.assertj.core.api.Assertions.assertThat;

import io.barnabas.broker.config.InternalTopics;
import io.barnabas.broker.metadata.ClusterView;
import io.barnabas.broker.metadata.Clusters;
import io.barnabas.consumer.coordinator.GroupCoordinator;
import io.barnabas.consumer.coordinator.GroupSetting;
import io.barnabas.consumer.coordinator.offsets.CommitOffsets;
import io.barnabas.consumer.coordinator.offsets.FetchOffsets;
import io.barnabas.log.batch.Compression;
import io.barnabas.log.batch.EndTransactionMarker;
import io.barnabas.log.storage.StorageException;
import io.barnabas.model.Refusal;
import io.barnabas.model.TopicPartition;
import io.barnabas.runtime.loop.ManualLoop;
import io.barnabas.runtime.replicated.CapturedReply;
import io.barnabas.runtime.replicated.Journal;
import io.barnabas.runtime.time.ManualClock;
import java.nio.file.Path;
import java.util.ArrayDeque;
import java.util.List;
import java.util.Map;
import java.util.Queue;
import java.util.Random;
import java.util.UUID;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.DisplayName;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** A coordinator over a real partition, whose leadership comes and goes. */
class GroupLeadershipTest {
    private static final String GROUP = "billing";
    private static final String TOPIC = "orders";
    private static final TopicPartition ORDERS = new TopicPartition(TOPIC, 0);
    private static final UUID OLD = new UUID(1, 1);
    private static final UUID NEW = new UUID(1, 2);

    @TempDir
    Path directory;

    private final ManualClock clock = new ManualClock();
    private final ManualLoop loop = new ManualLoop(clock);
    private final Queue<Runnable> control = new ArrayDeque<>();
    private final Queue<Runnable> worker = new ArrayDeque<>();
    private OffsetsPartition offsets;
    private GroupLeadership leadership;
    private GroupCoordinator coordinator;

    @BeforeEach
    void start() {
        offsets = new OffsetsPartition(directory, clock, Clusters.idOf(InternalTopics.OFFSETS), Map.of());
        leadership = new GroupLeadership(
                offsets.table,
                Compression.NONE,
                1 << 20,
                control::add,
                made -> new GroupCoordinator(
                        GroupSetting.DEFAULT,
                        made::offsetsPartitionCount,
                        List.of(loop),
                        worker::add,
                        clock,
                        new Random(1)));
        coordinator = leadership.coordinator();
    }

    @AfterEach
    void stop() {
        leadership.close();
        settle();
        offsets.close();
    }

    private void restart() {
        stop();
        start();
    }

    /** Carries out everything that was handed to another thread. */
    private void settle() {
        do {
            loop.runAll();
            run(control);
            run(worker);
            loop.runAll();
        } while (!control.isEmpty() || !worker.isEmpty());
    }

    private static void run(Queue<Runnable> tasks) {
        for (Runnable task = tasks.poll(); task != null; task = tasks.poll()) {
            task.run();
        }
    }

    /** @param orders the topic's id, null if there is no such topic */
    private static ClusterView cluster(UUID orders) {
        Clusters clusters = new Clusters().broker(1, "PLAINTEXT").topic(InternalTopics.OFFSETS, 1, 1);
        return (orders == null ? clusters : clusters.topic(TOPIC, orders, 1, 1)).view();
    }

    private void lead(int leaderEpoch) {
        offsets.lead(leaderEpoch, 1);
        leadership.onCluster(cluster(OLD));
        settle();
    }

    private CapturedReply<CommitOffsets.Answer> commit(UUID topicId, long offset) {
        return commit(topicId, offset, Journal.NO_PRODUCER, -1);
    }

    private CapturedReply<CommitOffsets.Answer> commit(UUID topicId, long offset, long producerId, int producerEpoch) {
        CapturedReply<CommitOffsets.Answer> reply = new CapturedReply<>();
        coordinator.commit(
                new CommitOffsets(
                        GROUP,
                        "",
                        null,
                        -1,
                        (short) 8,
                        -1,
                        producerId,
                        (short) producerEpoch,
                        List.of(new CommitOffsets.Position(ORDERS, topicId, offset, -1, ""))),
                reply);
        loop.runAll();
        return reply;
    }

    private CapturedReply<FetchOffsets.Answer> ask() {
        return ask(false);
    }

    private CapturedReply<FetchOffsets.Answer> ask(boolean requireStable) {
        CapturedReply<FetchOffsets.Answer> reply = new CapturedReply<>();
        coordinator.fetchOffsets(new FetchOffsets(GROUP, null, -1, List.of(ORDERS), requireStable), reply);
        loop.runAll();
        return reply;
    }

    private long committed() {
        return ask().answer().positions().get(ORDERS).offset();
    }

    @Test
    @DisplayName("what is led is coordinated, once its log is read (GROUP-03, GROUP-04)")
    void leads() {
        leadership.onCluster(cluster(OLD));
        settle();
        assertThat(ask().refusal()).isEqualTo(Refusal.Reason.NOT_COORDINATOR);

        offsets.lead(3, 1);
        leadership.onCluster(cluster(OLD));
        assertThat(ask().refusal()).isEqualTo(Refusal.Reason.COORDINATOR_LOAD_IN_PROGRESS);
        settle();
        assertThat(commit(OLD, 5).answer().refused()).isEmpty();
        assertThat(committed()).isEqualTo(5);
        assertThat(coordinator.leaderEpochOf(0)).isEqualTo(3);
    }

    @Test
    @DisplayName("the same leader in a new epoch loads anew, and finds what was acknowledged (GROUP-04, GROUP-27)")
    void newEpoch() {
        lead(3);
        commit(OLD, 5);
        offsets.lead(4, 1);
        settle();

        assertThat(coordinator.leaderEpochOf(0)).isEqualTo(4);
        assertThat(committed()).isEqualTo(5);
        assertThat(commit(OLD, 6).answer().refused()).isEmpty();
    }

    @Test
    @DisplayName("who waits for a commit of an epoch that ended is sent to ask again (GROUP-05)")
    void waitsAcrossEpochs() {
        offsets.lead(3, 1, 2);
        leadership.onCluster(cluster(OLD));
        settle();
        CapturedReply<CommitOffsets.Answer> undecided = commit(OLD, 5);
        assertThat(undecided.isWaiting()).isTrue();
        offsets.lead(4, 1);
        settle();

        assertThat(undecided.refusal()).isEqualTo(Refusal.Reason.NOT_COORDINATOR);
        assertThat(committed()).isEqualTo(5);
    }

    @Test
    @DisplayName("a deposed leader resigns without being told by the controller's picture")
    void deposed() {
        lead(3);
        offsets.follow(2, 4, 1, 2);
        settle();

        assertThat(ask().refusal()).isEqualTo(Refusal.Reason.NOT_COORDINATOR);
        assertThat(coordinator.leaderEpochOf(0)).isEqualTo(-1);
    }

    @Test
    @DisplayName("when the disk fails, the groups are coordinated here no longer")
    void offline() {
        lead(3);
        offsets.partition.fail(new StorageException("pulled out"));
        settle();

        assertThat(ask().refusal()).isEqualTo(Refusal.Reason.NOT_COORDINATOR);
    }

    @Test
    @DisplayName("when the partition is stopped, the groups are coordinated here no longer")
    void stopped() {
        lead(3);
        offsets.table.stop(OffsetsPartition.ID);
        settle();

        assertThat(ask().refusal()).isEqualTo(Refusal.Reason.NOT_COORDINATOR);
    }

    @Test
    @DisplayName("when __consumer_offsets is deleted, nothing is coordinated any more")
    void topicDeleted() {
        lead(3);
        offsets.table.stop(OffsetsPartition.ID);
        leadership.onCluster(new Clusters().broker(1, "PLAINTEXT").view());
        settle();

        assertThat(ask().refusal()).isEqualTo(Refusal.Reason.NOT_COORDINATOR);
        assertThat(coordinator.leaderEpochOf(0)).isEqualTo(-1);
    }

    @Test
    @DisplayName("partitions that are added to __consumer_offsets change nobody's coordinator (GROUP-01)")
    void partitionsAdded() {
        lead(3);
        commit(OLD, 5);
        leadership.onCluster(new Clusters()
                .broker(1, "PLAINTEXT")
                .topic(InternalTopics.OFFSETS, 7, 1)
                .topic(TOPIC, OLD, 1, 1)
                .view());
        settle();

        assertThat(coordinator.partitionFor(GROUP)).isZero();
        assertThat(committed()).isEqualTo(5);
    }

    @Test
    @DisplayName(
            "a damaged log is never served from in part: its groups wait, and are there again when it is repaired (GROUP-04, GROUP-27)")
    void damaged() throws Exception {
        lead(3);
        commit(OLD, 5);
        long end = offsets.partition.log().sizeInBytes();
        commit(OLD, 6);
        offsets.flip(end + 70);
        offsets.lead(4, 1);
        settle();

        assertThat(ask().refusal()).isEqualTo(Refusal.Reason.COORDINATOR_LOAD_IN_PROGRESS);
        for (int minute = 0; minute < 10; minute++) {
            loop.advanceMillis(60_000);
            settle();
            assertThat(ask().refusal()).isEqualTo(Refusal.Reason.COORDINATOR_LOAD_IN_PROGRESS);
        }
        assertThat(commit(OLD, 7).refusal()).isEqualTo(Refusal.Reason.COORDINATOR_LOAD_IN_PROGRESS);
        assertThat(offsets.partition.view().isLeader()).isTrue();
        offsets.flip(end + 70);
        loop.advanceMillis(60_000);
        settle();
        assertThat(committed()).isEqualTo(6);
    }

    @Test
    @DisplayName("a topic that is made anew has no committed offsets, neither now nor after a restart (GROUP-09)")
    void madeAnew() {
        lead(3);
        commit(OLD, 5);
        leadership.onCluster(cluster(null));
        settle();
        leadership.onCluster(cluster(NEW));
        settle();

        assertThat(committed()).isEqualTo(-1);
        restart();
        offsets.lead(4, 1);
        leadership.onCluster(cluster(NEW));
        settle();
        assertThat(committed()).isEqualTo(-1);
        commit(NEW, 1);
        assertThat(committed()).isEqualTo(1);
    }

    @Test
    @DisplayName("also if it was deleted while nobody coordinated the group (GROUP-09)")
    void deletedMeanwhile() {
        lead(3);
        commit(OLD, 5);
        restart();
        offsets.lead(4, 1);
        leadership.onCluster(cluster(null));
        settle();
        leadership.onCluster(cluster(NEW));
        settle();

        assertThat(committed()).isEqualTo(-1);
        restart();
        offsets.lead(5, 1);
        leadership.onCluster(cluster(NEW));
        settle();
        assertThat(committed()).as("its tombstone is in the log").isEqualTo(-1);
    }

    @Test
    @DisplayName("or made anew while the log was read (GROUP-09)")
    void madeAnewWhileLoading() {
        lead(3);
        commit(OLD, 5);
        offsets.lead(4, 1);
        loop.runAll();
        run(control);
        loop.runAll();
        Runnable load = worker.remove();
        leadership.onCluster(cluster(null));
        leadership.onCluster(cluster(NEW));
        load.run();
        settle();

        assertThat(committed()).isEqualTo(-1);
    }

    @Test
    @DisplayName(
            "what a transaction commits is pending, in every later leadership, until the log holds its end (GROUP-22)")
    void transactions() {
        lead(3);
        commit(OLD, 5);
        assertThat(commit(OLD, 9, 7, 0).answer().refused()).isEmpty();
        assertThat(committed()).isEqualTo(5);
        assertThat(unstable()).isTrue();

        offsets.lead(4, 1);
        settle();
        assertThat(committed()).isEqualTo(5);
        assertThat(unstable()).isTrue();
        offsets.append(new EndTransactionMarker(true, 0).toBatch(7, (short) 0, clock.epochMillis()));
        offsets.lead(5, 1);
        settle();
        assertThat(committed()).isEqualTo(9);
        assertThat(unstable()).isFalse();

        commit(OLD, 11, 7, 0);
        assertThat(unstable()).isTrue();
        offsets.append(new EndTransactionMarker(false, 0).toBatch(7, (short) 0, clock.epochMillis()));
        offsets.lead(6, 1);
        settle();
        assertThat(committed()).isEqualTo(9);
        assertThat(unstable()).isFalse();
    }

    private boolean unstable() {
        return ask(true).answer().positions().get(ORDERS).error() == Refusal.Reason.UNSTABLE_OFFSET_COMMIT;
    }

    @Test
    @DisplayName("when the broker stops, those who wait are told, and nothing is led afterwards (GROUP-05)")
    void closed() {
        offsets.lead(3, 1, 2);
        leadership.onCluster(cluster(OLD));
        settle();
        CapturedReply<CommitOffsets.Answer> undecided = commit(OLD, 5);
        leadership.close();
        settle();

        assertThat(undecided.refusal()).isEqualTo(Refusal.Reason.NOT_COORDINATOR);
        leadership.onCluster(cluster(OLD));
        offsets.lead(4, 1);
        settle();
        assertThat(ask().refusal()).isEqualTo(Refusal.Reason.NOT_COORDINATOR);
    }
}
