package io.barnabas.log;

import io.barnabas.log.batch.RecordBatchHeader;
import io.barnabas.log.history.AbortedTransaction;
import io.barnabas.log.history.LeaderEpochHistory;
import io.barnabas.log.history.ProducerHistory;
import io.barnabas.log.policy.CompactionPlan;
import io.barnabas.log.segment.BatchScanner;
import io.barnabas.log.segment.LogSegment;
import io.barnabas.log.segment.SegmentFiles;
import io.barnabas.log.segment.SegmentRecovery;
import io.barnabas.log.storage.Storage;
import io.barnabas.model.TopicPartition;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Set;
import java.util.UUID;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Finds a partition's log on disk and makes it whole. After a clean stop the files are taken as they are; else every segment
 * from the recovery point on is walked batch by batch, cut at the first that is not sound, and what came after is dropped.
 * Killed in the middle it can begin again: everything it does leaves a state that it accepts.
 */
final class LogLoader {
    private static final Logger LOG = LoggerFactory.getLogger(LogLoader.class);

    private final TopicPartition partition;
    private final Path directory;
    private final LogConfig config;
    private final LogContext context;
    private final Storage storage;
    private final long nowMs;
    private final ProducerSnapshots snapshots;

    /**
     * What the directory's checkpoints say.
     *
     * @param clean     the last stop was clean
     * @param cleanedTo {@link CompactionPlan#NEVER} if nothing is said
     */
    record Checkpoints(boolean clean, long recoveryPoint, long highWatermark, long logStartOffset, long cleanedTo) {}

    private LogLoader(TopicPartition partition, Path directory, LogConfig config, LogContext context) {
        this.partition = partition;
        this.directory = directory;
        this.config = config;
        this.context = context;
        this.storage = context.storage();
        this.nowMs = context.clock().epochMillis();
        this.snapshots = new ProducerSnapshots(storage, directory);
    }

    static LoadedLog load(
            TopicPartition partition, Path directory, LogConfig config, LogContext context, Checkpoints checkpoints) {
        return new LogLoader(partition, directory, config, context).load(checkpoints);
    }

    /** A new partition; nothing is fsynced. */
    static LoadedLog create(TopicPartition partition, Path directory, UUID topicId, LogContext context) {
        Storage storage = context.storage();
        storage.createDirectories(directory);
        storage.writeSmall(
                directory.resolve(DirectoryFiles.PARTITION_METADATA), DirectoryFiles.partitionMetadata(topicId));
        LogSegment first = LogSegment.create(storage, directory, 0, context.window());
        LOG.atDebug().addKeyValue("partition", partition).log("created a log");
        return new LoadedLog(
                directory,
                topicId,
                List.of(first),
                new LeaderEpochHistory(),
                new ProducerHistory(),
                new ProducerSnapshots(storage, directory),
                0,
                0,
                0,
                0,
                true,
                context.clock().epochMillis(),
                CompactionPlan.NEVER);
    }

    private LoadedLog load(Checkpoints checkpoints) {
        SegmentLeftovers.clear(storage, directory);
        List<Long> bases = listFiles();
        List<LogSegment> segments = open(bases);
        if (!segments.isEmpty()) {
            SegmentRecovery.refuseOldFormat(segments.get(0));
        }
        List<LeaderEpochHistory.Entry> checkpointed =
                TextCheckpoint.readEpochs(storage, directory.resolve(TextCheckpoint.LEADER_EPOCHS));
        LeaderEpochHistory epochs =
                checkpointed == null ? epochsFromBatches(segments) : LeaderEpochHistory.fromEntries(checkpointed);
        int firstToRecover = firstToRecover(segments, checkpoints);
        ProducerHistory producers = firstToRecover == segments.size()
                ? loadProducers(segments, checkpoints.highWatermark())
                : recover(segments, firstToRecover, epochs, checkpoints);
        long end = segments.isEmpty() ? 0 : segments.get(segments.size() - 1).nextOffset();
        if (segments.isEmpty()) {
            return startAnew(checkpoints);
        }
        long start =
                Math.max(believableLogStart(checkpoints, end), segments.get(0).baseOffset());
        epochs.truncateFromEnd(end);
        epochs.truncateFromStart(start);
        snapshots.deleteAbove(end);
        snapshots.keepOnly(
                new HashSet<>(segments.stream().map(LogSegment::baseOffset).toList()));
        long highWatermark = Math.max(start, Math.min(checkpoints.highWatermark(), end));
        boolean trusted = checkpoints.clean() && firstToRecover == segments.size();
        long recoveryPoint = trusted ? end : Math.min(checkpoints.recoveryPoint(), end);
        return new LoadedLog(
                directory,
                DirectoryFiles.readTopicId(storage, directory),
                segments,
                epochs,
                producers,
                snapshots,
                start,
                end,
                highWatermark,
                Math.max(recoveryPoint, Math.min(start, end)),
                !trusted,
                segments.get(segments.size() - 1).lastModifiedMillis(),
                // records that take the place of lost ones are dirty
                checkpoints.cleanedTo() > end ? CompactionPlan.NEVER : checkpoints.cleanedTo());
    }

