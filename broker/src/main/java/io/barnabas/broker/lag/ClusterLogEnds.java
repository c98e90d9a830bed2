package io.barnabas.broker.lag;

import io.barnabas.consumer.coordinator.lag.LogEnd;
import io.barnabas.consumer.coordinator.lag.LogEnds;
import io.barnabas.coordination.control.PartitionEnds;
import io.barnabas.model.BrokerId;
import io.barnabas.model.TopicPartition;
import io.barnabas.runtime.time.Clock;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.concurrent.CompletionStage;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.ConcurrentMap;
import java.util.function.Function;
import java.util.function.LongConsumer;

/**
 * The logs of the whole cluster: those that this broker leads as they are now, those of others as their leaders told when they were last asked,
 * which is about every {@code barnabas.lag.sample.interval.ms}. Only those are asked for that somebody here wants to know of. Thread-safe.
 */
public final class ClusterLogEnds implements LogEnds {
    /** What was told longer ago than so many rounds is not known any more: its leader cannot be reached, or is another. */
    private static final int ROUNDS_KEPT = 3;

    private final LogEnds here;
    private final Function<TopicPartition, BrokerId> leader;
    private final BrokerId self;
    private final Leaders leaders;
    private final Clock clock;
    private final long keptNanos;

    /** Wanted since the round before the last. */
    private final Set<TopicPartition> wanted = ConcurrentHashMap.newKeySet();

    private final Set<TopicPartition> wantedBefore = ConcurrentHashMap.newKeySet();
    private final ConcurrentMap<TopicPartition, Told> told = new ConcurrentHashMap<>();

    private record Told(LogEnd end, long atNanos) {}

    /** Port to other brokers. Any thread. */
    public interface Leaders {
        /** @return without those that it does not lead; empty if it does not answer */
        CompletionStage<List<PartitionEnds>> ends(BrokerId leader, Set<TopicPartition> partitions);

        /** @return {@link LogEnds#NO_TIMESTAMP} if it does not know, or does not answer */
        CompletionStage<Long> timestampAt(BrokerId leader, TopicPartition partition, long offset);
    }

    /**
     * @param here   what this broker leads
     * @param leader of a partition; {@link BrokerId#NONE} if none is known
     * @param everyMs how often {@link #refresh} is called
     */
    public ClusterLogEnds(
            LogEnds here,
            BrokerId self,
            Function<TopicPartition, BrokerId> leader,
            Leaders leaders,
            long everyMs,
            Clock clock) {
        this.here = here;
        this.self = self;
        this.leader = leader;
        this.leaders = leaders;
        this.keptNanos = everyMs * ROUNDS_KEPT * 1_000_000L;
        this.clock = clock;
    }

    @Override
    public LogEnd find(TopicPartition partition) {
        LogEnd own = here.find(partition);
        if (own != null) {
            return own;
        }
        wanted.add(partition);
        Told last = told.get(partition);
        return last == null || clock.nanoTime() - last.atNanos > keptNanos ? null : last.end;
    }

    @Override
    public void timestampAt(TopicPartition partition, long offset, LongConsumer then) {
        BrokerId at = leader.apply(partition);
        if (at.equals(self) || at.isNone()) {
            here.timestampAt(partition, offset, then);
            return;
        }
        leaders.timestampAt(at, partition, offset)
                .whenComplete((timestamp, failure) -> then.accept(failure != null ? NO_TIMESTAMP : timestamp));
    }

    /** Asks the leaders anew; what they say is known when they have answered. By one thread at a time. */
    public void refresh() {
        Set<TopicPartition> asked = new HashSet<>(wantedBefore);
        wantedBefore.clear();
        for (TopicPartition partition : wanted) {
            wanted.remove(partition);
            wantedBefore.add(partition);
            asked.add(partition);
        }
        told.keySet().retainAll(asked);
        Map<BrokerId, Set<TopicPartition>> byLeader = new HashMap<>();
        for (TopicPartition partition : asked) {
            BrokerId at = leader.apply(partition);
            if (!at.isNone() && !at.equals(self)) {
                byLeader.computeIfAbsent(at, none -> new HashSet<>()).add(partition);
            }
        }
        long now = clock.nanoTime();
        byLeader.forEach((at, partitions) -> leaders.ends(at, partitions).thenAccept(ends -> {
            for (PartitionEnds one : ends) {
                told.put(one.partition(), new Told(new LogEnd(one.startOffset(), one.endOffset()), now));
            }
        }));
    }
}
