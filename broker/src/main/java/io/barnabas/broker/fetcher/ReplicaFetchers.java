package io.barnabas.broker.fetcher;

import io.barnabas.broker.config.ReplicationConfig;
import io.barnabas.broker.replica.Partition;
import io.barnabas.broker.replica.Replication;
import io.barnabas.broker.throttle.ReplicaThrottle;
import io.barnabas.model.BrokerId;
import io.barnabas.model.LeaderAndIsr;
import io.barnabas.model.TopicPartition;
import io.barnabas.runtime.loop.EventLoop;
import io.barnabas.runtime.time.Clock;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.concurrent.Executor;
import java.util.concurrent.RejectedExecutionException;
import java.util.function.LongSupplier;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Everything this broker copies from others. A partition always belongs to the same loop; on each loop there is one
 * {@link ReplicaFetcher} for each leader, with a connection of its own, as long as there is anything to copy from it. Any thread.
 */
public final class ReplicaFetchers implements Replication, AutoCloseable {
    private static final Logger LOG = LoggerFactory.getLogger(ReplicaFetchers.class);

    private final BrokerId self;
    private final LongSupplier brokerEpoch;
    private final ReplicationConfig config;
    private final ReplicaThrottle throttle;
    private final LeaderConnections connections;
    private final LeaderContacts contacts;
    private final Executor disks;
    private final Clock clock;
    private final List<Lane> lanes = new ArrayList<>();

    /**
     * @param brokerEpoch of this broker's registration
     * @param throttle    of what is copied
     * @param contacts    told of leaders that are lost and reached again
     * @param loops       as many as are to copy side by side
     * @param disks       threads that may wait for disks
     */
    public ReplicaFetchers(
            BrokerId self,
            LongSupplier brokerEpoch,
            ReplicationConfig config,
            ReplicaThrottle throttle,
            LeaderConnections connections,
            LeaderContacts contacts,
            List<? extends EventLoop> loops,
            Executor disks,
            Clock clock) {
        this.self = self;
        this.brokerEpoch = brokerEpoch;
        this.config = config;
        this.throttle = throttle;
        this.connections = connections;
        this.contacts = contacts;
        this.disks = disks;
        this.clock = clock;
        for (EventLoop loop : loops) {
            lanes.add(new Lane(loop));
        }
        throttle.onChange(() -> lanes.forEach(lane -> lane.execute(lane::throttleChanged)));
    }

    @Override
    public void follow(Partition partition, LeaderAndIsr state) {
        if (state.leader().isNone() || state.leader().equals(self)) {
            unfollow(partition.id());
            return;
        }
        Lane lane = laneOf(partition.id());
        lane.execute(() -> lane.follow(partition, state.leader(), state.leaderEpoch()));
    }

    @Override
    public void unfollow(TopicPartition partition) {
        Lane lane = laneOf(partition);
        lane.execute(() -> lane.unfollow(partition));
    }

    /** Copies nothing any more. */
    public void closeAll() {
        for (Lane lane : lanes) {
            lane.execute(lane::close);
        }
    }

    @Override
    public void close() {
        closeAll();
    }

    private Lane laneOf(TopicPartition partition) {
        return lanes.get(Math.floorMod(partition.hashCode(), lanes.size()));
    }

    /** One loop and what is copied on it. */
    private final class Lane {
        private final EventLoop loop;
        private final Map<BrokerId, ReplicaFetcher> fetchers = new HashMap<>();
        private final Map<TopicPartition, Followed> followed = new HashMap<>();
        private boolean closed;

        Lane(EventLoop loop) {
            this.loop = loop;
        }

        void execute(Runnable task) {
            try {
                loop.execute(task);
            } catch (RejectedExecutionException stopped) {
                LOG.atDebug().log("loop has ended, nothing is copied on it any more");
            }
        }

        void follow(Partition partition, BrokerId leader, int leaderEpoch) {
            if (closed) {
                return;
            }
            Followed before = followed.get(partition.id());
            if (before != null && (before.partition != partition || !before.leader.equals(leader))) {
                unfollow(partition.id());
            }
            followed.put(partition.id(), new Followed(partition, leader));
            fetchers.computeIfAbsent(leader, this::fetcher).follow(partition, leaderEpoch);
        }

        private ReplicaFetcher fetcher(BrokerId leader) {
            return new ReplicaFetcher(
                    self,
                    leader,
                    brokerEpoch,
                    config,
                    throttle,
                    connections.to(leader, loop),
                    contacts,
                    loop,
                    disks,
                    clock);
        }

        void unfollow(TopicPartition id) {
            Followed before = followed.remove(id);
            if (before == null) {
                return;
            }
            ReplicaFetcher fetcher = fetchers.get(before.leader);
            if (fetcher == null) {
                return; // it had given this one up by itself, and was closed with its last one
            }
            fetcher.unfollow(before.partition);
            if (fetcher.isEmpty()) {
                fetcher.close();
                fetchers.remove(before.leader);
            }
        }

        void throttleChanged() {
            fetchers.values().forEach(ReplicaFetcher::throttleChanged);
        }

        void close() {
            closed = true;
            fetchers.values().forEach(ReplicaFetcher::close);
            fetchers.clear();
            followed.clear();
        }
    }

    private record Followed(Partition partition, BrokerId leader) {}
}
