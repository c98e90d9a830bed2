package io.barnabas.broker.fetcher;

import io.barnabas.broker.api.TopicLookup;
import io.barnabas.broker.config.ReplicationConfig;
import io.barnabas.broker.replica.AckWaiters;
import io.barnabas.broker.replica.Partition;
import io.barnabas.log.AppendedBatch;
import io.barnabas.log.LogConfig;
import io.barnabas.log.LogSlice;
import io.barnabas.log.batch.AppendOrigin;
import io.barnabas.log.batch.BatchBuilder;
import io.barnabas.log.batch.BatchReader;
import io.barnabas.log.batch.Compression;
import io.barnabas.log.batch.RecordView;
import io.barnabas.log.batch.StoredBatch;
import io.barnabas.model.BrokerId;
import io.barnabas.model.LeaderAndIsr;
import io.barnabas.model.Outcome;
import io.barnabas.model.Refusal;
import io.barnabas.model.TopicPartition;
import io.barnabas.runtime.time.ManualClock;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Random;
import java.util.TreeMap;
import java.util.UUID;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionStage;
import java.util.function.Consumer;

/**
 * Brokers that copy from each other, in one thread, and a controller that stores leaderships by compare-and-set and tells them
 * around. Time passes only by {@link #pass}.
 */
final class ReplicaCluster implements TopicLookup {
    static final String TOPIC = "orders";
    static final UUID TOPIC_ID = new UUID(5, 5);

    final ManualClock clock = new ManualClock();
    final Random random;
    final LogConfig config;
    final List<BrokerId> assigned = new ArrayList<>();
    final Map<BrokerId, ReplicaNode> nodes = new LinkedHashMap<>();
    final ReplicaNetwork network;
    /** As the controller has stored it; the truth. */
    final Map<TopicPartition, LeaderAndIsr> stored =
            new TreeMap<>((one, other) -> Integer.compare(one.partition(), other.partition()));
    /** What clients were told is committed: text by offset. */
    final Map<TopicPartition, TreeMap<Long, String>> acknowledged = new LinkedHashMap<>();

    /** Of brokers started from now on. */
    ReplicationConfig replication = ReplicaNode.CONFIG;

    long maxDelayMillis;
    private long lastBrokerEpoch;
    private int lastRecord;

    ReplicaCluster(Random random, int brokers, int partitions, Map<String, String> topicConfig) {
        this.random = random;
        this.config = LogConfig.DEFAULTS.withOverrides(topicConfig);
        this.network = new ReplicaNetwork(clock, this::delay);
        for (int i = 1; i <= brokers; i++) {
            assigned.add(new BrokerId(i));
        }
        for (int i = 0; i < partitions; i++) {
            TopicPartition partition = new TopicPartition(TOPIC, i);
            stored.put(partition, new LeaderAndIsr(assigned.get(i % brokers), 0, assigned, 0));
            acknowledged.put(partition, new TreeMap<>());
        }
        for (BrokerId id : assigned) {
            ReplicaNode node = new ReplicaNode(id, network, clock);
            nodes.put(id, node);
            network.add(node);
        }
        nodes.values().forEach(this::start);
        stored.keySet().forEach(this::tell);
    }

    private long delay() {
        return maxDelayMillis == 0 ? 0 : random.nextLong(maxDelayMillis);
    }

    ReplicaNode node(int id) {
        return nodes.get(new BrokerId(id));
    }

    Partition partition(int broker, int number) {
        return node(broker).table.find(new TopicPartition(TOPIC, number));
    }

    // ---- brokers

    void start(ReplicaNode node) {
        node.start(
                ++lastBrokerEpoch,
                config,
                this,
                this::propose,
                (broker, epoch) -> nodes.get(broker).alive && nodes.get(broker).brokerEpoch == epoch,
                replication);
        for (TopicPartition partition : stored.keySet()) {
            node.host(partition, TOPIC_ID, config);
        }
    }

    /** Starts a broker anew, and tells it everything. */
    void restart(int id) {
        ReplicaNode node = node(id);
        start(node);
        stored.forEach((partition, state) -> {
            if (state.leader().isNone() && state.inSyncReplicas().contains(node.id)) {
                elect(partition);
            } else {
                tell(partition);
            }
        });
    }

