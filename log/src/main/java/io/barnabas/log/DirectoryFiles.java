package io.barnabas.log;

import io.barnabas.log.storage.Storage;
import io.barnabas.log.storage.StorageException;
import io.barnabas.model.TopicIds;
import java.io.IOException;
import java.io.StringReader;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.util.Properties;
import java.util.UUID;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * The small files that say what a directory is.
 *
 * <pre>
 * meta.properties          version=0, broker.id=N, cluster.id=ID        (ZooKeeper mode)
 * .kafka_cleanshutdown     {"version":0,"brokerEpoch":N}
 * partition.metadata       version: 0 \n topic_id: UUID in base64       (no newline at the end)
 * </pre>
 */
final class DirectoryFiles {
    static final String META = "meta.properties";
    static final String CLEAN_MARKER = ".kafka_cleanshutdown";
    static final String LOCK = ".lock";
    static final String PARTITION_METADATA = "partition.metadata";

    private static final Logger LOG = LoggerFactory.getLogger(DirectoryFiles.class);

    private DirectoryFiles() {}

    /**
     * What {@code meta.properties} says; null if there is none.
     *
     * @throws StorageException if it is KRaft's, or cannot be understood
     */
    static DirectoryIdentity readIdentity(Storage storage, Path directory) {
        Path file = directory.resolve(META);
        byte[] bytes = storage.readSmall(file);
        if (bytes == null) {
            return null;
        }
        Properties properties = new Properties();
        try {
            properties.load(new StringReader(new String(bytes, StandardCharsets.UTF_8)));
        } catch (IOException | IllegalArgumentException garbled) {
            throw new StorageException(file + " cannot be read: " + garbled.getMessage(), garbled);
        }
        String version = property(properties, "version");
        if ("1".equals(version)) {
            throw new StorageException(directory + " was formatted for KRaft (" + META
                    + " has version=1); only directories of a cluster with ZooKeeper can be served");
        }
        String brokerId = property(properties, "broker.id");
        String clusterId = property(properties, "cluster.id");
        if (!"0".equals(version) || brokerId == null || clusterId == null) {
            throw new StorageException(
                    file + " does not say version=0, broker.id and cluster.id; restore it, or move the directory away");
        }
        try {
            return new DirectoryIdentity(Integer.parseInt(brokerId), clusterId);
        } catch (IllegalArgumentException wrong) {
            throw new StorageException(file + " has broker.id=" + brokerId, wrong);
        }
    }

    static void writeIdentity(Storage storage, Path directory, DirectoryIdentity identity) {
        String text = "#\nversion=0\nbroker.id=" + identity.brokerId() + "\ncluster.id=" + identity.clusterId() + "\n";
        storage.replaceSmall(directory.resolve(META), text.getBytes(StandardCharsets.UTF_8));
    }

    static byte[] cleanMarker(long brokerEpoch) {
        return ("{\"version\":0,\"brokerEpoch\":" + brokerEpoch + "}").getBytes(StandardCharsets.UTF_8);
    }

    /** {@link TopicIds#ZERO} if the file is not there or was never finished. */
    static UUID readTopicId(Storage storage, Path partitionDirectory) {
        Path file = partitionDirectory.resolve(PARTITION_METADATA);
        byte[] bytes = storage.readSmall(file);
        if (bytes == null) {
            return TopicIds.ZERO;
        }
        try {
            String[] lines = new String(bytes, StandardCharsets.UTF_8).split("\n", -1);
            if (lines.length >= 2 && lines[0].trim().equals("version: 0") && lines[1].startsWith("topic_id: ")) {
                return TopicIds.parse(lines[1].substring("topic_id: ".length()).trim());
            }
        } catch (IllegalArgumentException wrong) {
            LOG.atDebug().setCause(wrong).log("no topic id");
        }
        LOG.atWarn().addKeyValue("file", file).log("partition.metadata is damaged and ignored");
        return TopicIds.ZERO;
    }

    static byte[] partitionMetadata(UUID topicId) {
        return ("version: 0\ntopic_id: " + TopicIds.toBase64(topicId)).getBytes(StandardCharsets.UTF_8);
    }

    private static String property(Properties properties, String key) {
        String value = properties.getProperty(key);
        return value == null || value.isBlank() ? null : value.trim();
    }
}
