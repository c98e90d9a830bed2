package io.barnabas.log;

import io.barnabas.log.compaction.CleaningStoppedException;
import io.barnabas.log.compaction.CleaningTally;
import io.barnabas.log.policy.CompactionPlan;
import io.barnabas.log.segment.DamagedSegmentException;
import io.barnabas.log.storage.StorageException;
import io.barnabas.runtime.time.Clock;
import java.util.HashSet;
import java.util.List;
import java.util.Set;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Compacts the logs of a broker, the dirtiest first. Any number of threads may call {@link #cleanDirtiest}, each cleans
 * another log; one that cannot be cleaned is left out and keeps nobody else from being cleaned (LOG-38).
 */
public final class LogCleaner {
    private static final Logger LOG = LoggerFactory.getLogger(LogCleaner.class);

    private final LogCleanerConfig config;
    private final List<LogDirectory> directories;
    private final Rest rest;
    private final CleaningThrottle throttle;

    /** Guarded by itself. */
    private final Set<PartitionLog> inProgress = new HashSet<>();

    private volatile boolean stopped;

    /** Holds a thread up. */
    @FunctionalInterface
    public interface Rest {
        /** Returns after this time, or before if the broker stops meanwhile. */
        void rest(long nanos);
    }

    public LogCleaner(LogCleanerConfig config, List<LogDirectory> directories, Clock clock, Rest rest) {
        this.config = config;
        this.directories = List.copyOf(directories);
        this.rest = rest;
        this.throttle = new CleaningThrottle(config.maxBytesPerSecond(), clock);
    }

    private record Choice(PartitionLog log, CompactionPlan plan) {}

    /**
     * Cleans the log that needs it most and is not being cleaned; whatever becomes of it is told here and nowhere else.
     *
     * @return whether one was cleaned, so that there may be more to do
     */
    public boolean cleanDirtiest() {
        Choice choice = choose();
        if (choice == null) {
            return false;
        }
        try {
            return clean(choice);
        } finally {
            synchronized (inProgress) {
                inProgress.remove(choice.log());
            }
        }
    }

    /** What is under way comes to nothing, soon; what is begun later too. */
    public void stop() {
        stopped = true;
        synchronized (inProgress) {
            inProgress.forEach(PartitionLog::stopCompaction);
        }
    }

    private Choice choose() {
        synchronized (inProgress) {
            Choice best = null;
            for (LogDirectory directory : directories) {
                for (PartitionLog log : directory.isOffline() ? List.<PartitionLog>of() : directory.logs()) {
                    if (stopped || !log.config().compacts() || inProgress.contains(log)) {
                        continue;
                    }
                    CompactionPlan plan = planOf(log);
                    boolean due = plan != null && plan.isDue(log.config().minCleanableDirtyRatio());
                    if (due && (best == null || plan.dirtyRatio() > best.plan().dirtyRatio())) {
                        best = new Choice(log, plan);
                    }
                }
            }
            if (best != null) {
                inProgress.add(best.log());
            }
            return best;
        }
    }

    private static CompactionPlan planOf(PartitionLog log) {
        try {
            return log.compactionPlan();
        } catch (LogClosedException gone) {
            return null;
        } catch (StorageException failed) {
            // its directory has gone offline and said so
            return null;
        } catch (RuntimeException failed) {
            giveUp(log, failed);
            return null;
        }
    }

    private boolean clean(Choice choice) {
        try {
            CleaningTally tally = choice.log().compact(choice.plan(), config, this::pace);
            return tally.bytesRead() > 0;
        } catch (CleaningStoppedException | LogClosedException stoppedShort) {
            LOG.atDebug()
                    .addKeyValue("partition", choice.log().partition())
                    .addKeyValue("cause", stoppedShort.getMessage())
                    .log("compaction stopped short");
            return false;
        } catch (DamagedSegmentException damage) {
            giveUp(choice.log(), damage);
            return true;
        } catch (StorageException failed) {
            LOG.atDebug().setCause(failed).log("the disk failed under a compaction");
            return false;
        } catch (RuntimeException failed) {
            giveUp(choice.log(), failed);
            return true;
        } catch (Error broken) {
            // it would break again, and the others would never get their turn
            choice.log().markUncleanable();
            throw broken;
        }
    }

    private static void giveUp(PartitionLog log, RuntimeException why) {
        log.markUncleanable();
        LOG.atError()
                .addKeyValue("partition", log.partition())
                .addKeyValue("cause", why)
                .log(
                        "the log cannot be compacted, and is left as it is until the broker starts anew; others are compacted");
    }

    private void pace(int bytes) {
        long nanos = throttle.onBytes(bytes);
        while (nanos > 0 && !stopped) {
            rest.rest(nanos);
            nanos = throttle.onBytes(0);
        }
        if (stopped) {
            throw new CleaningStoppedException("the broker stops");
        }
    }
}
