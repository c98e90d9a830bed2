package io.barnabas.log;

import io.barnabas.log.policy.CompactionPlan;
import io.barnabas.log.storage.Storage;
import io.barnabas.model.TopicPartition;
import java.nio.file.Path;
import java.util.Collection;
import java.util.HashSet;
import java.util.Map;
import java.util.Set;
import java.util.TreeMap;

/**
 * The checkpoints of a directory: recovery points, high watermarks and log start offsets of its logs, and how far they are
 * compacted. One is written at a time.
 */
final class DirectoryCheckpoints {
    private final Storage storage;
    private final Path directory;

    /** As they are at the time of each write. */
    private final Collection<PartitionLog> logs;

    private final Object lock = new Object();

    /** Partitions that the checkpoints on disk speak of; guarded by the lock. */
    private Set<TopicPartition> spokenOf = Set.of();

    /** What the last process or this one wrote of compaction; guarded by the lock. */
    private Map<TopicPartition, Long> cleanedWritten = Map.of();

    DirectoryCheckpoints(Storage storage, Path directory, Collection<PartitionLog> logs) {
        this.storage = storage;
        this.directory = directory;
        this.logs = logs;
    }

    /** What the last process left. */
    record Found(
            Map<TopicPartition, Long> recoveryPoints,
            Map<TopicPartition, Long> highWatermarks,
            Map<TopicPartition, Long> logStarts,
            Map<TopicPartition, Long> cleaned) {
        long recoveryPointOf(TopicPartition partition) {
            return recoveryPoints.getOrDefault(partition, 0L);
        }

        long highWatermarkOf(TopicPartition partition) {
            return highWatermarks.getOrDefault(partition, 0L);
        }

        /** @param clean the last stop was clean */
        LogLoader.Checkpoints of(TopicPartition partition, boolean clean) {
            return new LogLoader.Checkpoints(
                    clean,
                    recoveryPointOf(partition),
                    highWatermarkOf(partition),
                    logStarts.getOrDefault(partition, 0L),
                    cleaned.getOrDefault(partition, CompactionPlan.NEVER));
        }
    }

    Found read() {
        Found found = new Found(
                TextCheckpoint.readOffsets(storage, directory.resolve(TextCheckpoint.RECOVERY_POINTS)),
                TextCheckpoint.readOffsets(storage, directory.resolve(TextCheckpoint.HIGH_WATERMARKS)),
                TextCheckpoint.readOffsets(storage, directory.resolve(TextCheckpoint.LOG_STARTS)),
                TextCheckpoint.readOffsets(storage, directory.resolve(TextCheckpoint.CLEANED)));
        Set<TopicPartition> all = new HashSet<>(found.recoveryPoints().keySet());
        all.addAll(found.highWatermarks().keySet());
        all.addAll(found.logStarts().keySet());
        all.addAll(found.cleaned().keySet());
        synchronized (lock) {
            spokenOf = all;
            cleanedWritten = found.cleaned();
        }
        return found;
    }

    /** Whether a checkpoint on disk may say something of the partition. */
    boolean speakOf(TopicPartition partition) {
        synchronized (lock) {
            return spokenOf.contains(partition);
        }
    }

    void writeAll() {
        synchronized (lock) {
            writeRecoveryPoints();
            Set<TopicPartition> written = writeHighWatermarks();
            writeLogStarts();
            writeCleanedOffsets();
            spokenOf = written;
        }
    }

    /** @return the partitions that it is about */
    Set<TopicPartition> writeHighWatermarks() {
        Map<TopicPartition, Long> highWatermarks = new TreeMap<>();
        synchronized (lock) {
            logs.forEach(log -> highWatermarks.put(log.partition(), log.highWatermark()));
            TextCheckpoint.writeOffsets(storage, directory.resolve(TextCheckpoint.HIGH_WATERMARKS), highWatermarks);
        }
        return Set.copyOf(highWatermarks.keySet());
    }

    /** Up to where compaction has come in each log that it has come to. */
    void writeCleanedOffsets() {
        Map<TopicPartition, Long> cleaned = new TreeMap<>();
        synchronized (lock) {
            for (PartitionLog log : logs) {
                if (log.cleanedTo() != CompactionPlan.NEVER) {
                    cleaned.put(log.partition(), log.cleanedTo());
                }
            }
            if (!cleaned.equals(cleanedWritten)) {
                TextCheckpoint.writeOffsets(storage, directory.resolve(TextCheckpoint.CLEANED), cleaned);
                cleanedWritten = cleaned;
            }
        }
    }

    void writeRecoveryPoints() {
        Map<TopicPartition, Long> recoveryPoints = new TreeMap<>();
        synchronized (lock) {
            logs.forEach(log -> recoveryPoints.put(log.partition(), log.recoveryPoint()));
            TextCheckpoint.writeOffsets(storage, directory.resolve(TextCheckpoint.RECOVERY_POINTS), recoveryPoints);
        }
    }

    void writeLogStarts() {
        Map<TopicPartition, Long> logStarts = new TreeMap<>();
        synchronized (lock) {
            for (PartitionLog log : logs) {
                LogView view = log.view();
                // never more than what is on the disk: after a power loss the log would end before its start
                long start = Math.min(view.logStartOffset(), log.flushedOffset());
                if (start > view.segments().first().baseOffset()) {
                    logStarts.put(log.partition(), start);
                }
            }
            TextCheckpoint.writeOffsets(storage, directory.resolve(TextCheckpoint.LOG_STARTS), logStarts);
        }
    }
}
