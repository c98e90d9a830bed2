package io.barnabas.system.tests.faults;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import java.util.ArrayList;
import java.util.List;
import java.util.Random;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;
import org.apache.kafka.common.TopicPartition;
import org.apache.zookeeper.KeeperException;
import org.apache.zookeeper.Watcher.Event.KeeperState;
import org.apache.zookeeper.ZooKeeper;
import org.apache.zookeeper.data.Stat;

/** Looks into ZooKeeper with a session of its own, which is renewed when it is lost. */
final class StateReader implements AutoCloseable {
    private static final ObjectMapper JSON = new ObjectMapper();

    private final String connectString;
    private ZooKeeper zooKeeper;

    StateReader(String connectString) {
        this.connectString = connectString;
    }

    /** @param leader -1 if nobody leads */
    record PartitionState(int leader, int leaderEpoch, List<Integer> inSync) {}

    PartitionState partition(String topic, int partition) throws Exception {
        JsonNode state = json("/brokers/topics/" + topic + "/partitions/" + partition + "/state");
        return new PartitionState(
                state.get("leader").asInt(), state.get("leader_epoch").asInt(), ids(state.get("isr")));
    }

    List<Integer> assignment(TopicPartition partition) throws Exception {
        return ids(
                json("/brokers/topics/" + partition.topic()).get("partitions").get("" + partition.partition()));
    }

    int controller() throws Exception {
        return json("/controller").get("brokerid").asInt();
    }

    int controllerEpoch() throws Exception {
        return json("/controller_epoch").asInt();
    }

    List<Integer> brokers() throws Exception {
        return session().getChildren("/brokers/ids", false).stream()
                .map(Integer::valueOf)
                .toList();
    }

    /** The epoch of a broker's registration; -1 if it is not registered. */
    long brokerEpoch(int id) throws Exception {
        Stat stat = session().exists("/brokers/ids/" + id, false);
        return stat == null ? -1 : stat.getCzxid();
    }

    /** As the ensemble would: whoever knows a session's password may end it, and the server makes that from the session's id. */
    void expire(int broker) throws Exception {
        long owner = session().exists("/brokers/ids/" + broker, false).getEphemeralOwner();
        byte[] password = new byte[16];
        new Random(owner ^ 0xB3415C00L).nextBytes(password);
        var connected = new CountDownLatch(1);
        ZooKeeper thief = new ZooKeeper(
                connectString,
                10_000,
                event -> {
                    if (event.getState() == KeeperState.SyncConnected) {
                        connected.countDown();
                    }
                },
                owner,
                password);
        if (!connected.await(20, TimeUnit.SECONDS)) {
            throw new AssertionError("could not take over the session of broker " + broker);
        }
        thief.close();
    }

    JsonNode json(String path) throws Exception {
        return JSON.readTree(session().getData(path, false, null));
    }

    /** Connected; for what the methods above do not say. */
    synchronized ZooKeeper session() throws Exception {
        for (int attempt = 0; ; attempt++) {
            if (zooKeeper == null || !zooKeeper.getState().isAlive()) {
                var connected = new CountDownLatch(1);
                zooKeeper = new ZooKeeper(connectString, 10_000, event -> {
                    if (event.getState() == KeeperState.SyncConnected) {
                        connected.countDown();
                    }
                });
                connected.await(20, TimeUnit.SECONDS);
            }
            try {
                zooKeeper.exists("/", false);
                return zooKeeper;
            } catch (KeeperException lost) {
                if (attempt == 3) {
                    throw lost;
                }
            }
        }
    }

    private static List<Integer> ids(JsonNode array) {
        List<Integer> ids = new ArrayList<>();
        array.forEach(id -> ids.add(id.asInt()));
        return ids;
    }

    @Override
    public synchronized void close() throws InterruptedException {
        if (zooKeeper != null) {
            zooKeeper.close();
        }
    }
}
