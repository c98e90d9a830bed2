package io.barnabas.system.tests.simulation;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import io.barnabas.broker.replica.Partition;
import io.barnabas.broker.replica.PartitionView;
import io.barnabas.log.LogSlice;
import io.barnabas.model.BrokerId;
import io.barnabas.model.TopicPartition;
import io.barnabas.system.tests.simulation.ModelTree.ModelNode;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.ByteBuffer;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeMap;

/** Looks into all brokers and into ZooKeeper, as nobody in the world could. */
final class Observer {
    private static final long INTERVAL_NANOS = 7_000_000L;
    private static final String TOPICS = "/brokers/topics/";
    private static final ObjectMapper JSON = new ObjectMapper();

    private final SimulatedCluster cluster;
    private final World world;
    private final Verdicts verdicts;
    private final Map<String, BrokerId> leaders = new HashMap<>();
    private final Map<String, Long> highWatermarks = new HashMap<>();

    /** Partitions whose only holder has lost its power; until it leads, a leader cut off may still tell what will be lost. */
    private final Set<String> doomed = new HashSet<>();

    Observer(SimulatedCluster cluster) {
        this.cluster = cluster;
        this.world = cluster.world();
        this.verdicts = cluster.verdicts();
        cluster.zooKeeper().onChange(this::onChange);
    }

    void begin() {
        world.afterNanos(INTERVAL_NANOS, () -> {
            look();
            begin();
        });
    }

    /** A partition's state is written: its leader changes only with its epoch, which only grows (I8). */
    private void onChange(String path, ModelNode before, ModelNode after) {
        if (before == null || after == null || !path.startsWith(TOPICS) || !path.endsWith("/state")) {
            return;
        }
        if (before.mzxid() == after.mzxid()) {
            return;
        }
        JsonNode was = parse(before.data());
        JsonNode is = parse(after.data());
        world.note(() -> "stored " + path + " " + is);
        int epochWas = was.get("leader_epoch").asInt();
        int epochIs = is.get("leader_epoch").asInt();
        if (epochIs < epochWas
                || (epochIs == epochWas
                        && was.get("leader").asInt() != is.get("leader").asInt())) {
            verdicts.violated("I8", path + " was " + was + " and is " + is);
        }
        Set<BrokerId> holders = holders(is);
        if (holders.size() > 1) {
            doomed.remove(path);
        } else if (holders.size() == 1
                && holders(was).size() > 1
                && cluster.broker(holders.iterator().next()).isLossUntold()) {
            // others had it all, but they were gone too before anybody could know that this one has lost its power
            doomed.add(path);
        }
        if (doomed.contains(path)) {
            cluster.mayBeLost(partition(path), 0, epochIs);
            BrokerId leader = new BrokerId(is.get("leader").asInt());
            if (holders.contains(leader) && !cluster.broker(leader).isLossUntold()) {
                doomed.remove(path);
            }
        }
        if (is.get("isr").isEmpty()) {
            verdicts.violated("REPL-23", path + " has an empty ISR: " + is);
        }
    }

    private void look() {
        for (SimulatedBroker broker : cluster.brokers()) {
            if (!broker.isUp() || broker.running().core() == null) {
                continue;
            }
            for (Partition partition : broker.running().core().partitions().partitions()) {
                PartitionView view = partition.view();
                if (view.isLeader()) {
                    String reign = partition.topicId() + "-" + partition.id().partition() + "@" + view.leaderEpoch();
                    BrokerId other = leaders.putIfAbsent(reign, broker.id());
                    if (other != null && !other.equals(broker.id())) {
                        verdicts.violated(
                                "I8",
                                "%s is led by %s and by %s in epoch %d"
                                        .formatted(partition.id(), other, broker.id(), view.leaderEpoch()));
                    }
                    Long before = highWatermarks.put(reign, view.highWatermark());
                    if (before != null && before > view.highWatermark() && !wasRestarted(broker, reign)) {
                        verdicts.violated(
                                "REPL-08",
                                "the high watermark of %s fell from %d to %d in epoch %d"
                                        .formatted(partition.id(), before, view.highWatermark(), view.leaderEpoch()));
                    }
                }
            }
        }
    }

    private final Map<String, SimulatedProcess> reigning = new HashMap<>();

    /** A new process may begin with a lower one in the same epoch. */
    private boolean wasRestarted(SimulatedBroker broker, String reign) {
        SimulatedProcess before = reigning.put(reign, broker.running().process);
        return before != broker.running().process;
    }

    // ---- when it should be well

    List<TopicPartition> partitions() {
        List<TopicPartition> partitions = new ArrayList<>();
        ModelTree tree = cluster.zooKeeper().committed();
        for (String topic : tree.childrenOf("/brokers/topics")) {
            for (String number : tree.childrenOf(TOPICS + topic + "/partitions")) {
                partitions.add(new TopicPartition(topic, Integer.parseInt(number)));
            }
        }
        return partitions;
    }

    /** Who has all that was acknowledged, by what is stored. */
    Set<BrokerId> holders(TopicPartition partition) {
        JsonNode state = state(partition);
        return state == null ? Set.of() : holders(state);
    }

    private static Set<BrokerId> holders(JsonNode state) {
        Set<BrokerId> holders = new HashSet<>();
        state.path("isr").forEach(member -> holders.add(new BrokerId(member.asInt())));
        state.path("elr").forEach(member -> holders.add(new BrokerId(member.asInt())));
        return holders;
    }

