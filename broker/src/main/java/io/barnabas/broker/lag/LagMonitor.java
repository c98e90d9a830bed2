package io.barnabas.broker.lag;

import io.barnabas.consumer.coordinator.CommitListener;
import io.barnabas.consumer.coordinator.group.RebalanceReport;
import io.barnabas.consumer.coordinator.journal.GroupValue;
import io.barnabas.consumer.coordinator.lag.GroupHealth;
import io.barnabas.consumer.coordinator.lag.GroupLag;
import io.barnabas.consumer.coordinator.lag.LagConfig;
import io.barnabas.consumer.coordinator.lag.LogEnds;
import io.barnabas.consumer.coordinator.lag.PartitionLag;
import io.barnabas.model.TopicPartition;
import io.barnabas.runtime.time.Clock;
import java.util.List;
import java.util.SortedSet;
import java.util.TreeSet;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.ConcurrentMap;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.function.Consumer;
import java.util.function.ToIntFunction;

/**
 * Watches how the groups keep up whose coordinators run here. Told of commits by the coordinators, of time by {@link #sample}; asked by
 * anyone. Thread-safe: each group has a lock of its own, held for memory's time only.
 */
public final class LagMonitor implements CommitListener {
    private static final int REBALANCES_OF_A_GROUP = 20;
    private static final int GROUPS_WITH_REBALANCES = 10_000;

    /** Records whose age is looked up for one answer. */
    private static final int MOST_LOOKUPS = 1_000;

    private final LagConfig config;
    private final LogEnds ends;
    private final ToIntFunction<String> partitionOfGroup;
    private final Clock clock;
    private final ConcurrentMap<String, GroupLag> groups = new ConcurrentHashMap<>();
    private final RebalanceHistory rebalances = new RebalanceHistory(REBALANCES_OF_A_GROUP, GROUPS_WITH_REBALANCES);

    /** @param partitionOfGroup the partition of {@code __consumer_offsets} that a group belongs to */
    public LagMonitor(LagConfig config, LogEnds ends, ToIntFunction<String> partitionOfGroup, Clock clock) {
        this.config = config;
        this.ends = ends;
        this.partitionOfGroup = partitionOfGroup;
        this.clock = clock;
    }

    // ---- what coordinators tell

    @Override
    public void onCommit(String groupId, String topic, int partition, GroupValue.CommittedOffset value) {
        TopicPartition committed = new TopicPartition(topic, partition);
        long now = clock.epochMillis();
        groups.compute(groupId, (id, known) -> {
            GroupLag group = known == null ? new GroupLag(config) : known;
            synchronized (group) {
                group.commit(committed, value.offset(), value.commitTimestampMs(), ends.find(committed), now);
            }
            return group;
        });
    }

    @Override
    public void onForgotten(String groupId, String topic, int partition) {
        groups.computeIfPresent(groupId, (id, group) -> {
            synchronized (group) {
                group.forget(new TopicPartition(topic, partition));
                return group.isEmpty() ? null : group;
            }
        });
    }

    @Override
    public void onGroupGone(String groupId) {
        groups.remove(groupId);
        rebalances.forget(groupId);
    }

    @Override
    public void onUnloaded(int offsetsPartition) {
        groups.keySet().removeIf(group -> partitionOfGroup.applyAsInt(group) == offsetsPartition);
        rebalances.forgetIf(group -> partitionOfGroup.applyAsInt(group) == offsetsPartition);
    }

    @Override
    public void onRebalance(String groupId, RebalanceReport report) {
        rebalances.add(report);
    }

    // ---- what others do

    /** Looks at the ends of all logs that groups read; about every {@code barnabas.lag.sample.interval.ms}. */
    public void sample() {
        long now = clock.epochMillis();
        for (GroupLag group : groups.values()) {
            synchronized (group) {
                group.observe(ends, now);
            }
        }
    }

    /** How the group stands now, with such ages of records as are known already. */
    public GroupHealth health(String groupId) {
        GroupLag group = groups.get(groupId);
        if (group == null) {
            return GroupHealth.NOTHING_COMMITTED;
        }
        synchronized (group) {
            return group.evaluate(ends, clock.epochMillis());
        }
    }

    /**
     * How the group stands now, with the age of the oldest unread record of every partition, looked up where it is not known; of the first thousand
     * partitions if there are more.
     *
     * @param then called once, on any thread
     */
    public void healthWithAges(String groupId, Consumer<GroupHealth> then) {
        GroupHealth soFar = health(groupId);
        List<PartitionLag> ageless = soFar.partitions().stream()
                .filter(partition -> partition.lag() > 0 && partition.oldestUnreadMs() == PartitionLag.UNKNOWN)
                .limit(MOST_LOOKUPS)
                .toList();
        if (ageless.isEmpty()) {
            then.accept(soFar);
            return;
        }
        AtomicInteger waiting = new AtomicInteger(ageless.size());
        for (PartitionLag partition : ageless) {
            long firstUnread = firstUnread(partition);
            ends.timestampAt(partition.partition(), firstUnread, timestamp -> {
                remember(groupId, partition.partition(), firstUnread, timestamp);
                if (waiting.decrementAndGet() == 0) {
                    then.accept(health(groupId));
                }
            });
        }
    }

    /** The latest rebalances of the group, the latest first. */
    public List<RebalanceReport> rebalances(String groupId) {
        return rebalances.of(groupId);
    }

    /** Groups that have committed offsets. */
    public SortedSet<String> groups() {
        return new TreeSet<>(groups.keySet());
    }

    /** Groups that have committed offsets in the topic. */
    public SortedSet<String> groupsReading(String topic) {
        SortedSet<String> readers = new TreeSet<>();
        groups.forEach((id, group) -> {
            synchronized (group) {
                if (group.reads(topic)) {
                    readers.add(id);
                }
            }
        });
        return readers;
    }

    private long firstUnread(PartitionLag partition) {
        var end = ends.find(partition.partition());
        return end == null ? partition.committedOffset() : Math.max(partition.committedOffset(), end.startOffset());
    }

    private void remember(String groupId, TopicPartition partition, long offset, long timestampMs) {
        GroupLag group = groups.get(groupId);
        if (group != null) {
            synchronized (group) {
                group.rememberOldest(partition, offset, timestampMs);
            }
        }
    }
}
