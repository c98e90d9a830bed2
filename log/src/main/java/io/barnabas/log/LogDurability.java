package io.barnabas.log;

import io.barnabas.log.segment.LogSegment;
import io.barnabas.log.storage.Storage;
import io.barnabas.log.storage.StorageException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Iterator;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * What of a log is on disk for good, and who waits for it. One flush of a log at a time; it never runs under the append
 * lock, and truncation waits for it.
 */
final class LogDurability {
    private static final Logger LOG = LoggerFactory.getLogger(LogDurability.class);

    private final PartitionLog log;
    private final LogContext context;

    /** Held during flushes and truncations; the append lock may be taken inside. */
    private final Object flushLock = new Object();

    /** Guards what is kept in memory until the next flush. */
    private final Object keptLock = new Object();

    private final TreeMap<Long, byte[]> keptSnapshots = new TreeMap<>();
    private final List<Waiter> waiters = new ArrayList<>();
    private boolean epochsChanged;

    private volatile long recoveryPoint;
    private volatile long flushedOffset;
    private volatile long lastFlushMs;

    /** The partition is served no more and its files may go at any time. Guarded by the flush lock. */
    private boolean abandoned;

    /** The directory's name and its partition.metadata may not be durable yet. Guarded by the flush lock. */
    private boolean namesInDoubt;

    /** Base of the lowest segment that was cut and not synced since: its cut has to last before what comes behind it. Guarded by the flush lock. */
    private long cutFrom = Long.MAX_VALUE;

    private record Waiter(long offset, Runnable action) {}

    LogDurability(PartitionLog log, LogContext context, long recoveryPoint, boolean namesInDoubt) {
        this.log = log;
        this.context = context;
        this.recoveryPoint = recoveryPoint;
        this.flushedOffset = recoveryPoint;
        this.namesInDoubt = namesInDoubt;
        this.lastFlushMs = context.clock().monotonicMillis();
    }

    long recoveryPoint() {
        return recoveryPoint;
    }

    long flushedOffset() {
        return flushedOffset;
    }

    void onAppended(long flushMessages) {
        if (flushMessages != Long.MAX_VALUE && log.logEndOffset() - flushedOffset >= flushMessages) {
            context.groupCommit().request(log);
        }
    }

    void onEpochsChanged() {
        synchronized (keptLock) {
            epochsChanged = true;
        }
    }

    /** Keeps a snapshot of the producers until it can be written. */
    void keepSnapshot(long offset, byte[] bytes) {
        synchronized (keptLock) {
            keptSnapshots.put(offset, bytes);
        }
    }

    /** A segment was closed: it is made durable in the background. */
    void onRolled() {
        context.requestFlush(log);
    }

    boolean isDue(long flushMs) {
        return flushMs != Long.MAX_VALUE
                && flushedOffset < log.logEndOffset()
                && context.clock().monotonicMillis() - lastFlushMs >= flushMs;
    }

    void whenFlushed(long offset, Runnable action) {
        if (flushedOffset < offset) {
            synchronized (keptLock) {
                waiters.add(new Waiter(offset, action));
            }
            context.groupCommit().request(log);
        } else {
            action.run();
        }
    }

    /** Waits for a flush that is under way; nothing is flushed from now on. */
    void abandon() {
        synchronized (flushLock) {
            abandoned = true;
        }
    }

    /**
     * Nothing is flushed meanwhile.
     *
     * @throws LogClosedException if the partition is served no more
     */
    boolean exclusively(Runnable work) {
        if (!unlessAbandoned(work)) {
            throw new LogClosedException(log.partition());
        }
        return true;
    }

    /** As above; does nothing, and returns false, if the partition is served no more. */
    boolean unlessAbandoned(Runnable work) {
        synchronized (flushLock) {
            if (abandoned) {
                return false;
            }
            work.run();
            return true;
        }
    }

    /**
     * Makes closed segments durable, with their indexes, the snapshots of their ends, and the epochs; the recovery point
     * moves on.
     *
     * @param activeToo also what was appended to the active segment so far
     */
    boolean flush(boolean activeToo) {
        synchronized (flushLock) {
            if (abandoned || context.isOffline()) {
                return false;
            }
            LogView view = log.view();
            LogSegment active = view.segments().active();
            long target = activeToo ? view.logEndOffset() : Math.min(active.baseOffset(), view.logEndOffset());
            boolean namesChanged = namesInDoubt;
            for (LogSegment segment : view.segments().all()) {
                if (segment != active || activeToo) {
                    namesChanged |= !segment.isNameDurable();
                    if (segment.hasUnflushedBytes()) {
                        segment.flush();
                        // its indexes may be files that were not there before
                        namesChanged = true;
                    }
                }
            }
            writeKeptSnapshots(target);
            writeEpochsIfChanged();
            if (namesChanged) {
                makeNamesDurable(view, activeToo);
            }
            for (LogSegment segment : view.segments().all()) {
                if (segment != active) {
                    segment.releaseMemory();
                }
            }
            recoveryPoint = Math.max(recoveryPoint, target);
            flushedOffset = Math.max(flushedOffset, target);
            lastFlushMs = context.clock().monotonicMillis();
        }
        runWaiters();
        return true;
    }

