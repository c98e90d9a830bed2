package io.barnabas.broker.config;

import io.barnabas.runtime.config.ConfigReader;
import java.util.Map;
import java.util.Set;

/**
 * Topics that brokers write for themselves, and how they are made; never with the defaults of ordinary topics.
 *
 * @param offsets      {@code offsets.topic.*}
 * @param transactions {@code transaction.state.log.*}
 */
public record InternalTopics(Recipe offsets, Recipe transactions) {
    public static final String OFFSETS = "__consumer_offsets";
    public static final String TRANSACTIONS = "__transaction_state";
    private static final Set<String> NAMES = Set.of(OFFSETS, TRANSACTIONS, "__share_group_state");

    /**
     * @param replicationFactor at most this many; fewer where fewer brokers live and {@code shrinks} allows it
     * @param shrinks           whether the number of live brokers is enough; so only with the embedded ZooKeeper
     * @param configs           the topic's own configuration
     */
    public record Recipe(int partitions, int replicationFactor, boolean shrinks, Map<String, String> configs) {
        public Recipe {
            configs = Map.copyOf(configs);
        }

        public int replicasAmong(int liveBrokers) {
            return shrinks ? Math.max(1, Math.min(replicationFactor, liveBrokers)) : replicationFactor;
        }
    }

    static InternalTopics from(ConfigReader config, boolean embedded) {
        return new InternalTopics(
                new Recipe(
                        config.integer("offsets.topic.num.partitions", 50, ConfigReader.atLeast(1)),
                        config.integer("offsets.topic.replication.factor", 3, ConfigReader.atLeast(1)),
                        embedded && !config.has("offsets.topic.replication.factor"),
                        Map.of(
                                "cleanup.policy", "compact",
                                "compression.type", "producer",
                                "segment.bytes",
                                        Integer.toString(config.bytes(
                                                "offsets.topic.segment.bytes", 104_857_600, ConfigReader.atLeast(1))))),
                new Recipe(
                        config.integer("transaction.state.log.num.partitions", 50, ConfigReader.atLeast(1)),
                        config.integer("transaction.state.log.replication.factor", 3, ConfigReader.atLeast(1)),
                        embedded && !config.has("transaction.state.log.replication.factor"),
                        Map.of(
                                "cleanup.policy", "compact",
                                "compression.type", "uncompressed",
                                "unclean.leader.election.enable", "false",
                                "min.insync.replicas", minInSync(config, embedded),
                                "segment.bytes",
                                        Integer.toString(config.bytes(
                                                "transaction.state.log.segment.bytes",
                                                104_857_600,
                                                ConfigReader.atLeast(1))))));
    }

    private static String minInSync(ConfigReader config, boolean embedded) {
        int fallback = embedded && !config.has("transaction.state.log.replication.factor") ? 1 : 2;
        return Integer.toString(config.integer("transaction.state.log.min.isr", fallback, ConfigReader.atLeast(1)));
    }

    public static boolean isInternal(String topic) {
        return NAMES.contains(topic);
    }

    /** @return null if clients cannot have this one made for them */
    public Recipe recipe(String topic) {
        return switch (topic) {
            case OFFSETS -> offsets;
            case TRANSACTIONS -> transactions;
            default -> null;
        };
    }
}
