package io.barnabas.broker.control;

import io.barnabas.log.LogConfig;
import io.barnabas.log.LogDirectory;
import io.barnabas.log.PartitionLog;
import io.barnabas.log.storage.StorageException;
import io.barnabas.model.TopicPartition;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;
import java.util.UUID;
import java.util.function.Consumer;

/** All directories of {@code log.dirs}. */
public final class LogDirectories {
    private final List<LogDirectory> directories;

    public LogDirectories(List<LogDirectory> directories) {
        this.directories = List.copyOf(directories);
    }

    /** Some may have failed since they were opened. */
    public List<LogDirectory> all() {
        return directories;
    }

    /** Whether a log that is not found may lie on a disk that cannot be read now (LOG-42). */
    public boolean anyMissing() {
        return directories.stream().anyMatch(LogDirectory::isOffline);
    }

    public boolean allMissing() {
        return directories.stream().allMatch(LogDirectory::isOffline);
    }

    /** @return null if no directory that works has it */
    public PartitionLog find(TopicPartition partition) {
        LogDirectory home = homeOf(partition);
        return home == null ? null : home.find(partition);
    }

    /** Every log in the directories that work. */
    public List<PartitionLog> logs() {
        List<PartitionLog> logs = new ArrayList<>();
        forEachWorking(directory -> logs.addAll(directory.logs()));
        return logs;
    }

    /**
     * The log of this topic's partition, made if there is none: where there are fewest. A log of another topic of that name is set
     * aside, and one without a topic id becomes this topic's (LOG-10).
     *
     * @throws StorageException if no directory can take it
     */
    public PartitionLog obtain(TopicPartition partition, UUID topicId, LogConfig config) {
        LogDirectory home = homeOf(partition);
        if (home == null) {
            home = directories.stream()
                    .filter(directory -> !directory.isOffline())
                    .min(Comparator.comparingInt(directory -> directory.logs().size()))
                    .orElseThrow(() -> new StorageException("every log directory has failed"));
        }
        return home.create(partition, topicId, config);
    }

    public void delete(TopicPartition partition) {
        LogDirectory home = homeOf(partition);
        if (home != null) {
            home.delete(partition);
        }
    }

    public void setAside(TopicPartition partition) {
        LogDirectory home = homeOf(partition);
        if (home != null) {
            home.setAside(partition);
        }
    }

    public void forEachWorking(Consumer<LogDirectory> action) {
        for (LogDirectory directory : directories) {
            if (!directory.isOffline()) {
                action.accept(directory);
            }
        }
    }

    private LogDirectory homeOf(TopicPartition partition) {
        for (LogDirectory directory : directories) {
            if (!directory.isOffline() && directory.find(partition) != null) {
                return directory;
            }
        }
        return null;
    }
}