    /** One fsync for all that wait; called by the flusher. A failure takes the directory offline. */
    void syncForWaiters() {
        try {
            synchronized (flushLock) {
                // after a failed fsync the next one may succeed although the bytes are lost
                if (abandoned || context.isOffline()) {
                    return;
                }
                LogView view = log.view();
                boolean namesChanged = namesInDoubt;
                for (int i = view.segments().indexOf(Math.min(flushedOffset, cutFrom));
                        i < view.segments().size();
                        i++) {
                    LogSegment segment = view.segments().get(i);
                    namesChanged |= !segment.isNameDurable();
                    segment.syncLog();
                }
                if (namesChanged) {
                    makeNamesDurable(view, true);
                }
                cutFrom = Long.MAX_VALUE;
                flushedOffset = Math.max(flushedOffset, view.logEndOffset());
                lastFlushMs = context.clock().monotonicMillis();
            }
        } catch (StorageException failed) {
            context.onFailure(failed);
            return;
        }
        runWaiters();
    }

    private void makeNamesDurable(LogView view, boolean activeToo) {
        Storage storage = context.storage();
        Path directory = log.directory();
        if (namesInDoubt) {
            Path metadata = directory.resolve(DirectoryFiles.PARTITION_METADATA);
            if (storage.exists(metadata)) {
                storage.syncFile(metadata);
            }
        }
        storage.syncDirectory(directory);
        if (namesInDoubt) {
            storage.syncDirectory(directory.getParent());
            namesInDoubt = false;
        }
        LogSegment active = view.segments().active();
        for (LogSegment segment : view.segments().all()) {
            if (segment != active || activeToo) {
                segment.onNamesDurable();
            }
        }
    }

    /** Writes the kept snapshots at or below {@code offset}. */
    void writeKeptSnapshots(long offset) {
        while (true) {
            Map.Entry<Long, byte[]> next;
            synchronized (keptLock) {
                next = keptSnapshots.isEmpty() || keptSnapshots.firstKey() > offset ? null : keptSnapshots.firstEntry();
            }
            if (next == null) {
                return;
            }
            log.snapshots().write(next.getKey(), next.getValue());
            synchronized (keptLock) {
                keptSnapshots.remove(next.getKey(), next.getValue());
            }
        }
    }

    /** Called with the flush lock held. */
    void writeEpochsIfChanged() {
        synchronized (keptLock) {
            if (!epochsChanged) {
                return;
            }
            epochsChanged = false;
        }
        context.storage()
                .replaceSmall(
                        log.directory().resolve(TextCheckpoint.LEADER_EPOCHS),
                        TextCheckpoint.encodeEpochs(log.leaderEpochs()));
    }

    /** Called with the flush lock held. @return whether it was above */
    boolean lowerRecoveryPoint(long offset) {
        boolean above = recoveryPoint > offset;
        recoveryPoint = Math.min(recoveryPoint, offset);
        return above;
    }

    /**
     * Called with the flush lock held.
     *
     * @param cutSegment base offset of the segment that was cut
     */
    void onTruncated(long endOffset, long cutSegment) {
        synchronized (keptLock) {
            // those records are gone; others may come to bear their offsets
            waiters.removeIf(waiter -> waiter.offset() > endOffset);
            keptSnapshots.tailMap(endOffset, false).clear();
            epochsChanged = true;
        }
        // deleted segments must not come back behind records that are flushed later
        namesInDoubt = true;
        cutFrom = Math.min(cutFrom, cutSegment);
        recoveryPoint = Math.min(recoveryPoint, endOffset);
        flushedOffset = Math.min(flushedOffset, endOffset);
    }

    /** Called with the flush lock held. */
    void onStartedAnew(long offset) {
        onTruncated(-1, offset);
        recoveryPoint = offset;
        flushedOffset = offset;
    }

    private void runWaiters() {
        List<Runnable> ready = new ArrayList<>();
        synchronized (keptLock) {
            Iterator<Waiter> all = waiters.iterator();
            while (all.hasNext()) {
                Waiter waiter = all.next();
                if (waiter.offset() <= flushedOffset) {
                    all.remove();
                    ready.add(waiter.action());
                }
            }
        }
        for (Runnable action : ready) {
            try {
                action.run();
            } catch (RuntimeException failed) {
                // the others have waited as well
                LOG.atError()
                        .addKeyValue("partition", log.partition())
                        .setCause(failed)
                        .log("what waited for a flush failed");
            }
        }
    }
}
