package io.barnabas.broker.fetcher;

import io.barnabas.broker.api.ConnectionNotes;
import io.barnabas.broker.api.FetchHandler;
import io.barnabas.broker.api.FetchSessions;
import io.barnabas.broker.api.FetchWaiters;
import io.barnabas.broker.api.ListOffsetsHandler;
import io.barnabas.broker.api.OffsetForLeaderEpochHandler;
import io.barnabas.broker.api.PartitionFinder;
import io.barnabas.broker.api.ReadReplicas;
import io.barnabas.broker.api.Reply;
import io.barnabas.broker.api.RequestContext;
import io.barnabas.broker.api.TopicLookup;
import io.barnabas.broker.config.ReplicationConfig;
import io.barnabas.broker.config.ThrottleConfig;
import io.barnabas.broker.replica.IsrProposals;
import io.barnabas.broker.replica.LiveBrokers;
import io.barnabas.broker.replica.Partition;
import io.barnabas.broker.replica.PartitionTable;
import io.barnabas.broker.throttle.ReplicaThrottle;
import io.barnabas.log.DirectoryIdentity;
import io.barnabas.log.LogConfig;
import io.barnabas.log.LogDirectory;
import io.barnabas.log.LogDirectoryConfig;
import io.barnabas.log.storage.SimulatedStorage;
import io.barnabas.model.BrokerId;
import io.barnabas.model.LeaderAndIsr;
import io.barnabas.model.TopicPartition;
import io.barnabas.protocol.ApiKey;
import io.barnabas.protocol.message.ApiMessage;
import io.barnabas.protocol.message.FetchRequestData;
import io.barnabas.protocol.message.ListOffsetsRequestData;
import io.barnabas.protocol.message.OffsetForLeaderEpochRequestData;
import io.barnabas.runtime.loop.ManualLoop;
import io.barnabas.runtime.time.ManualClock;
import java.net.InetAddress;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Random;
import java.util.UUID;
import java.util.concurrent.Executor;

/** The part of a broker that copies and is copied from, over a storage that can lose its power; one life at a time. */
final class ReplicaNode {
    static final long LAG_MAX_MILLIS = 2_000;
    static final ReplicationConfig CONFIG =
            new ReplicationConfig(1, 500, 1, 10 << 20, 1 << 20, 200, false, ThrottleConfig.NONE, false);

    final BrokerId id;
    final SimulatedStorage storage = new SimulatedStorage();
    private final ReplicaNetwork network;
    private final ManualClock clock;

    boolean alive;
    long brokerEpoch;
    ManualLoop loop;
    LogDirectory directory;
    PartitionTable table;
    ReplicaFetchers fetchers;
    FetchSessions sessions;
    ReplicaThrottle leaderThrottle;
    ReplicaThrottle followerThrottle;
    private FetchHandler fetch;
    private ListOffsetsHandler listOffsets;
    private OffsetForLeaderEpochHandler epochs;
    private final List<Runnable> whenDead = new ArrayList<>();
    /** What its fetchers told of leaders, since the beginning. */
    final List<String> contacts = new ArrayList<>();
    /** Fetches answered since the beginning. */
    int fetchesServed;

    ReplicaNode(BrokerId id, ReplicaNetwork network, ManualClock clock) {
        this.id = id;
        this.network = network;
        this.clock = clock;
    }

