package io.barnabas.broker.config;

import io.barnabas.coordination.controller.LeaderBalancing;
import io.barnabas.log.LogConfig;
import io.barnabas.log.LogDirectoryConfig;
import io.barnabas.model.BrokerId;
import io.barnabas.runtime.config.ConfigException;
import io.barnabas.runtime.config.ConfigReader;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeMap;

/**
 * All that {@code server.properties} says, in the parts that the rooms of the broker are built from.
 *
 * @param configuredId          {@code broker.id}; {@link BrokerId#NONE} to take the one on disk, or a new one
 * @param generateId            whether ZooKeeper may hand out an id
 * @param reservedBrokerMaxId   generated ids are above this one
 * @param rack                  null if none is given
 * @param logDirs               at least one, absolute, in the order given
 * @param log                   what topics get that do not say otherwise
 * @param properties            as given; what DescribeConfigs shows as static
 * @param notices               to be logged once: keys that nobody knows or that have no effect
 */
public record BrokerConfig(
        BrokerId configuredId,
        boolean generateId,
        int reservedBrokerMaxId,
        String rack,
        ListenersConfig listeners,
        ZooKeeperChoice zooKeeper,
        List<Path> logDirs,
        LogDirectoryConfig logDirectories,
        LogConfig log,
        TopicDefaults topics,
        InternalTopics internalTopics,
        GroupCoordinatorConfig groups,
        ServingConfig serving,
        ReplicationConfig replication,
        LeaderBalancing balancing,
        HousekeepingConfig housekeeping,
        ShutdownConfig shutdown,
        HttpListenersConfig http,
        LagMonitoringConfig lag,
        Map<String, String> properties,
        List<String> notices) {
    /** Where logs lie when nobody says; beside the place the broker was started from. */
    public static final String DEFAULT_LOG_DIR = "./data/log";

    public BrokerConfig {
        logDirs = List.copyOf(logDirs);
        properties = Map.copyOf(properties);
        notices = List.copyOf(notices);
    }

    /** @throws ConfigException naming every mistake there is */
    public static BrokerConfig from(Map<String, String> properties) {
        return from(properties, HttpListenersConfig.OFF);
    }

    /**
     * @param httpIfNotGiven where HTTP is served if {@code http.listeners} does not say
     * @throws ConfigException naming every mistake there is
     */
    public static BrokerConfig from(Map<String, String> properties, HttpListenersConfig httpIfNotGiven) {
        PropertyCheck check = PropertyCheck.of(properties);
        ConfigReader config = new ConfigReader(check.usable());
        ZooKeeperChoice zooKeeper = ZooKeeperChoice.from(config);
        BrokerConfig result = new BrokerConfig(
                brokerId(config),
                config.bool("broker.id.generation.enable", true),
                config.integer("reserved.broker.max.id", 1000, ConfigReader.atLeast(0)),
                config.string("broker.rack", null),
                ListenersConfig.from(config),
                zooKeeper,
                logDirs(config),
                LogDirectoryConfig.from(config),
                LogConfig.from(config),
                TopicDefaults.from(config),
                InternalTopics.from(config, zooKeeper.embedded()),
                GroupCoordinatorConfig.from(config),
                ServingConfig.from(config),
                ReplicationConfig.from(config),
                balancing(config),
                HousekeepingConfig.from(config),
                ShutdownConfig.from(config),
                HttpListenersConfig.from(config, httpIfNotGiven),
                LagMonitoringConfig.from(config),
                properties,
                check.notices());
        Set<String> mistakes = new LinkedHashSet<>(check.mistakes());
        mistakes.addAll(config.mistakes());
        if (!mistakes.isEmpty()) {
            throw new ConfigException(new ArrayList<>(mistakes));
        }
        return result;
    }

    /**
     * What topics get that do not say otherwise, after changes while the broker runs.
     *
     * @param dynamic values that are stronger than the file's; what is not obeyed while running is passed over
     * @throws ConfigException if they do not fit together
     */
    public LogConfig logWith(Map<String, String> dynamic) {
        Map<String, String> values = new TreeMap<>(PropertyCheck.of(properties).usable());
        dynamic.forEach((name, value) -> {
            ConfigKey key = ConfigCatalog.get().find(name);
            if (key != null && key.live()) {
                values.put(name, value);
            }
        });
        ConfigReader config = new ConfigReader(values);
        LogConfig changed = LogConfig.from(config);
        config.orThrow();
        return changed;
    }

    private static LeaderBalancing balancing(ConfigReader config) {
        return new LeaderBalancing(
                config.bool("auto.leader.rebalance.enable", true),
                1_000L * config.integer("leader.imbalance.check.interval.seconds", 300, ConfigReader.atLeast(1)),
                config.integer("leader.imbalance.per.broker.percentage", 10, ConfigReader.atLeast(0)));
    }

    private static BrokerId brokerId(ConfigReader config) {
        int id = config.integer("broker.id", -1, ConfigReader.atLeast(-1));
        int node = config.integer("node.id", -1, ConfigReader.atLeast(-1));
        if (id >= 0 && node >= 0 && id != node) {
            config.mistake("broker.id=" + id + " and node.id=" + node + ": two names of one number, give one of them");
        }
        int chosen = id >= 0 ? id : node;
        int reserved = config.integer("reserved.broker.max.id", 1000);
        if (chosen > reserved && config.bool("broker.id.generation.enable", true)) {
            config.mistake("broker.id=" + chosen + ": must not be above reserved.broker.max.id=" + reserved
                    + " while broker.id.generation.enable is true");
        }
        if (chosen < 0 && !config.bool("broker.id.generation.enable", true)) {
            config.mistake("broker.id: must be given when broker.id.generation.enable is false");
        }
        return chosen < 0 ? BrokerId.NONE : new BrokerId(chosen);
    }

    private static List<Path> logDirs(ConfigReader config) {
        String single = config.string("log.dir", DEFAULT_LOG_DIR);
        List<String> names = config.has("log.dirs") ? config.list("log.dirs", List.of()) : ValueRule.elements(single);
        Set<Path> directories = new LinkedHashSet<>();
        for (String name : names) {
            if (!directories.add(Path.of(name).toAbsolutePath().normalize())) {
                config.mistake("log.dirs: " + name + " stands there twice");
            }
        }
        if (directories.isEmpty()) {
            config.mistake("log.dirs: at least one directory is needed");
        }
        return new ArrayList<>(directories);
    }
}
