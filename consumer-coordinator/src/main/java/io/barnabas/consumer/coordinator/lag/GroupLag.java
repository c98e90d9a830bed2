package io.barnabas.consumer.coordinator.lag;

import io.barnabas.model.TopicPartition;
import java.util.ArrayList;
import java.util.List;
import java.util.NavigableMap;
import java.util.Set;
import java.util.TreeMap;

/** What one group has committed lately, one window for each partition. Used by one thread at a time. */
public final class GroupLag {
    private final LagConfig config;
    private final NavigableMap<TopicPartition, CommitWindow> windows = new TreeMap<>();

    public GroupLag(LagConfig config) {
        this.config = config;
    }

    /**
     * Takes in a committed offset.
     *
     * @param commitMs milliseconds since 1970, as stored with the offset; long ago if it was loaded
     * @param logEnd   of the partition at this moment, null if not known
     */
    public void commit(TopicPartition partition, long offset, long commitMs, LogEnd logEnd, long nowMs) {
        windows.computeIfAbsent(partition, p -> new CommitWindow(config, nowMs))
                .onCommit(offset, commitMs, logEnd, nowMs);
    }

    /** The group has no committed offset there any more. */
    public void forget(TopicPartition partition) {
        windows.remove(partition);
    }

    public boolean isEmpty() {
        return windows.isEmpty();
    }

    /** Where it has committed. */
    public Set<TopicPartition> partitions() {
        return Set.copyOf(windows.keySet());
    }

    /** Whether it has committed in some partition of {@code topic}. */
    public boolean reads(String topic) {
        TopicPartition first = windows.ceilingKey(new TopicPartition(topic, 0));
        return first != null && first.topic().equals(topic);
    }

    /** Looks at the ends of the logs, so that it is known since when there has been something to read. To be called now and then. */
    public void observe(LogEnds ends, long nowMs) {
        windows.forEach((partition, window) -> window.observe(ends.find(partition), nowMs));
    }

    /** Judges all partitions as they are now. */
    public GroupHealth evaluate(LogEnds ends, long nowMs) {
        List<PartitionLag> partitions = new ArrayList<>(windows.size());
        windows.forEach((partition, window) -> partitions.add(window.evaluate(partition, ends.find(partition), nowMs)));
        return GroupHealth.of(partitions);
    }

    /** Takes in the timestamp of the record at {@code offset}; later evaluations tell it while that is the first unread record. */
    public void rememberOldest(TopicPartition partition, long offset, long timestampMs) {
        CommitWindow window = windows.get(partition);
        if (window != null) {
            window.rememberOldest(offset, timestampMs);
        }
    }
}