    /** A broker dies, and the controller knows at once. */
    void kill(int id, boolean powerLoss) {
        ReplicaNode node = node(id);
        node.die(powerLoss, random);
        for (TopicPartition partition : List.copyOf(stored.keySet())) {
            LeaderAndIsr state = stored.get(partition);
            List<BrokerId> left = new ArrayList<>(state.inSyncReplicas());
            left.remove(node.id);
            boolean member = left.size() < state.inSyncReplicas().size();
            if (member && !left.isEmpty()) {
                store(
                        partition,
                        new LeaderAndIsr(
                                state.leader().equals(node.id) ? BrokerId.NONE : state.leader(),
                                state.leaderEpoch() + 1,
                                left,
                                state.partitionEpoch() + 1));
            }
            if (state.leader().equals(node.id)) {
                elect(partition);
            }
        }
    }

    /** Makes a live member of the ISR the leader, if there is one. */
    void elect(TopicPartition partition) {
        LeaderAndIsr state = stored.get(partition);
        List<BrokerId> live = new ArrayList<>(state.inSyncReplicas());
        live.removeIf(broker -> !nodes.get(broker).alive);
        BrokerId leader = live.isEmpty() ? BrokerId.NONE : live.get(random.nextInt(live.size()));
        lead(partition, leader, state.inSyncReplicas());
    }

    void lead(TopicPartition partition, BrokerId leader, List<BrokerId> inSync) {
        LeaderAndIsr state = stored.get(partition);
        store(partition, new LeaderAndIsr(leader, state.leaderEpoch() + 1, inSync, state.partitionEpoch() + 1));
    }

    private void store(TopicPartition partition, LeaderAndIsr state) {
        stored.put(partition, state);
        tell(partition);
    }

    /** Each live broker hears of it some time later, and perhaps of something newer before. */
    void tell(TopicPartition partition) {
        LeaderAndIsr state = stored.get(partition);
        for (ReplicaNode node : nodes.values()) {
            if (node.alive) {
                node.loop.schedule(() -> node.become(partition, state, assigned), delay());
            }
        }
    }

    /** The controller's side of an ISR proposal: compare, store, answer, tell. */
    private CompletionStage<Outcome<LeaderAndIsr>> propose(
            TopicPartition partition, LeaderAndIsr next, Map<BrokerId, Long> memberEpochs) {
        CompletableFuture<Outcome<LeaderAndIsr>> answer = new CompletableFuture<>();
        ReplicaNode leader = nodes.get(next.leader());
        var life = leader.loop;
        life.schedule(
                () -> {
                    LeaderAndIsr now = stored.get(partition);
                    boolean current = now.leaderEpoch() == next.leaderEpoch()
                            && now.partitionEpoch() == next.partitionEpoch()
                            && now.leader().equals(next.leader());
                    boolean eligible = next.inSyncReplicas().stream()
                            .allMatch(member -> now.inSyncReplicas().contains(member)
                                    || (nodes.get(member).alive
                                            && nodes.get(member).brokerEpoch == memberEpochs.get(member)));
                    if (current && eligible) {
                        store(partition, next.withPartitionEpoch(next.partitionEpoch() + 1));
                    }
                    Outcome<LeaderAndIsr> said = current && eligible
                            ? Outcome.done(stored.get(partition))
                            : Outcome.refused(Refusal.of(
                                    current
                                            ? Refusal.Reason.INVALID_REPLICA_ASSIGNMENT
                                            : now.leaderEpoch() == next.leaderEpoch()
                                                    ? Refusal.Reason.INVALID_UPDATE_VERSION
                                                    : Refusal.Reason.FENCED_LEADER_EPOCH));
                    boolean lost = maxDelayMillis > 0 && random.nextInt(10) == 0;
                    life.schedule(
                            () -> {
                                if (lost) {
                                    answer.completeExceptionally(new IllegalStateException("answer lost"));
                                } else {
                                    answer.complete(said);
                                }
                            },
                            delay());
                },
                delay());
        return answer;
    }

