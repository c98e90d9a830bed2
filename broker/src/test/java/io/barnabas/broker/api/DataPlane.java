package io.barnabas.broker.api;

import io.barnabas.broker.config.ThrottleConfig;
import io.barnabas.broker.replica.Partition;
import io.barnabas.broker.replica.PartitionTable;
import io.barnabas.broker.throttle.ReplicaThrottle;
import io.barnabas.log.DirectoryIdentity;
import io.barnabas.log.LogConfig;
import io.barnabas.log.LogDirectory;
import io.barnabas.log.LogDirectoryConfig;
import io.barnabas.log.PartitionLog;
import io.barnabas.log.storage.FileStorage;
import io.barnabas.log.storage.Storage;
import io.barnabas.model.BrokerId;
import io.barnabas.model.LeaderAndIsr;
import io.barnabas.model.Outcome;
import io.barnabas.model.TopicPartition;
import io.barnabas.protocol.ApiKey;
import io.barnabas.protocol.ResponseCodec;
import io.barnabas.protocol.message.ApiMessage;
import io.barnabas.runtime.loop.ManualLoop;
import io.barnabas.runtime.time.ManualClock;
import io.netty.buffer.UnpooledByteBufAllocator;
import java.nio.file.Path;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Queue;
import java.util.Random;
import java.util.TreeMap;
import java.util.UUID;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionStage;
import java.util.stream.IntStream;

/** A broker's data path over real files, its clock, loop and threads in the test's hands. */
final class DataPlane implements AutoCloseable, TopicLookup {
    static final BrokerId SELF = new BrokerId(1);

    final ManualClock clock = new ManualClock();
    final ManualLoop timers = new ManualLoop(clock);
    /** Work that was handed to other threads, to be run by {@link #runWorkers}. */
    final Queue<Runnable> workers = new ArrayDeque<>();

    final List<LeaderAndIsr> proposals = new ArrayList<>();
    final List<CompletableFuture<Outcome<LeaderAndIsr>>> answers = new ArrayList<>();
    boolean leaseHeld = true;
    /** So many times more the lease is said to be held, and then no longer. */
    int leaseAnswers = Integer.MAX_VALUE;

    final PartitionTable table = new PartitionTable(
            SELF, 30_000, clock, this::propose, (broker, epoch) -> true, () -> leaseHeld && leaseAnswers-- > 0);
    final PartitionFinder finder = new PartitionFinder(table, this);
    final Map<String, UUID> topicIds = new TreeMap<>();
    final Map<String, Integer> partitionCounts = new TreeMap<>();
    final FetchSessions sessions = new FetchSessions(1000, 120_000, clock, new Random(1));
    final FetchWaiters fetchWaiters = new FetchWaiters(timers);
    ReadReplicas readReplicas = ReadReplicas.LEADERS;
    final ReplicaThrottle throttle = ReplicaThrottle.ofLeader(SELF, ThrottleConfig.NONE, clock);
    LeaderHints hints = (partition, listener) -> null;
    LogDirectory directory;

    DataPlane(Path path) {
        this(path, LogDirectoryConfig.DEFAULTS);
    }

    DataPlane(Path path, LogDirectoryConfig config) {
        this(path, config, new FileStorage());
    }

    DataPlane(Path path, LogDirectoryConfig config, Storage storage) {
        directory = LogDirectory.open(
                path,
                new DirectoryIdentity(1, "cluster"),
                config,
                topic -> LogConfig.DEFAULTS,
                storage,
                clock,
                workers::add);
    }

    private CompletionStage<Outcome<LeaderAndIsr>> propose(
            TopicPartition partition, LeaderAndIsr next, java.util.Map<BrokerId, Long> epochs) {
        proposals.add(next);
        CompletableFuture<Outcome<LeaderAndIsr>> answer = new CompletableFuture<>();
        answers.add(answer);
        return answer;
    }

    ProduceHandler produce() {
        return new ProduceHandler(finder, (p, l) -> hints.find(p, l), timers, workers::add, 256 << 10, clock);
    }

    FetchHandler fetch() {
        return new FetchHandler(
                finder,
                sessions,
                fetchWaiters,
                (p, l) -> hints.find(p, l),
                readReplicas,
                throttle,
                workers::add,
                57_671_680);
    }

    /** A topic of one partition, led here, with no other replica. */
    Partition topic(String name, String... configs) {
        return topic(name, 1, configs).get(0);
    }

    List<Partition> topic(String name, int partitions, String... configs) {
        List<Partition> led = new ArrayList<>();
        for (int i = 0; i < partitions; i++) {
            Partition partition = host(name, i, configs);
            partition.becomeLeader(new LeaderAndIsr(SELF, 0, List.of(SELF), 0), List.of(SELF));
            led.add(partition);
        }
        return led;
    }

    /** A partition that has no role yet. */
    Partition host(String name, int number, String... configs) {
        Map<String, String> overrides = new TreeMap<>();
        for (int i = 0; i < configs.length; i += 2) {
            overrides.put(configs[i], configs[i + 1]);
        }
        UUID id = topicIds.computeIfAbsent(name, n -> new UUID(7, n.hashCode()));
        partitionCounts.merge(name, number + 1, Math::max);
        PartitionLog log =
                directory.create(new TopicPartition(name, number), id, LogConfig.DEFAULTS.withOverrides(overrides));
        return table.host(log);
    }

    static LeaderAndIsr led(int leader, int leaderEpoch, int partitionEpoch, int... inSync) {
        return new LeaderAndIsr(
                new BrokerId(leader),
                leaderEpoch,
                IntStream.of(inSync).mapToObj(BrokerId::new).toList(),
                partitionEpoch);
    }

    static List<BrokerId> brokers(int... ids) {
        return IntStream.of(ids).mapToObj(BrokerId::new).toList();
    }

    /** Runs what was handed to other threads, and what that hands on. */
    void runWorkers() {
        for (Runnable work = workers.poll(); work != null; work = workers.poll()) {
            work.run();
        }
    }

    /** Whether this version of the protocol has a place for everything in the response. */
    static void assertWritable(ApiKey key, short version, ApiMessage response) {
        ResponseCodec.write(UnpooledByteBufAllocator.DEFAULT, key, version, 1, response)
                .bytes()
                .release();
    }

    @Override
    public String topicName(UUID topicId) {
        return topicIds.entrySet().stream()
                .filter(entry -> entry.getValue().equals(topicId))
                .map(Map.Entry::getKey)
                .findFirst()
                .orElse(null);
    }

    @Override
    public int partitionCount(String topic) {
        return partitionCounts.getOrDefault(topic, 0);
    }

    @Override
    public void close() {
        runWorkers();
        directory.close();
    }
}
