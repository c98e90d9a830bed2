package io.barnabas.broker.replica;

import io.barnabas.log.PartitionLog;
import io.barnabas.model.BrokerId;
import io.barnabas.model.Invariant;
import io.barnabas.model.TopicIds;
import io.barnabas.model.TopicPartition;
import io.barnabas.runtime.time.Clock;
import java.util.Arrays;
import java.util.Collection;
import java.util.Collections;
import java.util.HashSet;
import java.util.Set;
import java.util.UUID;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.ConcurrentMap;

/**
 * The partitions this broker hosts. Found from any thread; changed by the one that applies what the controller says.
 */
public final class PartitionTable {
    private static final Partition[] NONE = {};

    private final BrokerId self;
    private final long replicaLagMaxMillis;
    private final Clock clock;
    private final IsrProposals proposals;
    private final LiveBrokers liveBrokers;
    private final LeaderLease lease;

    private final ConcurrentMap<TopicPartition, Partition> byName = new ConcurrentHashMap<>();
    /** By topic id, then at its number; the arrays are replaced, never changed. */
    private final ConcurrentMap<UUID, Partition[]> byTopicId = new ConcurrentHashMap<>();

    private final Set<TopicPartition> onFailedDisks = ConcurrentHashMap.newKeySet();
    private volatile Runnable onLost = () -> {};

    /** Of a broker that nobody else could take anything from. */
    public PartitionTable(
            BrokerId self, long replicaLagMaxMillis, Clock clock, IsrProposals proposals, LiveBrokers liveBrokers) {
        this(self, replicaLagMaxMillis, clock, proposals, liveBrokers, LeaderLease.ALWAYS);
    }

    /** @param replicaLagMaxMillis {@code replica.lag.time.max.ms} */
    public PartitionTable(
            BrokerId self,
            long replicaLagMaxMillis,
            Clock clock,
            IsrProposals proposals,
            LiveBrokers liveBrokers,
            LeaderLease lease) {
        this.self = self;
        this.replicaLagMaxMillis = replicaLagMaxMillis;
        this.clock = clock;
        this.proposals = proposals;
        this.liveBrokers = liveBrokers;
        this.lease = lease;
    }

    /** This broker. */
    public BrokerId self() {
        return self;
    }

    /** Null if it is not hosted here, or its disk was lost before it could be. */
    public Partition find(TopicPartition partition) {
        return byName.get(partition);
    }

    /** Null if it is not hosted here. */
    public Partition find(UUID topicId, int partition) {
        Partition[] partitions = byTopicId.getOrDefault(topicId, NONE);
        return partition >= 0 && partition < partitions.length ? partitions[partition] : null;
    }

    /** Whether the partition is assigned here but its directory is lost, so that it must not be made anew (LOG-42). */
    public boolean isOnFailedDisk(TopicPartition partition) {
        return onFailedDisks.contains(partition);
    }

    public Collection<Partition> partitions() {
        return Collections.unmodifiableCollection(byName.values());
    }

    /**
     * Hosts the partition of {@code log} from now on, as a follower of nobody until a role is given. The same log again gives
     * the same partition; one of another topic id takes the place of the old.
     */
    public synchronized Partition host(PartitionLog log) {
        Partition before = byName.get(log.partition());
        if (before != null && before.log() == log) {
            return before;
        }
        if (before != null) {
            end(log.partition(), ReplicaRole.STOPPED);
        }
        Invariant.holds(!log.topicId().equals(TopicIds.ZERO), "log without topic id");
        Partition partition = new Partition(
                self, log, replicaLagMaxMillis, clock, proposals, liveBrokers, lease, lost -> onLost.run());
        onFailedDisks.remove(log.partition());
        byName.put(log.partition(), partition);
        int number = log.partition().partition();
        byTopicId.compute(log.topicId(), (id, old) -> {
            Partition[] next =
                    old == null ? new Partition[number + 1] : Arrays.copyOf(old, Math.max(old.length, number + 1));
            next[number] = partition;
            return next;
        });
        return partition;
    }

    /** Notes that the partition is assigned here and its directory is lost: it answers with a storage error. */
    public synchronized void hostOnFailedDisk(TopicPartition partition) {
        end(partition, ReplicaRole.OFFLINE);
        onFailedDisks.add(partition);
        onLost.run();
    }

    /** Calls {@code listener} whenever {@link #lost} has become more; on any thread, maybe under locks, so it must not block. */
    public void onLost(Runnable listener) {
        onLost = listener;
    }

    /** What is assigned here and cannot be served since its disk failed or its log is not as it must be (LOG-40). */
    public Set<TopicPartition> lost() {
        Set<TopicPartition> lost = new HashSet<>(onFailedDisks);
        for (Partition partition : byName.values()) {
            if (partition.view().role() == ReplicaRole.OFFLINE) {
                lost.add(partition.id());
            }
        }
        return lost;
    }

    /**
     * Hosts the partition no longer: it is assigned elsewhere, or deleted. Those who wait for it are told. The log is the
     * caller's to keep or to delete.
     *
     * @return the partition, null if it was not hosted
     */
    public synchronized Partition stop(TopicPartition id) {
        return end(id, ReplicaRole.STOPPED);
    }

    private Partition end(TopicPartition id, ReplicaRole last) {
        onFailedDisks.remove(id);
        Partition partition = byName.remove(id);
        if (partition == null) {
            return null;
        }
        byTopicId.computeIfPresent(partition.topicId(), (topicId, old) -> {
            Partition[] next = old.clone();
            next[id.partition()] = null;
            for (Partition other : next) {
                if (other != null) {
                    return next;
                }
            }
            return null;
        });
        partition.end(last);
        return partition;
    }

    /** Some brokers are gone or registered anew, as {@link LiveBrokers} tells by now. */
    public void onBrokersChanged() {
        byName.values().forEach(Partition::onBrokersChanged);
    }

    /** A controller has told all it knows, and it has been applied. */
    public void onFullState() {
        byName.values().forEach(Partition::onFullState);
    }

    /** Lets every partition look after its followers; about every {@code replica.lag.time.max.ms / 2}. */
    public void tick() {
        for (Partition partition : byName.values()) {
            partition.tick();
        }
    }
}
