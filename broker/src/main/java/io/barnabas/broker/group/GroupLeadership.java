package io.barnabas.broker.group;

import io.barnabas.broker.config.InternalTopics;
import io.barnabas.broker.metadata.ClusterView;
import io.barnabas.broker.replica.Partition;
import io.barnabas.broker.replica.PartitionTable;
import io.barnabas.broker.replica.PartitionView;
import io.barnabas.broker.replica.Watchers;
import io.barnabas.consumer.coordinator.GroupCoordinator;
import io.barnabas.log.batch.Compression;
import io.barnabas.model.TopicPartition;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.UUID;
import java.util.concurrent.Executor;
import java.util.concurrent.RejectedExecutionException;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.function.Function;

/**
 * Has the coordinator lead what this broker leads of {@code __consumer_offsets}, and nothing else: a new picture of the cluster begins and ends
 * leaderships, and so does the partition itself when it goes offline, is stopped, or finds that it has been deposed.
 */
public final class GroupLeadership implements AutoCloseable {
    private final PartitionTable partitions;
    private final Compression compression;
    private final int loadBufferBytes;
    private final Executor control;
    private final GroupCoordinator coordinator;

    private volatile int partitionCount;

    // touched by the control thread only
    private final Map<Integer, Seat> seats = new HashMap<>();
    private ClusterTopicImage image;
    private UUID topicId;
    private volatile boolean closed;

    /** One partition that is led here, in one epoch. */
    private record Seat(Partition partition, int leaderEpoch, Watchers.Watch watch) {}

    /**
     * @param compression     {@code offsets.topic.compression.codec}
     * @param loadBufferBytes {@code offsets.load.buffer.size}
     * @param control         the thread that applies what the controller says
     * @param newCoordinator  made from this one, which knows how many partitions there are
     */
    public GroupLeadership(
            PartitionTable partitions,
            Compression compression,
            int loadBufferBytes,
            Executor control,
            Function<GroupLeadership, GroupCoordinator> newCoordinator) {
        this.partitions = partitions;
        this.compression = compression;
        this.loadBufferBytes = loadBufferBytes;
        this.control = control;
        this.coordinator = newCoordinator.apply(this);
    }

    public GroupCoordinator coordinator() {
        return coordinator;
    }

    /** As many as the topic had when it was first seen here, whatever is added to it since (GROUP-01); 0 before. */
    public int offsetsPartitionCount() {
        return partitionCount;
    }

    /** A new picture of the cluster; its partitions have their roles already. Called by the control thread. */
    public void onCluster(ClusterView view) {
        if (closed) {
            return;
        }
        image = ClusterTopicImage.after(image, view);
        coordinator.onTopics(image);
        ClusterView.Topic topic = view.topic(InternalTopics.OFFSETS);
        if (topic != null && !topic.id().equals(topicId)) {
            topicId = topic.id();
            partitionCount = topic.partitions().size();
        }
        List.copyOf(seats.keySet()).forEach(this::look);
        if (topic != null) {
            for (int partition = 0; partition < partitionCount; partition++) {
                look(partition);
            }
        }
    }

    /** Compares what is coordinated with what is led. */
    private void look(int number) {
        Partition partition = partitions.find(new TopicPartition(InternalTopics.OFFSETS, number));
        PartitionView view = partition == null ? null : partition.view();
        boolean leads = !closed && view != null && view.isLeader();
        Seat seat = seats.get(number);
        if (seat != null && leads && seat.partition == partition && seat.leaderEpoch == view.leaderEpoch()) {
            return;
        }
        if (seat != null) {
            seats.remove(number);
            seat.watch.end();
            coordinator.resign(number);
        }
        if (leads) {
            int leaderEpoch = view.leaderEpoch();
            AtomicBoolean noticed = new AtomicBoolean();
            Watchers.Watch watch = partition.watch((changed, now) -> {
                if ((!now.isLeader() || now.leaderEpoch() != leaderEpoch) && noticed.compareAndSet(false, true)) {
                    lookLater(number);
                }
            });
            seats.put(number, new Seat(partition, leaderEpoch, watch));
            coordinator.lead(
                    number,
                    leaderEpoch,
                    new PartitionGroupJournal(partition, leaderEpoch, compression),
                    new PartitionStoredLog(partition, loadBufferBytes));
            PartitionView now = partition.view();
            if (!now.isLeader() || now.leaderEpoch() != leaderEpoch) {
                lookLater(number); // changed before there was anyone to watch
            }
        }
    }

    private void lookLater(int number) {
        try {
            control.execute(() -> look(number));
        } catch (RejectedExecutionException stopping) {
            // the thread that applies changes is closed last but one: this partition is being stopped with all others
            coordinator.resign(number);
        }
    }

    /** Ends every leadership; those who wait are told to ask elsewhere. Called by any thread, before the loops are closed. */
    @Override
    public void close() {
        closed = true;
        coordinator.close();
    }
}
