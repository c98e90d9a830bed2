package io.barnabas.tools;

import java.util.ArrayList;
import java.util.Collection;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.SortedMap;
import java.util.TreeMap;
import java.util.TreeSet;
import org.apache.kafka.clients.admin.Admin;
import org.apache.kafka.clients.admin.AlterConfigOp;
import org.apache.kafka.clients.admin.ConfigEntry;
import org.apache.kafka.common.KafkaFuture;
import org.apache.kafka.common.TopicPartition;
import org.apache.kafka.common.config.ConfigResource;
import org.apache.kafka.common.errors.UnknownTopicOrPartitionException;

/** Bounds how fast replicas are copied, in the way of KIP-73: a rate at each broker, and at each topic which replicas it is for. */
final class ReplicationThrottle {
    private static final String LEADER_RATE = "leader.replication.throttled.rate";
    private static final String FOLLOWER_RATE = "follower.replication.throttled.rate";
    private static final String LOG_DIRECTORIES_RATE = "replica.alter.log.dirs.io.max.bytes.per.second";
    private static final String LEADER_REPLICAS = "leader.replication.throttled.replicas";
    private static final String FOLLOWER_REPLICAS = "follower.replication.throttled.replicas";

    private final Admin admin;

    ReplicationThrottle(Admin admin) {
        this.admin = admin;
    }

    /**
     * Those that copy from are all replicas of now, those that copy are the new ones.
     *
     * @param now            replicas that hold the partitions
     * @param wanted         replicas that shall
     * @param live           brokers that are there to be told
     * @param bytesPerSecond of each broker, as leader and as follower
     */
    void set(
            SortedMap<TopicPartition, List<Integer>> now,
            SortedMap<TopicPartition, List<Integer>> wanted,
            Collection<Integer> live,
            long bytesPerSecond) {
        SortedMap<String, List<String>> leaders = new TreeMap<>();
        SortedMap<String, List<String>> followers = new TreeMap<>();
        TreeSet<Integer> brokers = new TreeSet<>();
        wanted.forEach((partition, replicas) -> {
            for (int broker : now.get(partition)) {
                entry(leaders, partition, broker);
                brokers.add(broker);
            }
            for (int broker : replicas) {
                brokers.add(broker);
                if (!now.get(partition).contains(broker)) {
                    entry(followers, partition, broker);
                }
            }
        });
        brokers.retainAll(live);
        Map<ConfigResource, Collection<AlterConfigOp>> changes = new HashMap<>();
        leaders.forEach((topic, entries) -> changes.put(
                new ConfigResource(ConfigResource.Type.TOPIC, topic),
                List.of(
                        set(LEADER_REPLICAS, String.join(",", entries)),
                        set(FOLLOWER_REPLICAS, String.join(",", followers.getOrDefault(topic, List.of()))))));
        String rate = Long.toString(bytesPerSecond);
        brokers.forEach(broker -> changes.put(
                new ConfigResource(ConfigResource.Type.BROKER, Integer.toString(broker)),
                List.of(set(LEADER_RATE, rate), set(FOLLOWER_RATE, rate))));
        Failures.await(admin.incrementalAlterConfigs(changes).all());
    }

    /** Takes every bound away again; topics that do not exist any more are passed over. */
    void clear(Collection<Integer> brokers, Collection<String> topics) {
        Map<ConfigResource, Collection<AlterConfigOp>> changes = new HashMap<>();
        brokers.forEach(broker -> changes.put(
                new ConfigResource(ConfigResource.Type.BROKER, broker.toString()),
                List.of(delete(LEADER_RATE), delete(FOLLOWER_RATE), delete(LOG_DIRECTORIES_RATE))));
        topics.forEach(topic -> changes.put(
                new ConfigResource(ConfigResource.Type.TOPIC, topic),
                List.of(delete(LEADER_REPLICAS), delete(FOLLOWER_REPLICAS))));
        for (KafkaFuture<Void> answer :
                admin.incrementalAlterConfigs(changes).values().values()) {
            try {
                Failures.await(answer);
            } catch (UnknownTopicOrPartitionException e) {
                // its settings have gone with it
                continue;
            }
        }
    }

    private static void entry(SortedMap<String, List<String>> entries, TopicPartition partition, int broker) {
        entries.computeIfAbsent(partition.topic(), none -> new ArrayList<>()).add(partition.partition() + ":" + broker);
    }

    private static AlterConfigOp set(String name, String value) {
        return new AlterConfigOp(new ConfigEntry(name, value), AlterConfigOp.OpType.SET);
    }

    private static AlterConfigOp delete(String name) {
        return new AlterConfigOp(new ConfigEntry(name, null), AlterConfigOp.OpType.DELETE);
    }
}