    void start(
            long epoch,
            LogConfig config,
            TopicLookup topics,
            IsrProposals proposals,
            LiveBrokers live,
            ReplicationConfig replication) {
        brokerEpoch = epoch;
        loop = new ManualLoop(clock);
        directory = LogDirectory.open(
                Path.of("/logs"),
                new DirectoryIdentity(id.value(), "cluster"),
                LogDirectoryConfig.DEFAULTS,
                topic -> config,
                storage,
                clock,
                loop);
        table = new PartitionTable(id, LAG_MAX_MILLIS, clock, proposals, live);
        leaderThrottle = ReplicaThrottle.ofLeader(id, replication.throttle(), clock);
        followerThrottle = ReplicaThrottle.ofFollower(id, replication.throttle(), clock);
        PartitionFinder finder = new PartitionFinder(table, topics);
        sessions = new FetchSessions(100, 120_000, clock, new Random(id.value()));
        fetch = new FetchHandler(
                finder,
                sessions,
                new FetchWaiters(loop),
                (p, l) -> null,
                ReadReplicas.LEADERS,
                leaderThrottle,
                loop,
                57_671_680);
        listOffsets = new ListOffsetsHandler(finder, loop);
        epochs = new OffsetForLeaderEpochHandler(finder);
        fetchers = new ReplicaFetchers(
                id,
                () -> brokerEpoch,
                replication,
                followerThrottle,
                (leader, on) -> network.connection(this, leader),
                new LeaderContacts() {
                    @Override
                    public void lost(BrokerId leader) {
                        contacts.add("lost " + leader.value());
                    }

                    @Override
                    public void reached(BrokerId leader) {
                        contacts.add("reached " + leader.value());
                    }
                },
                List.of(loop),
                loop,
                clock);
        alive = true;
    }

    /** The process is gone; with {@code powerLoss} also what was not synced. */
    void die(boolean powerLoss, Random random) {
        alive = false;
        List.copyOf(whenDead).forEach(Runnable::run);
        whenDead.clear();
        if (powerLoss) {
            storage.powerLoss(random.nextLong());
        } else {
            storage.restart();
        }
    }

    void onDeath(Runnable action) {
        whenDead.add(action);
    }

    Partition host(TopicPartition partition, UUID topicId, LogConfig config) {
        return table.host(directory.create(partition, topicId, config));
    }

    void become(TopicPartition partition, LeaderAndIsr state, List<BrokerId> assigned) {
        Partition hosted = table.find(partition);
        if (state.leader().equals(id)) {
            hosted.becomeLeader(state, assigned);
        } else {
            hosted.becomeFollower(state, assigned);
        }
        if (hosted.view().leaderEpoch() == state.leaderEpoch()) {
            fetchers.follow(hosted, state);
        }
    }

    void serve(RequestContext context, ApiMessage request, Reply reply) {
        switch (context.apiKey()) {
            case FETCH -> {
                fetchesServed++;
                fetch.handle(context, (FetchRequestData) request, reply);
            }
            case LIST_OFFSETS -> listOffsets.handle(context, (ListOffsetsRequestData) request, reply);
            case OFFSET_FOR_LEADER_EPOCH -> epochs.handle(context, (OffsetForLeaderEpochRequestData) request, reply);
            default -> throw new AssertionError("fetchers do not send " + context.apiKey());
        }
    }

    /** A request of another broker; it ends with the connection. */
    static final class Context implements RequestContext {
        private final ApiKey key;
        private final short version;
        private final Executor loop;
        private final List<Runnable> onClose = new ArrayList<>();
        private final ConnectionNotes notes = new ConnectionNotes();

        Context(ApiKey key, short version, Executor loop) {
            this.key = key;
            this.version = version;
            this.loop = loop;
        }

        void close() {
            onClose.forEach(Runnable::run);
        }

        @Override
        public ApiKey apiKey() {
            return key;
        }

        @Override
        public short apiVersion() {
            return version;
        }

        @Override
        public String clientId() {
            return "broker";
        }

        @Override
        public String listener() {
            return "INTERNAL";
        }

        @Override
        public boolean privilegedListener() {
            return true;
        }

        @Override
        public String principal() {
            return "User:ANONYMOUS";
        }

        @Override
        public InetAddress clientAddress() {
            return InetAddress.getLoopbackAddress();
        }

        @Override
        public long connectionId() {
            return 1;
        }

        @Override
        public Executor loop() {
            return loop;
        }

        @Override
        public boolean isOpen() {
            return true;
        }

        @Override
        public void onClose(Runnable callback) {
            onClose.add(callback);
        }

        @Override
        public void releaseRequest() {
            // what was decoded here holds no bytes
        }

        @Override
        public ConnectionNotes notes() {
            return notes;
        }
    }
}