    /**
     * A log is flushed before a start offset in its unflushed part is written down, so one beyond the end comes from a damaged
     * file: it must not cost the records that are there.
     */
    private long believableLogStart(Checkpoints checkpoints, long end) {
        if (checkpoints.logStartOffset() <= end) {
            return checkpoints.logStartOffset();
        }
        LOG.atWarn()
                .addKeyValue("partition", partition)
                .addKeyValue("logStartOffset", checkpoints.logStartOffset())
                .addKeyValue("logEndOffset", end)
                .log("a checkpoint says that the log starts beyond its end; it is not believed");
        return 0;
    }

    /** No segment is left: the log begins at its start offset, empty. */
    private LoadedLog startAnew(Checkpoints checkpoints) {
        long start = checkpoints.logStartOffset();
        if (start > 0 || checkpoints.highWatermark() > 0) {
            LOG.atWarn()
                    .addKeyValue("partition", partition)
                    .addKeyValue("logStartOffset", start)
                    .log("the log has no segment left and begins anew at its start offset");
        }
        snapshots.deleteAll();
        LogSegment first = LogSegment.create(storage, directory, start, context.window());
        return new LoadedLog(
                directory,
                DirectoryFiles.readTopicId(storage, directory),
                List.of(first),
                new LeaderEpochHistory(),
                new ProducerHistory(),
                snapshots,
                start,
                start,
                start,
                start,
                true,
                nowMs,
                CompactionPlan.NEVER);
    }

    /** Base offsets of segments, ascending; notes snapshots and drops indexes without a log. */
    private List<Long> listFiles() {
        List<String> names = storage.list(directory);
        Set<Long> logs = new HashSet<>();
        for (String name : names) {
            if (name.endsWith(SegmentFiles.LOG) && SegmentFiles.offsetOf(name) >= 0) {
                logs.add(SegmentFiles.offsetOf(name));
            }
        }
        for (String name : names) {
            long offset = SegmentFiles.offsetOf(name);
            if (offset >= 0 && name.endsWith(SegmentFiles.SNAPSHOT)) {
                snapshots.found(offset);
            } else if (offset >= 0 && SegmentLeftovers.isIndex(name) && !logs.contains(offset)) {
                LOG.atWarn()
                        .addKeyValue("partition", partition)
                        .addKeyValue("file", name)
                        .log("deleting an index without a log");
                storage.delete(directory.resolve(name));
            }
        }
        return logs.stream().sorted().toList();
    }

    private List<LogSegment> open(List<Long> bases) {
        List<LogSegment> segments = new ArrayList<>();
        for (int i = 0; i < bases.size(); i++) {
            long next = i + 1 < bases.size() ? bases.get(i + 1) : Long.MAX_VALUE;
            segments.add(LogSegment.existing(storage, directory, bases.get(i), next, context.window()));
        }
        return segments;
    }

    /** Index of the first segment that must be walked; the number of segments if none must. */
    private int firstToRecover(List<LogSegment> segments, Checkpoints checkpoints) {
        for (int i = 0; i < segments.size(); i++) {
            LogSegment segment = segments.get(i);
            boolean last = i == segments.size() - 1;
            boolean behindRecoveryPoint = last || segment.nextOffset() > checkpoints.recoveryPoint();
            if (!checkpoints.clean() && behindRecoveryPoint) {
                return i;
            }
            if (!segment.hasSoundTransactionIndex()) {
                return i;
            }
            // it may have been rolled after it was flushed: then the last entry of its time index is lost
            boolean sealedInDoubt = !checkpoints.clean() && segment.nextOffset() == checkpoints.recoveryPoint();
            if (sealedInDoubt && !segment.sealAgain()) {
                return i;
            }
            segment.rebuildMissingIndexes(config.indexIntervalBytes());
            if (last && !segment.openForAppends()) {
                return i;
            }
        }
        return segments.size();
    }

