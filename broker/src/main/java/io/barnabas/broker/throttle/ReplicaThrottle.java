package io.barnabas.broker.throttle;

import io.barnabas.broker.config.ConfigCatalog;
import io.barnabas.broker.config.ThrottleConfig;
import io.barnabas.broker.metadata.CurrentCluster;
import io.barnabas.broker.metadata.DynamicConfigs;
import io.barnabas.model.BrokerId;
import io.barnabas.model.TopicPartition;
import io.barnabas.runtime.time.Clock;
import java.util.ArrayList;
import java.util.BitSet;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * One side of a broker's replication throttle (KIP-73): how fast it may go, for which replicas, and what has gone by. The bytes of a
 * throttled replica always count; whether it is made to wait depends on more, on being in sync, which the callers know. Thread-safe.
 */
public final class ReplicaThrottle {
    private static final Logger LOG = LoggerFactory.getLogger(ReplicaThrottle.class);
    private static final long NO_BOUND = Long.MAX_VALUE;
    private static final long NANOS_PER_SECOND = 1_000_000_000L;

    /** Who is slowed. */
    private enum Side {
        LEADER(ThrottleConfig.LEADER_RATE, "leader.replication.throttled.replicas"),
        FOLLOWER(ThrottleConfig.FOLLOWER_RATE, "follower.replication.throttled.replicas");

        private final String rateKey;
        private final String replicasKey;

        Side(String rateKey, String replicasKey) {
            this.rateKey = rateKey;
            this.replicasKey = replicasKey;
        }
    }

    private final Side side;
    private final BrokerId self;
    private final long bytesPerSecondIfUnset;
    private final Clock clock;
    private final List<Runnable> listeners = new ArrayList<>();

    /** Holding this. */
    private final ByteRate rate;

    private volatile DynamicConfigs seen = DynamicConfigs.NONE;
    private volatile Rules rules;

    /** @param topics replicas of this broker, by topic; topics without any are absent */
    private record Rules(long bytesPerSecond, Map<String, Replicas> topics) {}

    /** @param numbers of partitions, unless all are meant */
    private record Replicas(boolean all, BitSet numbers) {
        boolean contains(int partition) {
            return all || numbers.get(partition);
        }
    }

    private ReplicaThrottle(Side side, BrokerId self, long bytesPerSecond, ThrottleConfig config, Clock clock) {
        this.side = side;
        this.self = self;
        this.bytesPerSecondIfUnset = bytesPerSecond;
        this.clock = clock;
        this.rate = new ByteRate(config.windows(), config.windowSeconds() * NANOS_PER_SECOND, clock.nanoTime());
        this.rules = new Rules(bytesPerSecond, Map.of());
    }

    /** For what this broker sends to followers. */
    public static ReplicaThrottle ofLeader(BrokerId self, ThrottleConfig config, Clock clock) {
        return new ReplicaThrottle(Side.LEADER, self, config.leaderBytesPerSecond(), config, clock);
    }

    /** For what this broker fetches from leaders. */
    public static ReplicaThrottle ofFollower(BrokerId self, ThrottleConfig config, Clock clock) {
        return new ReplicaThrottle(Side.FOLLOWER, self, config.followerBytesPerSecond(), config, clock);
    }

    /** Obeys what is configured there from now on. */
    public ReplicaThrottle obeying(CurrentCluster cluster) {
        cluster.onChange(view -> configure(view.configs()));
        configure(cluster.view().configs());
        return this;
    }

    /** @param listener called after other bounds, or other replicas, have come into force; on any thread, must not block */
    public void onChange(Runnable listener) {
        synchronized (listeners) {
            listeners.add(listener);
        }
    }

    /** Called by one thread at a time. */
    public void configure(DynamicConfigs configs) {
        if (configs == seen) {
            return;
        }
        seen = configs;
        Rules next = new Rules(bytesPerSecond(configs), topics(configs));
        Rules before = rules;
        if (next.equals(before)) {
            return;
        }
        rules = next;
        if (next.bytesPerSecond != before.bytesPerSecond) {
            LOG.atInfo()
                    .addKeyValue("side", side)
                    .addKeyValue("bytesPerSecond", next.bytesPerSecond)
                    .log("replication throttle changed");
        }
        List<Runnable> told;
        synchronized (listeners) {
            told = List.copyOf(listeners);
        }
        told.forEach(Runnable::run);
    }

    /** Whether the replica that this broker holds is one of the throttled. */
    public boolean appliesTo(TopicPartition partition) {
        Map<String, Replicas> topics = rules.topics;
        if (topics.isEmpty()) {
            return false;
        }
        Replicas replicas = topics.get(partition.topic());
        return replicas != null && replicas.contains(partition.partition());
    }

    /** How long throttled replicas that lag have to wait, in nanoseconds; 0 if they may go on. */
    public long waitNanos() {
        long bound = rules.bytesPerSecond;
        if (bound == NO_BOUND) {
            return 0;
        }
        synchronized (this) {
            return rate.nanosUntilWithin(bound, clock.nanoTime());
        }
    }

    /** So many bytes of throttled replicas have gone by. */
    public void record(long bytes) {
        if (bytes > 0) {
            synchronized (this) {
                rate.record(bytes, clock.nanoTime());
            }
        }
    }

    private long bytesPerSecond(DynamicConfigs configs) {
        String value = configs.broker(self).get(side.rateKey);
        if (value == null) {
            value = configs.brokerDefaults().get(side.rateKey);
        }
        if (value == null) {
            return bytesPerSecondIfUnset;
        }
        String complaint = ConfigCatalog.get().find(side.rateKey).complaint(value);
        if (complaint != null) {
            LOG.atError()
                    .addKeyValue("key", side.rateKey)
                    .addKeyValue("value", value)
                    .addKeyValue("mistake", complaint)
                    .log("the throttle in ZooKeeper cannot be used, server.properties holds");
            return bytesPerSecondIfUnset;
        }
        return Long.parseLong(value.trim());
    }

    private Map<String, Replicas> topics(DynamicConfigs configs) {
        Map<String, Replicas> topics = new HashMap<>();
        configs.topics().forEach((topic, values) -> {
            String list = values.get(side.replicasKey);
            if (list != null && !list.isBlank()) {
                Replicas replicas = replicas(list);
                if (replicas.all || !replicas.numbers.isEmpty()) {
                    topics.put(topic, replicas);
                }
            }
        });
        return topics;
    }

    /** What was checked before it was stored; what came there otherwise and makes no sense names no replica. */
    private Replicas replicas(String list) {
        BitSet numbers = new BitSet();
        for (String entry : list.split(",", -1)) {
            String replica = entry.trim();
            if (replica.equals("*")) {
                return new Replicas(true, new BitSet());
            }
            int colon = replica.indexOf(':');
            int partition = colon < 0 ? -1 : number(replica.substring(0, colon));
            if (partition >= 0 && number(replica.substring(colon + 1)) == self.value()) {
                numbers.set(partition);
            }
        }
        return new Replicas(false, numbers);
    }

    /** -1 if it is none. */
    private static int number(String text) {
        try {
            return Math.max(-1, Integer.parseInt(text));
        } catch (NumberFormatException notANumber) {
            return -1;
        }
    }
}
