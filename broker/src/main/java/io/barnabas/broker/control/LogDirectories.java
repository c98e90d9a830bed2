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

/** All directories of {@code log.dirs}, those that could not be opened included. */
public final class LogDirectories {
    private final List<LogDirectory> directories;
    private final int unopened;

    /** @param unopened how many of {@code log.dirs} could not be opened at all */
    public LogDirectories(List<LogDirectory> directories, int unopened) {
        this.directories = List.copyOf(directories);
        this.unopened = unopened;
    }

    /** Those that were opened; some may have failed since. */
    public List<LogDirectory> all() {
        return directories;
    }

    /** Whether a log that is not found may lie on a disk that cannot be read now (LOG-42). */
    public boolean anyMissing() {
        return unopened > 0 || directories.stream().anyMatch(LogDirectory::isOffline);
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
     * Makes an empty log where there are fewest.
     *
     * @throws StorageException if no directory can take it
     */
    public PartitionLog create(TopicPartition partition, UUID topicId, LogConfig config) {
        LogDirectory emptiest = directories.stream()
                .filter(directory -> !directory.isOffline())
                .min(Comparator.comparingInt(directory -> directory.logs().size()))
                .orElseThrow(() -> new StorageException("every log directory has failed"));
        return emptiest.create(partition, topicId, config);
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