    private ProducerHistory loadProducers(List<LogSegment> segments, long highWatermark) {
        if (segments.isEmpty()) {
            return new ProducerHistory();
        }
        long end = segments.get(segments.size() - 1).nextOffset();
        return producersAt(segments, segments.size(), end, highWatermark);
    }

    /** Producers as of {@code end}, from a snapshot and the batches of the first {@code count} segments after it. */
    private ProducerHistory producersAt(List<LogSegment> segments, int count, long end, long highWatermark) {
        long newest = BatchReplay.newestUsefulSnapshot(segments.subList(0, count), end, highWatermark);
        ProducerSnapshots.Loaded loaded =
                snapshots.loadAtOrBelow(newest, segments.get(0).baseOffset(), nowMs);
        for (int i = 0; i < count; i++) {
            LogSegment segment = segments.get(i);
            if (segment.nextOffset() > loaded.offset()) {
                BatchReplay.commitAll(segment, loaded.offset(), end, loaded.producers(), nowMs);
            }
        }
        return loaded.producers();
    }

    /** Walks the segments from {@code first} on and drops what lies behind the first damage. */
    private ProducerHistory recover(
            List<LogSegment> segments, int first, LeaderEpochHistory epochs, Checkpoints checkpoints) {
        long base = segments.get(first).baseOffset();
        // what a truncation had taken away may be back after a power loss; the batches tell all of it anew
        snapshots.deleteAbove(base);
        epochs.truncateFromEnd(base);
        ProducerHistory producers = producersAt(segments, first, base, checkpoints.highWatermark());
        for (int i = first; i < segments.size(); i++) {
            LogSegment segment = segments.get(i);
            List<AbortedTransaction> aborted = new ArrayList<>();
            long cut = SegmentRecovery.recover(segment, config.indexIntervalBytes(), batch -> {
                epochs.assign(
                        RecordBatchHeader.leaderEpoch(batch, batch.position()),
                        RecordBatchHeader.baseOffset(batch, batch.position()));
                AbortedTransaction ended = BatchReplay.commit(batch, batch.position(), producers, nowMs);
                if (ended != null) {
                    aborted.add(ended);
                }
            });
            aborted.forEach(segment::appendAborted);
            if (i < segments.size() - 1) {
                segment.seal();
            }
            if (cut > 0 || !fitsTheNext(segments, i, checkpoints.cleanedTo())) {
                dropBehind(segments, i, cut);
            }
        }
        return producers;
    }

    /**
     * Whether the next segment begins where this one ends. If it begins before, it was cut off by a truncation that the power
     * loss undid. If it begins later, the end of this one was lost with the power; except behind compaction, and where
     * offsets leap so far that they do not fit one segment.
     */
    private boolean fitsTheNext(List<LogSegment> segments, int index, long cleanedTo) {
        if (index == segments.size() - 1) {
            return true;
        }
        long gap = segments.get(index + 1).baseOffset() - segments.get(index).nextOffset();
        // the checkpoint speaks also where the topic's configuration is not known yet, or was changed
        boolean compacted = config.compacts() || segments.get(index).baseOffset() < cleanedTo;
        return gap == 0 || (gap > 0 && (compacted || gap > LogSegment.MAX_OFFSET_SPAN / 2));
    }

    private void dropBehind(List<LogSegment> segments, int index, long cut) {
        LogSegment damaged = segments.get(index);
        LOG.atWarn()
                .addKeyValue("partition", partition)
                .addKeyValue("segment", damaged.baseOffset())
                .addKeyValue("bytes", cut)
                .addKeyValue("segmentsBehind", segments.size() - 1 - index)
                .addKeyValue("logEndOffset", damaged.nextOffset())
                .log("cut off what was not whole after an unclean stop");
        // from the end, so that a crash in between leaves no gap
        for (int i = segments.size() - 1; i > index; i--) {
            segments.remove(i).delete();
        }
    }

    /** The checkpoint is lost: every batch tells its epoch. */
    private LeaderEpochHistory epochsFromBatches(List<LogSegment> segments) {
        LeaderEpochHistory epochs = new LeaderEpochHistory();
        for (LogSegment segment : segments) {
            BatchScanner batches = new BatchScanner(segment.log(), 0, segment.sizeBytes());
            while (batches.next()) {
                epochs.assign(batches.leaderEpoch(), batches.baseOffset());
            }
        }
        return epochs;
    }
}
