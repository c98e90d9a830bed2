package io.barnabas.log;

import static io.barnabas.runtime.config.ConfigReader.atLeast;
import static io.barnabas.runtime.config.ConfigReader.between;

import io.barnabas.log.TopicKey.Type;
import io.barnabas.runtime.config.ConfigException;
import io.barnabas.runtime.config.ConfigReader;
import io.barnabas.runtime.config.ConfigReader.Check;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeMap;
import java.util.concurrent.TimeUnit;
import java.util.function.UnaryOperator;
import java.util.stream.Collectors;

/**
 * How one topic's partitions are kept: Kafka's topic keys, typed. The names of the components are the keys' names; times are
 * milliseconds, sizes bytes, and -1 stands for "no limit" where Kafka says so.
 *
 * <p>Limits are those of Kafka 3.9 where Kafka 4 tightened them ({@code segment.bytes} from 14 on), since a cluster of 3.9
 * may have such topics.
 *
 * @param messageTimestampBeforeMaxMs how far a record's timestamp may lie in the past; where only 3.9's
 *                                    {@code message.timestamp.difference.max.ms} is set, that
 */
public record LogConfig(
        List<String> cleanupPolicy,
        int compressionGzipLevel,
        int compressionLz4Level,
        String compressionType,
        int compressionZstdLevel,
        long deleteRetentionMs,
        long fileDeleteDelayMs,
        long flushMessages,
        long flushMs,
        List<String> followerReplicationThrottledReplicas,
        int indexIntervalBytes,
        List<String> leaderReplicationThrottledReplicas,
        long localRetentionBytes,
        long localRetentionMs,
        long maxCompactionLagMs,
        int maxMessageBytes,
        long messageTimestampAfterMaxMs,
        long messageTimestampBeforeMaxMs,
        String messageTimestampType,
        double minCleanableDirtyRatio,
        long minCompactionLagMs,
        int minInsyncReplicas,
        boolean preallocate,
        boolean remoteLogCopyDisable,
        boolean remoteLogDeleteOnDisable,
        boolean remoteStorageEnable,
        long retentionBytes,
        long retentionMs,
        int segmentBytes,
        int segmentIndexBytes,
        long segmentJitterMs,
        long segmentMs,
        boolean uncleanLeaderElectionEnable) {

    private static final long WEEK_MS = TimeUnit.DAYS.toMillis(7);
    private static final String LONG_MAX = Long.toString(Long.MAX_VALUE);

    /** Kafka's defaults. */
    public static final LogConfig DEFAULTS = new LogConfig(
            List.of("delete"),
            -1,
            9,
            "producer",
            3,
            TimeUnit.DAYS.toMillis(1),
            60_000,
            Long.MAX_VALUE,
            Long.MAX_VALUE,
            List.of(),
            4096,
            List.of(),
            -2,
            -2,
            Long.MAX_VALUE,
            1024 * 1024 + 12,
            3_600_000,
            Long.MAX_VALUE,
            "CreateTime",
            0.5,
            0,
            1,
            false,
            false,
            false,
            false,
            -1,
            WEEK_MS,
            1 << 30,
            10 * 1024 * 1024,
            0,
            WEEK_MS,
            false);

    private static final List<TopicKey> KEYS = List.of(
            key("cleanup.policy", Type.LIST, "delete", "[compact, delete]", "log.cleanup.policy"),
            key("compression.gzip.level", Type.INT, "-1", "[1,...,9] or -1", "compression.gzip.level"),
            key("compression.lz4.level", Type.INT, "9", "[1,...,17]", "compression.lz4.level"),
            key(
                    "compression.type",
                    Type.STRING,
                    "producer",
                    "[uncompressed, zstd, lz4, snappy, gzip, producer]",
                    "compression.type"),
            key("compression.zstd.level", Type.INT, "3", "[-131072,...,22]", "compression.zstd.level"),
            key("delete.retention.ms", Type.LONG, "86400000", "[0,...]", "log.cleaner.delete.retention.ms"),
            key("file.delete.delay.ms", Type.LONG, "60000", "[0,...]", "log.segment.delete.delay.ms"),
            key("flush.messages", Type.LONG, LONG_MAX, "[1,...]", "log.flush.interval.messages"),
            key("flush.ms", Type.LONG, LONG_MAX, "[0,...]", "log.flush.interval.ms", "log.flush.scheduler.interval.ms"),
            key("follower.replication.throttled.replicas", Type.LIST, "", "[partitionId]:[brokerId],... or *"),
            key("index.interval.bytes", Type.INT, "4096", "[0,...]", "log.index.interval.bytes"),
            key("leader.replication.throttled.replicas", Type.LIST, "", "[partitionId]:[brokerId],... or *"),
            key("local.retention.bytes", Type.LONG, "-2", "[-2,...]", "log.local.retention.bytes"),
            key("local.retention.ms", Type.LONG, "-2", "[-2,...]", "log.local.retention.ms"),
            key("max.compaction.lag.ms", Type.LONG, LONG_MAX, "[1,...]", "log.cleaner.max.compaction.lag.ms"),
            key("max.message.bytes", Type.INT, "1048588", "[0,...]", "message.max.bytes"),
            key(
                    "message.timestamp.after.max.ms",
                    Type.LONG,
                    "3600000",
                    "[0,...]",
                    "log.message.timestamp.after.max.ms"),
            key(
                    "message.timestamp.before.max.ms",
                    Type.LONG,
                    LONG_MAX,
                    "[0,...]",
                    "log.message.timestamp.before.max.ms"),
            key(
                    "message.timestamp.type",
                    Type.STRING,
                    "CreateTime",
                    "[CreateTime, LogAppendTime]",
                    "log.message.timestamp.type"),
            key("min.cleanable.dirty.ratio", Type.DOUBLE, "0.5", "[0,...,1]", "log.cleaner.min.cleanable.ratio"),
            key("min.compaction.lag.ms", Type.LONG, "0", "[0,...]", "log.cleaner.min.compaction.lag.ms"),
            key("min.insync.replicas", Type.INT, "1", "[1,...]", "min.insync.replicas"),
            key("preallocate", Type.BOOLEAN, "false", "", "log.preallocate"),
            key("remote.log.copy.disable", Type.BOOLEAN, "false", ""),
            key("remote.log.delete.on.disable", Type.BOOLEAN, "false", ""),
            key("remote.storage.enable", Type.BOOLEAN, "false", ""),
            key("retention.bytes", Type.LONG, "-1", "", "log.retention.bytes"),
            key(
                    "retention.ms",
                    Type.LONG,
                    "604800000",
                    "[-1,...]",
                    "log.retention.ms",
                    "log.retention.minutes",
                    "log.retention.hours"),
            key("segment.bytes", Type.INT, "1073741824", "[14,...]", "log.segment.bytes"),
            key("segment.index.bytes", Type.INT, "10485760", "[4,...]", "log.index.size.max.bytes"),
            key("segment.jitter.ms", Type.LONG, "0", "[0,...]", "log.roll.jitter.ms", "log.roll.jitter.hours"),
            key("segment.ms", Type.LONG, "604800000", "[1,...]", "log.roll.ms", "log.roll.hours"),
            key("unclean.leader.election.enable", Type.BOOLEAN, "false", "", "unclean.leader.election.enable"),
            new TopicKey(
                    "message.downconversion.enable",
                    Type.BOOLEAN,
                    "true",
                    "",
                    List.of("log.message.downconversion.enable"),
                    true),
            new TopicKey(
                    "message.format.version", Type.STRING, "3.0-IV1", "", List.of("log.message.format.version"), true),
            new TopicKey(
                    "message.timestamp.difference.max.ms",
                    Type.LONG,
                    LONG_MAX,
                    "[0,...]",
                    List.of("log.message.timestamp.difference.max.ms"),
                    true));

    private static final Set<String> KEY_NAMES =
            KEYS.stream().map(TopicKey::name).collect(Collectors.toUnmodifiableSet());

    private static final Check<String> POLICY = ConfigReader.oneOf("compact", "delete");

    public LogConfig {
        cleanupPolicy = List.copyOf(cleanupPolicy);
        followerReplicationThrottledReplicas = List.copyOf(followerReplicationThrottledReplicas);
        leaderReplicationThrottledReplicas = List.copyOf(leaderReplicationThrottledReplicas);
    }

    /** Kafka's topic keys, in the order of their names; those of 3.9 only come last. */
    public static List<TopicKey> topicKeys() {
        return KEYS;
    }

    /** The broker's defaults for topics, from the broker's keys. Mistakes are left with {@code broker}. */
    public static LogConfig from(ConfigReader broker) {
        LogConfig read = read(broker, LogConfig::brokerKey, DEFAULTS);
        long schedulerMs = broker.millis("log.flush.scheduler.interval.ms", DEFAULTS.flushMs, atLeast(0));
        return read.withTimes(
                broker.millis("log.flush.interval.ms", schedulerMs, atLeast(0)),
                retentionMs(broker),
                inUnits(broker, "log.roll", DEFAULTS.segmentMs, 1),
                inUnits(broker, "log.roll.jitter", DEFAULTS.segmentJitterMs, 0));
    }

    /**
     * The configuration of a topic that sets {@code overrides} on top of this.
     *
     * @throws ConfigException with every mistake: unknown keys, wrong values, values that do not fit together
     */
    public LogConfig withOverrides(Map<String, String> overrides) {
        ConfigReader reader = new ConfigReader(overrides);
        LogConfig config = read(reader, UnaryOperator.identity(), this);
        for (String unknown : new TreeMap<>(overrides).keySet()) {
            if (!KEY_NAMES.contains(unknown)) {
                reader.mistake("Unknown topic config name: " + unknown);
            }
        }
        reader.orThrow();
        return config;
    }

    /** Every key of Kafka 4 with its value as text. */
    public Map<String, String> values() {
        Map<String, String> values = new LinkedHashMap<>();
        values.put("cleanup.policy", String.join(",", cleanupPolicy));
        values.put("compression.gzip.level", Integer.toString(compressionGzipLevel));
        values.put("compression.lz4.level", Integer.toString(compressionLz4Level));
        values.put("compression.type", compressionType);
        values.put("compression.zstd.level", Integer.toString(compressionZstdLevel));
        values.put("delete.retention.ms", Long.toString(deleteRetentionMs));
        values.put("file.delete.delay.ms", Long.toString(fileDeleteDelayMs));
        values.put("flush.messages", Long.toString(flushMessages));
        values.put("flush.ms", Long.toString(flushMs));
        values.put("follower.replication.throttled.replicas", String.join(",", followerReplicationThrottledReplicas));
        values.put("index.interval.bytes", Integer.toString(indexIntervalBytes));
        values.put("leader.replication.throttled.replicas", String.join(",", leaderReplicationThrottledReplicas));
        values.put("local.retention.bytes", Long.toString(localRetentionBytes));
        values.put("local.retention.ms", Long.toString(localRetentionMs));
        values.put("max.compaction.lag.ms", Long.toString(maxCompactionLagMs));
        values.put("max.message.bytes", Integer.toString(maxMessageBytes));
        values.put("message.timestamp.after.max.ms", Long.toString(messageTimestampAfterMaxMs));
        values.put("message.timestamp.before.max.ms", Long.toString(messageTimestampBeforeMaxMs));
        values.put("message.timestamp.type", messageTimestampType);
        values.put("min.cleanable.dirty.ratio", Double.toString(minCleanableDirtyRatio));
        values.put("min.compaction.lag.ms", Long.toString(minCompactionLagMs));
        values.put("min.insync.replicas", Integer.toString(minInsyncReplicas));
        values.put("preallocate", Boolean.toString(preallocate));
        values.put("remote.log.copy.disable", Boolean.toString(remoteLogCopyDisable));
        values.put("remote.log.delete.on.disable", Boolean.toString(remoteLogDeleteOnDisable));
        values.put("remote.storage.enable", Boolean.toString(remoteStorageEnable));
        values.put("retention.bytes", Long.toString(retentionBytes));
        values.put("retention.ms", Long.toString(retentionMs));
        values.put("segment.bytes", Integer.toString(segmentBytes));
        values.put("segment.index.bytes", Integer.toString(segmentIndexBytes));
        values.put("segment.jitter.ms", Long.toString(segmentJitterMs));
        values.put("segment.ms", Long.toString(segmentMs));
        values.put("unclean.leader.election.enable", Boolean.toString(uncleanLeaderElectionEnable));
        return values;
    }

    public boolean deletes() {
        return cleanupPolicy.contains("delete");
    }

    public boolean compacts() {
        return cleanupPolicy.contains("compact");
    }

    public boolean stampsAppendTime() {
        return messageTimestampType.equals("LogAppendTime");
    }

    /** Whether an append is acknowledged only once it is on disk (DESIGN D17). */
    public boolean flushesBeforeAck() {
        return flushMessages == 1;
    }

    private static LogConfig read(ConfigReader in, UnaryOperator<String> named, LogConfig base) {
        LogConfig config = new LogConfig(
                in.list(named.apply("cleanup.policy"), base.cleanupPolicy, POLICY),
                in.integer(named.apply("compression.gzip.level"), base.compressionGzipLevel, LogConfig::gzipLevel),
                in.integer(named.apply("compression.lz4.level"), base.compressionLz4Level, between(1, 17)),
                in.string(
                        named.apply("compression.type"),
                        base.compressionType,
                        ConfigReader.oneOf("uncompressed", "zstd", "lz4", "snappy", "gzip", "producer")),
                in.integer(named.apply("compression.zstd.level"), base.compressionZstdLevel, between(-131_072, 22)),
                in.millis(named.apply("delete.retention.ms"), base.deleteRetentionMs, atLeast(0)),
                in.millis(named.apply("file.delete.delay.ms"), base.fileDeleteDelayMs, atLeast(0)),
                in.longValue(named.apply("flush.messages"), base.flushMessages, atLeast(1)),
                in.millis(named.apply("flush.ms"), base.flushMs, atLeast(0)),
                throttled(in, named.apply("follower.replication.throttled.replicas"), base.followerThrottled()),
                in.bytes(named.apply("index.interval.bytes"), base.indexIntervalBytes, atLeast(0)),
                throttled(in, named.apply("leader.replication.throttled.replicas"), base.leaderThrottled()),
                in.longValue(named.apply("local.retention.bytes"), base.localRetentionBytes, atLeast(-2)),
                in.millis(named.apply("local.retention.ms"), base.localRetentionMs, atLeast(-2)),
                in.millis(named.apply("max.compaction.lag.ms"), base.maxCompactionLagMs, atLeast(1)),
                in.bytes(named.apply("max.message.bytes"), base.maxMessageBytes, atLeast(0)),
                afterMaxMs(in, named, base),
                beforeMaxMs(in, named, base),
                in.string(
                        named.apply("message.timestamp.type"),
                        base.messageTimestampType,
                        ConfigReader.oneOf("CreateTime", "LogAppendTime")),
                in.decimal(named.apply("min.cleanable.dirty.ratio"), base.minCleanableDirtyRatio, between(0, 1)),
                in.millis(named.apply("min.compaction.lag.ms"), base.minCompactionLagMs, atLeast(0)),
                in.integer(named.apply("min.insync.replicas"), base.minInsyncReplicas, atLeast(1)),
                in.bool(named.apply("preallocate"), base.preallocate),
                in.bool(named.apply("remote.log.copy.disable"), base.remoteLogCopyDisable),
                in.bool(named.apply("remote.log.delete.on.disable"), base.remoteLogDeleteOnDisable),
                in.bool(named.apply("remote.storage.enable"), base.remoteStorageEnable),
                in.longValue(named.apply("retention.bytes"), base.retentionBytes),
                in.millis(named.apply("retention.ms"), base.retentionMs, atLeast(-1)),
                in.bytes(named.apply("segment.bytes"), base.segmentBytes, atLeast(14)),
                in.bytes(named.apply("segment.index.bytes"), base.segmentIndexBytes, atLeast(4)),
                in.millis(named.apply("segment.jitter.ms"), base.segmentJitterMs, atLeast(0)),
                in.millis(named.apply("segment.ms"), base.segmentMs, atLeast(1)),
                in.bool(named.apply("unclean.leader.election.enable"), base.uncleanLeaderElectionEnable));
        in.bool(named.apply("message.downconversion.enable"), true);
        in.string(named.apply("message.format.version"), "3.0-IV1");
        config.checkTogether(in, named);
        return config;
    }

    private void checkTogether(ConfigReader in, UnaryOperator<String> named) {
        if (maxCompactionLagMs < minCompactionLagMs) {
            in.mistake(named.apply("min.compaction.lag.ms") + " (" + minCompactionLagMs + ") must not be above "
                    + named.apply("max.compaction.lag.ms") + " (" + maxCompactionLagMs + ")");
        }
        if (remoteStorageEnable && compacts()) {
            in.mistake("remote storage cannot be enabled for a topic that is compacted");
        }
    }

    private static long afterMaxMs(ConfigReader in, UnaryOperator<String> named, LogConfig base) {
        long old = in.millis(
                named.apply("message.timestamp.difference.max.ms"), base.messageTimestampAfterMaxMs, atLeast(0));
        return in.millis(named.apply("message.timestamp.after.max.ms"), old, atLeast(0));
    }

    private static long beforeMaxMs(ConfigReader in, UnaryOperator<String> named, LogConfig base) {
        // a wrong value was noted with the other limit; asking again without a rule would note it twice
        String old = named.apply("message.timestamp.difference.max.ms");
        long fallback = base.messageTimestampBeforeMaxMs;
        if (in.has(old) && in.mistakes().stream().noneMatch(mistake -> mistake.startsWith(old + "="))) {
            fallback = in.millis(old, fallback, atLeast(0));
        }
        return in.millis(named.apply("message.timestamp.before.max.ms"), fallback, atLeast(0));
    }

    private static String gzipLevel(int level) {
        return level == -1 || (level >= 1 && level <= 9) ? null : "must be -1 or between 1 and 9";
    }

    private static List<String> throttled(ConfigReader in, String key, List<String> fallback) {
        List<String> replicas = in.list(key, fallback);
        boolean right = replicas.equals(List.of("*"))
                || replicas.stream().allMatch(replica -> replica.matches("[0-9]+:[0-9]+"));
        if (!right) {
            in.mistake(key + "=" + String.join(",", replicas)
                    + ": must be the literal '*' or a list of replicas in the form [partitionId]:[brokerId]");
        }
        return replicas;
    }

    private static String brokerKey(String topicKey) {
        for (TopicKey key : KEYS) {
            if (key.name().equals(topicKey) && key.brokerSynonyms().size() == 1) {
                return key.brokerSynonyms().get(0);
            }
        }
        // the broker has no such key, or several that from() weighs; no file can hold this one
        return "topic only: " + topicKey;
    }

    /** {@code log.retention.ms} over {@code .minutes} over {@code .hours}; any negative value means no limit. */
    private static long retentionMs(ConfigReader broker) {
        long hours = broker.longValue("log.retention.hours", 168, atLeast(-1));
        long minutes = broker.longValue("log.retention.minutes", Long.MIN_VALUE, atLeast(-1));
        long byUnit = minutes == Long.MIN_VALUE ? hours * 3_600_000 : minutes * 60_000;
        long millis = broker.millis("log.retention.ms", byUnit, atLeast(-1));
        if (millis == 0) {
            broker.mistake("log.retention.ms, .minutes or .hours is 0: must be -1 (no limit) or at least 1");
        }
        return Math.max(-1, millis);
    }

    private static long inUnits(ConfigReader broker, String prefix, long fallback, long least) {
        long hours = broker.longValue(prefix + ".hours", Long.MIN_VALUE, atLeast(least));
        return broker.millis(prefix + ".ms", hours == Long.MIN_VALUE ? fallback : hours * 3_600_000, atLeast(least));
    }

    private List<String> followerThrottled() {
        return followerReplicationThrottledReplicas;
    }

    private List<String> leaderThrottled() {
        return leaderReplicationThrottledReplicas;
    }

    private LogConfig withTimes(long newFlushMs, long newRetentionMs, long newSegmentMs, long newSegmentJitterMs) {
        return new LogConfig(
                cleanupPolicy,
                compressionGzipLevel,
                compressionLz4Level,
                compressionType,
                compressionZstdLevel,
                deleteRetentionMs,
                fileDeleteDelayMs,
                flushMessages,
                newFlushMs,
                followerReplicationThrottledReplicas,
                indexIntervalBytes,
                leaderReplicationThrottledReplicas,
                localRetentionBytes,
                localRetentionMs,
                maxCompactionLagMs,
                maxMessageBytes,
                messageTimestampAfterMaxMs,
                messageTimestampBeforeMaxMs,
                messageTimestampType,
                minCleanableDirtyRatio,
                minCompactionLagMs,
                minInsyncReplicas,
                preallocate,
                remoteLogCopyDisable,
                remoteLogDeleteOnDisable,
                remoteStorageEnable,
                retentionBytes,
                newRetentionMs,
                segmentBytes,
                segmentIndexBytes,
                newSegmentJitterMs,
                newSegmentMs,
                uncleanLeaderElectionEnable);
    }

    private static TopicKey key(String name, Type type, String fallback, String allowed, String... synonyms) {
        return new TopicKey(name, type, fallback, allowed, List.of(synonyms), false);
    }
}