    // ---- clients

    /** Produces with acks=all to whoever thinks to lead. */
    void produceToAnyLeader(TopicPartition partition, int records) {
        for (ReplicaNode node : nodes.values()) {
            Partition hosted = node.alive ? node.table.find(partition) : null;
            if (hosted != null && hosted.view().isLeader()) {
                produce(hosted, records, null);
            }
        }
    }

    /** @param whenDecided told the refusal, null for none; may be null */
    Outcome<AppendedBatch> produce(Partition leader, int records, Consumer<Refusal> whenDecided) {
        List<String> texts = new ArrayList<>();
        BatchBuilder builder = new BatchBuilder(Compression.NONE);
        for (int i = 0; i < records; i++) {
            String text = "record " + lastRecord++;
            texts.add(text);
            builder.append(clock.epochMillis(), null, ByteBuffer.wrap(text.getBytes(StandardCharsets.UTF_8)));
        }
        Outcome<AppendedBatch> appended = leader.append(builder.build(), (short) -1, AppendOrigin.CLIENT, (short) 12);
        if (appended.isDone()) {
            AppendedBatch batch = appended.value();
            Consumer<Refusal> decided = refusal -> {
                if (refusal == null) {
                    for (int i = 0; i < texts.size(); i++) {
                        acknowledged.get(leader.id()).put(batch.baseOffset() + i, texts.get(i));
                    }
                }
                if (whenDecided != null) {
                    whenDecided.accept(refusal);
                }
            };
            if (!leader.park(new AckWaiters.Waiter(
                    batch.lastOffset(), batch.leaderEpoch(), (waiter, refusal) -> decided.accept(refusal)))) {
                decided.accept(leader.ackRefusal(batch.lastOffset(), batch.leaderEpoch()));
            }
        }
        return appended;
    }

    // ---- time

    /** Runs all loops, millisecond by millisecond. */
    void pass(long millis) {
        for (long i = 0; i < millis; i++) {
            settle();
            clock.advanceMillis(1);
        }
        settle();
    }

    /** Runs until nothing is left to do at this moment. */
    void settle() {
        // a task of one loop may give work to another, so each runs more than once
        for (int round = 0; round < 6; round++) {
            for (ReplicaNode node : nodes.values()) {
                if (node.alive) {
                    node.loop.runAll();
                }
            }
        }
    }

    void tick() {
        for (ReplicaNode node : nodes.values()) {
            if (node.alive) {
                node.table.tick();
            }
        }
    }

    // ---- looking

    /** Everything in a log, one line for each record: offset, epoch, text. */
    static List<String> contents(Partition partition) {
        List<String> lines = new ArrayList<>();
        long at = partition.logStartOffset();
        long end = partition.log().logEndOffset();
        while (at < end) {
            LogSlice slice = partition.log().read(at, 1 << 20, end, true);
            ByteBuffer bytes = ByteBuffer.allocate(slice.sizeInBytes());
            while (bytes.hasRemaining() && slice.readInto(bytes, bytes.position()) > 0) {
                // until all of it is there
            }
            slice.release();
            bytes.flip();
            bytes.limit(BatchReader.wholeBatchesBytes(bytes));
            for (StoredBatch batch : BatchReader.readAll(bytes)) {
                for (RecordView record : batch.readRecords()) {
                    lines.add(record.offset() + " epoch " + batch.leaderEpoch() + " "
                            + StandardCharsets.UTF_8.decode(record.value().duplicate()));
                }
                at = batch.nextOffset();
            }
        }
        return lines;
    }

    static String textAt(List<String> contents, long offset) {
        for (String line : contents) {
            if (line.startsWith(offset + " ")) {
                return line.substring(line.indexOf(' ', line.indexOf("epoch ") + 6) + 1);
            }
        }
        return null;
    }

    @Override
    public String topicName(UUID topicId) {
        return topicId.equals(TOPIC_ID) ? TOPIC : null;
    }

    @Override
    public int partitionCount(String topic) {
        return topic.equals(TOPIC) ? stored.size() : 0;
    }
}
