package io.barnabas.system.tests.simulation;

import io.barnabas.model.BrokerId;
import io.barnabas.model.TopicPartition;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeMap;

/**
 * One run: brokers, ZooKeeper, a network and clients, a time in which everything goes wrong, and a time in which it has to become well
 * again. The same seed gives the same run.
 */
final class SimulatedCluster {
    static final String TOPIC = "orders";

    /** How long it may take after the last fault until everything works (I10). */
    private static final long RECOVERY_MS = 60_000;

    private static final long STEP_MS = 250;
    private static final int CLIENTS = 8;

    private final World world;
    private final Verdicts verdicts;
    private final ClusterShape shape;
    private final SimulatedZooKeeper zooKeeper;
    private final SimulatedNetwork network;
    private final boolean[][] cutToZooKeeper;
    private final boolean[][] cutFromZooKeeper;
    private final List<SimulatedBroker> brokers = new ArrayList<>();
    private final Ledger ledger;
    private final Observer observer;
    private final List<SimulatedProducer> producers = new ArrayList<>();
    private final List<SimulatedConsumer> consumers = new ArrayList<>();
    private final List<SimulatedCommitter> committers = new ArrayList<>();
    private final Set<Long> producerIds = new HashSet<>();
    private final int machines;
    private int nextClient;
    private int losses;

    SimulatedCluster(long seed, boolean tracing, PowerLoss powerLoss) {
        world = new World(seed, tracing);
        verdicts = new Verdicts(world);
        ledger = new Ledger(verdicts);
        shape = ClusterShape.drawn(seed, world.random(), powerLoss);
        world.note(() -> "seed " + seed + ": " + shape);
        machines = shape.brokers() + CLIENTS;
        zooKeeper = new SimulatedZooKeeper(world);
        network = new SimulatedNetwork(world, machines);
        cutToZooKeeper = new boolean[machines][SimulatedZooKeeper.SERVERS];
        cutFromZooKeeper = new boolean[machines][SimulatedZooKeeper.SERVERS];
        for (int place = 0; place < shape.brokers(); place++) {
            brokers.add(new SimulatedBroker(this, new BrokerId(place + 1), place, shape.config(place + 1)));
        }
        observer = new Observer(this);
        nextClient = shape.brokers();
    }

    /** @return what was wrong, best nothing */
    List<String> run() {
        brokers.forEach(broker -> world.afterMillis(world.random().nextInt(100), broker::start));
        observer.begin();
        boolean[] created = new boolean[1];
        SimulatedAdmin admin = new SimulatedAdmin(this, "admin", nextClient++);
        world.afterMillis(500, () -> admin.create(TOPIC, assignment(), shape.topicConfig(), () -> created[0] = true));
        if (!passes(RECOVERY_MS, () -> created[0])) {
            verdicts.violated("I10", "the topic could not be created");
            return verdicts.violations();
        }
        startClients();
        Faults faults = new Faults(this);
        world.afterMillis(500, faults::begin);
        world.runUntilMillis(world.nowMillis() + shape.faultMs());
        faults.end();
        world.note(() -> "all faults are over");
        recover();
        return verdicts.violations();
    }

    private List<List<BrokerId>> assignment() {
        List<List<BrokerId>> assignment = new ArrayList<>();
        for (int partition = 0; partition < shape.partitions(); partition++) {
            List<BrokerId> replicas = new ArrayList<>();
            for (int i = 0; i < ClusterShape.replicas(); i++) {
                replicas.add(new BrokerId((partition + i) % shape.brokers() + 1));
            }
            assignment.add(replicas);
        }
        return assignment;
    }

    private void startClients() {
        for (int partition = 0; partition < shape.partitions(); partition++) {
            TopicPartition id = new TopicPartition(TOPIC, partition);
            producers.add(new SimulatedProducer(this, "p" + partition, nextClient++, id, (short) -1));
        }
        TopicPartition first = new TopicPartition(TOPIC, 0);
        producers.add(new SimulatedProducer(this, "q", nextClient++, first, (short) 1));
        consumers.add(new SimulatedConsumer(this, "c0", nextClient++, first));
        committers.add(new SimulatedCommitter(this, "g0", nextClient++, TOPIC));
        producers.forEach(SimulatedProducer::start);
        consumers.forEach(SimulatedConsumer::start);
        committers.forEach(SimulatedCommitter::start);
    }

