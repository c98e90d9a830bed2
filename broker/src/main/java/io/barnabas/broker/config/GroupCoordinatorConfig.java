package io.barnabas.broker.config;

import io.barnabas.consumer.coordinator.assignor.Assignors;
import io.barnabas.consumer.coordinator.group.GroupConfig;
import io.barnabas.consumer.coordinator.group.GroupConfig.MigrationPolicy;
import io.barnabas.consumer.coordinator.offsets.OffsetConfig;
import io.barnabas.log.batch.Compression;
import io.barnabas.runtime.config.ConfigReader;
import java.util.List;
import java.util.Locale;

/**
 * What coordinators of consumer groups are built from.
 *
 * @param groups           {@code group.*}
 * @param offsets          {@code offsets.retention.*}, {@code offset.metadata.max.bytes}
 * @param consumerProtocol whether {@code group.coordinator.rebalance.protocols} names it
 * @param threads          {@code group.coordinator.threads}: so many loops of connections, at most, do coordinators take their turns on
 * @param commitTimeoutMs  {@code offsets.commit.timeout.ms}
 * @param loadBufferBytes  {@code offsets.load.buffer.size}
 * @param compression      {@code offsets.topic.compression.codec}
 */
public record GroupCoordinatorConfig(
        GroupConfig groups,
        OffsetConfig offsets,
        boolean consumerProtocol,
        int threads,
        long commitTimeoutMs,
        int loadBufferBytes,
        Compression compression) {
    private static final long MINUTE_MS = 60_000;
    private static final int LAST_CODEC = Compression.ZSTD.id();

    static GroupCoordinatorConfig from(ConfigReader config) {
        return new GroupCoordinatorConfig(
                groups(config),
                new OffsetConfig(
                        config.integer("offset.metadata.max.bytes", 4096, ConfigReader.atLeast(0)),
                        MINUTE_MS * config.integer("offsets.retention.minutes", 10_080, ConfigReader.atLeast(1)),
                        config.longValue("offsets.retention.check.interval.ms", 600_000, ConfigReader.atLeast(1))),
                config.list("group.coordinator.rebalance.protocols", List.of("classic", "consumer", "streams"))
                        .contains("consumer"),
                config.integer("group.coordinator.threads", 4, ConfigReader.atLeast(1)),
                config.integer("offsets.commit.timeout.ms", 5_000, ConfigReader.atLeast(1)),
                config.bytes("offsets.load.buffer.size", 5_242_880, ConfigReader.atLeast(1)),
                Compression.ofId(
                        config.integer("offsets.topic.compression.codec", 0, ConfigReader.between(0, LAST_CODEC))));
    }

    private static GroupConfig groups(ConfigReader config) {
        int least = config.integer("group.min.session.timeout.ms", 6_000, ConfigReader.atLeast(0));
        int most = config.integer("group.max.session.timeout.ms", 1_800_000, ConfigReader.atLeast(0));
        if (least > most) {
            config.mistake("group.min.session.timeout.ms=" + least + " is above group.max.session.timeout.ms=" + most);
        }
        return new GroupConfig(
                least,
                most,
                config.integer("group.max.size", Integer.MAX_VALUE, ConfigReader.atLeast(1)),
                config.integer("group.initial.rebalance.delay.ms", 3_000, ConfigReader.atLeast(0)),
                consumer(config));
    }

    private static GroupConfig.Consumer consumer(ConfigReader config) {
        GroupConfig.Consumer standard = GroupConfig.Consumer.DEFAULT;
        return new GroupConfig.Consumer(
                within(config, "session.timeout.ms", standard.sessionTimeoutMs()),
                millis(config, "min.session.timeout.ms", standard.minSessionTimeoutMs()),
                millis(config, "max.session.timeout.ms", standard.maxSessionTimeoutMs()),
                within(config, "heartbeat.interval.ms", standard.heartbeatIntervalMs()),
                millis(config, "min.heartbeat.interval.ms", standard.minHeartbeatIntervalMs()),
                millis(config, "max.heartbeat.interval.ms", standard.maxHeartbeatIntervalMs()),
                config.integer(
                        "barnabas.group.consumer.least.heartbeat.interval.ms",
                        standard.leastHeartbeatIntervalMs(),
                        ConfigReader.atLeast(1)),
                config.integer("group.consumer.max.size", standard.maxSize(), ConfigReader.atLeast(1)),
                assignors(config, standard.assignors()),
                MigrationPolicy.valueOf(config.string(
                                "group.consumer.migration.policy",
                                standard.migrationPolicy().name())
                        .toUpperCase(Locale.ROOT)),
                config.integer(
                        "group.consumer.assignment.interval.ms",
                        standard.assignmentIntervalMs(),
                        ConfigReader.atLeast(0)),
                config.integer(
                        "group.consumer.regex.refresh.interval.ms",
                        standard.regexRefreshIntervalMs(),
                        ConfigReader.atLeast(10_000)));
    }

    /** A value that groups may override between a least and a most has to lie between them itself. */
    private static int within(ConfigReader config, String name, int fallback) {
        GroupConfig.Consumer standard = GroupConfig.Consumer.DEFAULT;
        boolean session = name.startsWith("session");
        int value = millis(config, name, fallback);
        int least = millis(
                config, "min." + name, session ? standard.minSessionTimeoutMs() : standard.minHeartbeatIntervalMs());
        int most = millis(
                config, "max." + name, session ? standard.maxSessionTimeoutMs() : standard.maxHeartbeatIntervalMs());
        if (value < least || value > most) {
            config.mistake("group.consumer." + name + "=" + value + ": must lie between group.consumer.min." + name
                    + "=" + least + " and group.consumer.max." + name + "=" + most);
        }
        return value;
    }

    private static int millis(ConfigReader config, String name, int fallback) {
        return config.integer("group.consumer." + name, fallback, ConfigReader.atLeast(1));
    }

    private static List<String> assignors(ConfigReader config, List<String> fallback) {
        List<String> names = config.list("group.consumer.assignors", fallback);
        try {
            Assignors.of(names);
            return names;
        } catch (IllegalArgumentException unknown) {
            config.mistake("group.consumer.assignors: " + unknown.getMessage());
            return fallback;
        }
    }
}