    /** Where what survives on all of its holders ends, whatever happens to their machines. */
    long durableEnd(TopicPartition partition) {
        long end = Long.MAX_VALUE;
        for (BrokerId holder : holders(partition)) {
            SimulatedBroker.Incarnation latest = cluster.broker(holder).latest();
            Partition copy = latest == null || latest.core() == null
                    ? null
                    : latest.core().partitions().find(partition);
            end = Math.min(end, copy == null ? 0 : copy.log().recoveryPoint());
        }
        return end == Long.MAX_VALUE ? 0 : end;
    }

    JsonNode state(TopicPartition partition) {
        ModelNode node = cluster.zooKeeper()
                .committed()
                .find(TOPICS + partition.topic() + "/partitions/" + partition.partition() + "/state");
        return node == null ? null : parse(node.data());
    }

    private List<Integer> assigned(TopicPartition partition) {
        JsonNode topic = parse(
                cluster.zooKeeper().committed().find(TOPICS + partition.topic()).data());
        List<Integer> replicas = new ArrayList<>();
        topic.get("partitions")
                .get(Integer.toString(partition.partition()))
                .forEach(replica -> replicas.add(replica.asInt()));
        return replicas;
    }

    /** What keeps the cluster from being whole. */
    List<String> unhealthy() {
        List<String> wrong = new ArrayList<>();
        for (SimulatedBroker broker : cluster.brokers()) {
            if (!broker.isUp() || broker.running().brokerEpoch() < 0) {
                wrong.add("broker " + broker.id() + " is not registered");
            }
        }
        for (TopicPartition partition : partitions()) {
            JsonNode state = state(partition);
            List<Integer> assigned = assigned(partition);
            if (state == null
                    || state.get("isr").size() != assigned.size()
                    || state.get("leader").asInt() < 0) {
                wrong.add(partition + " is assigned to " + assigned + " and is " + state);
                continue;
            }
            Partition leader = hosted(state.get("leader").asInt(), partition);
            if (leader == null
                    || !leader.view().isLeader()
                    || leader.view().highWatermark() != leader.view().logEndOffset() && isResting()) {
                wrong.add(partition + " is not led as " + state + " says: " + leader);
            }
        }
        return wrong;
    }

    private boolean resting;

    private boolean isResting() {
        return resting;
    }

    /** What is still on its way although nothing new is sent. */
    List<String> unfinished(List<SimulatedConsumer> consumers) {
        resting = true;
        List<String> wrong = new ArrayList<>();
        for (TopicPartition partition : partitions()) {
            JsonNode state = state(partition);
            Partition leader = hosted(state.get("leader").asInt(), partition);
            if (leader == null) {
                continue;
            }
            for (int replica : assigned(partition)) {
                Partition copy = hosted(replica, partition);
                if (copy == null
                        || copy.view().logEndOffset() != leader.view().logEndOffset()
                        || copy.view().highWatermark() != leader.view().highWatermark()) {
                    wrong.add(partition + " on " + replica + " is " + copy + ", the leader " + leader);
                }
            }
        }
        for (SimulatedConsumer consumer : consumers) {
            Partition leader = hosted(state(consumer.partition()).get("leader").asInt(), consumer.partition());
            if (leader != null && consumer.position() != leader.view().highWatermark()) {
                wrong.add(consumer.name() + " is at " + consumer.position() + " of " + leader);
            }
        }
        return wrong;
    }

    private Partition hosted(int broker, TopicPartition partition) {
        SimulatedBroker at = cluster.broker(new BrokerId(broker));
        return at.isUp() && at.running().core() != null
                ? at.running().core().partitions().find(partition)
                : null;
    }

    /** All replicas are the same, byte for byte (I7), and hold what clients were told (I1, I2, I3, I6). */
    void compareLogs() {
        for (TopicPartition partition : partitions()) {
            byte[] first = null;
            for (int replica : assigned(partition)) {
                byte[] bytes = bytes(hosted(replica, partition));
                if (first == null) {
                    first = bytes;
                    if (partition.topic().equals(SimulatedCluster.TOPIC)) {
                        Map<Long, String> records = new TreeMap<>();
                        StoredRecords.forEach(ByteBuffer.wrap(bytes), records::put);
                        cluster.ledger().compareWithLog(partition, records);
                    }
                } else if (!java.util.Arrays.equals(first, bytes)) {
                    verdicts.violated(
                            "I7",
                            "%s: replicas %s and %d differ at byte %d of %d and %d"
                                    .formatted(
                                            partition,
                                            assigned(partition).get(0),
                                            replica,
                                            java.util.Arrays.mismatch(first, bytes),
                                            first.length,
                                            bytes.length));
                }
            }
        }
    }

    private static byte[] bytes(Partition partition) {
        ByteBuffer all = ByteBuffer.allocate((int) partition.log().sizeInBytes());
        long offset = partition.logStartOffset();
        long end = partition.view().highWatermark();
        while (offset < end) {
            LogSlice slice = partition.log().read(offset, Integer.MAX_VALUE, end, true);
            try {
                int from = all.position();
                while (all.position() - from < slice.sizeInBytes()) {
                    slice.readInto(all, all.position() - from);
                }
                ByteBuffer read = all.duplicate().position(from).limit(all.position());
                long next = StoredRecords.forEach(read.slice(), (at, value) -> {});
                if (next <= offset) {
                    break;
                }
                offset = next;
            } finally {
                slice.release();
            }
        }
        byte[] bytes = new byte[all.position()];
        all.flip().get(bytes);
        return bytes;
    }

    private static TopicPartition partition(String path) {
        String[] names = path.split("/");
        return new TopicPartition(names[3], Integer.parseInt(names[5]));
    }

    private static JsonNode parse(byte[] data) {
        try {
            return JSON.readTree(data);
        } catch (IOException wrong) {
            throw new UncheckedIOException(wrong);
        }
    }
}
