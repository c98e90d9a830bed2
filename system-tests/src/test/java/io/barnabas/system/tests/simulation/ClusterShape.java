package io.barnabas.system.tests.simulation;

import io.barnabas.broker.config.BrokerConfig;
import java.util.Map;
import java.util.TreeMap;
import java.util.concurrent.ConcurrentHashMap;
import java.util.random.RandomGenerator;

/**
 * What one run looks like, drawn from its seed.
 *
 * @param brokers           how many there are
 * @param partitions        of the topic that producers write to
 * @param minInSync         {@code min.insync.replicas} of it
 * @param eligibleLeaders   {@code barnabas.eligible.leader.replicas.enable}
 * @param flushing          whether records are fsynced before they count (DESIGN D17)
 * @param sessionTimeoutMs  with ZooKeeper
 * @param replicaLagMaxMs   {@code replica.lag.time.max.ms}
 * @param faultMs           how long things go wrong
 * @param powerLoss         whether machines lose their power besides
 */
record ClusterShape(
        int brokers,
        int partitions,
        int minInSync,
        boolean eligibleLeaders,
        boolean flushing,
        int sessionTimeoutMs,
        int replicaLagMaxMs,
        long faultMs,
        PowerLoss powerLoss) {
    /** Reading a configuration takes longer than a simulated second. */
    private static final Map<Map<String, String>, BrokerConfig> CONFIGS = new ConcurrentHashMap<>();

    /** Whether leaders may be eligible is not drawn: that would make another run of every seed that is kept. */
    static ClusterShape drawn(long seed, RandomGenerator random, PowerLoss powerLoss) {
        long rest = Math.floorMod(seed, 5L);
        return new ClusterShape(
                3 + Math.max(0, random.nextInt(5) - 2),
                1 + random.nextInt(3),
                1 + random.nextInt(2),
                rest == 0 || rest == 2 || rest == 3,
                random.nextInt(4) == 0,
                random.nextBoolean() ? 3_000 : 6_000,
                random.nextBoolean() ? 1_500 : 5_000,
                2_000 + random.nextInt(10_000),
                powerLoss);
    }

    static int replicas() {
        return 3;
    }

    BrokerConfig config(int id) {
        Map<String, String> properties = new TreeMap<>();
        properties.put("broker.id", Integer.toString(id));
        properties.put("log.dirs", "/data");
        properties.put("listeners", "PLAINTEXT://b" + id + ":9092");
        properties.put("zookeeper.connect", "zookeeper:2181");
        properties.put("zookeeper.session.timeout.ms", Integer.toString(sessionTimeoutMs));
        properties.put("replica.lag.time.max.ms", Integer.toString(replicaLagMaxMs));
        properties.put("replica.fetch.backoff.ms", "200");
        properties.put("num.partitions", "1");
        properties.put("barnabas.eligible.leader.replicas.enable", Boolean.toString(eligibleLeaders));
        properties.put("default.replication.factor", "3");
        properties.put("offsets.topic.num.partitions", "1");
        properties.put("offsets.topic.replication.factor", "3");
        properties.put("num.recovery.threads.per.data.dir", "1");
        properties.put("log.segment.bytes", "16384");
        properties.put("group.initial.rebalance.delay.ms", "0");
        return CONFIGS.computeIfAbsent(properties, BrokerConfig::from);
    }

    Map<String, String> topicConfig() {
        Map<String, String> config = new TreeMap<>();
        config.put("min.insync.replicas", Integer.toString(minInSync));
        if (flushing) {
            config.put("flush.messages", "1");
        }
        return config;
    }
}