    private void recover() {
        long[] batches = producers.stream()
                .mapToLong(SimulatedProducer::acknowledgedBatches)
                .toArray();
        long[] commits = committers.stream()
                .mapToLong(SimulatedCommitter::acknowledgements)
                .toArray();
        boolean serving = passes(RECOVERY_MS, () -> {
            for (int i = 0; i < batches.length; i++) {
                if (producers.get(i).acknowledgedBatches() < batches[i] + 3) {
                    return false;
                }
            }
            for (int i = 0; i < commits.length; i++) {
                if (committers.get(i).acknowledgements() < commits[i] + 2) {
                    return false;
                }
            }
            return observer.unhealthy().isEmpty();
        });
        if (!serving) {
            StringBuilder who = new StringBuilder();
            for (int i = 0; i < batches.length; i++) {
                who.append(producers.get(i).name())
                        .append(" +")
                        .append(producers.get(i).acknowledgedBatches() - batches[i])
                        .append(' ');
            }
            for (int i = 0; i < commits.length; i++) {
                who.append(committers.get(i).name())
                        .append(" +")
                        .append(committers.get(i).acknowledgements() - commits[i])
                        .append(' ');
            }
            verdicts.violated("I10", "not available again: " + who + observer.unhealthy());
            return;
        }
        producers.forEach(SimulatedProducer::pause);
        committers.forEach(SimulatedCommitter::pause);
        boolean resting = passes(
                RECOVERY_MS,
                () -> producers.stream().allMatch(SimulatedProducer::isIdle)
                        && observer.unhealthy().isEmpty()
                        && observer.unfinished(consumers).isEmpty());
        if (!resting) {
            verdicts.violated("I7", "no rest: " + observer.unhealthy() + observer.unfinished(consumers));
            return;
        }
        observer.compareLogs();
    }

    private boolean passes(long withinMillis, java.util.function.BooleanSupplier condition) {
        long end = world.nowMillis() + withinMillis;
        while (world.nowMillis() < end) {
            if (condition.getAsBoolean()) {
                return true;
            }
            world.runUntilMillis(world.nowMillis() + STEP_MS);
        }
        return condition.getAsBoolean();
    }

    // ---- power

    /** Every machine loses its power at once. */
    void losePower() {
        Map<TopicPartition, Long> durable = new TreeMap<>();
        observer.partitions().forEach(partition -> durable.put(partition, observer.durableEnd(partition)));
        brokers.forEach(SimulatedBroker::losePower);
        durable.forEach((partition, end) -> {
            if (!shape.flushing() || !partition.topic().equals(TOPIC)) {
                mayBeLost(partition, end, 0);
            }
        });
    }

    /** Whether others hold whatever this broker holds, and have not lost it. */
    boolean mayLosePower(SimulatedBroker broker) {
        return observer.partitions().stream()
                .map(observer::holders)
                .allMatch(holders -> !holders.contains(broker.id()) || holders.size() > 1);
    }

    /** What is at this offset or behind it need not be there any more, from this leader epoch on. */
    void mayBeLost(TopicPartition partition, long from, int leaderEpoch) {
        world.note(() -> partition + " may have lost what is behind " + from);
        losses++;
        ledger.mayBeLost(partition, from);
        consumers.forEach(consumer -> consumer.mayBeLost(partition, from, leaderEpoch));
        if (!partition.topic().equals(TOPIC)) {
            committers.forEach(SimulatedCommitter::mayBeLost);
        }
    }

    /** Until a leader that is one no longer has stopped to answer as one, and its last answer has come. */
    long leaseAndAnswerNanos() {
        return (shape.sessionTimeoutMs() + SimulatedClient.REQUEST_TIMEOUT_MS) * 1_000_000L;
    }

    /** How often something could get lost; an answer to a question from before does not count. */
    int losses() {
        return losses;
    }

    // ---- parts

    World world() {
        return world;
    }

    ClusterShape shape() {
        return shape;
    }

    Verdicts verdicts() {
        return verdicts;
    }

    Ledger ledger() {
        return ledger;
    }

    SimulatedZooKeeper zooKeeper() {
        return zooKeeper;
    }

    SimulatedNetwork network() {
        return network;
    }

    List<SimulatedBroker> brokers() {
        return brokers;
    }

    SimulatedBroker broker(BrokerId id) {
        return brokers.get(id.value() - 1);
    }

    /** Who leads this partition of the topic by what is stored; null for nobody. */
    SimulatedBroker leaderOf(int partition) {
        var state = observer.state(new TopicPartition(TOPIC, partition));
        int leader = state == null ? -1 : state.get("leader").asInt();
        return leader < 0 ? null : broker(new BrokerId(leader));
    }

    /** Of brokers, which are the first machines. */
    int size() {
        return brokers.size();
    }

    int machines() {
        return machines;
    }

    boolean isProducerIdUsed(long id) {
        return !producerIds.add(id);
    }

    /** A supervisor starts what has exited. */
    void startLater(SimulatedBroker broker) {
        world.afterMillis(world.between(100, 1_000), broker::start);
    }

    SimulatedZooKeeperClient.Reach wayToZooKeeper(int place) {
        return new SimulatedZooKeeperClient.Reach() {
            @Override
            public boolean to(int server) {
                return !cutToZooKeeper[place][server];
            }

            @Override
            public boolean from(int server) {
                return !cutFromZooKeeper[place][server];
            }
        };
    }

    void cutFromZooKeeper(int place, int server, boolean to, boolean from) {
        cutToZooKeeper[place][server] = to;
        cutFromZooKeeper[place][server] = from;
    }

    void healWaysToZooKeeper() {
        for (int place = 0; place < machines; place++) {
            for (int server = 0; server < SimulatedZooKeeper.SERVERS; server++) {
                cutFromZooKeeper(place, server, false, false);
            }
        }
    }
}
