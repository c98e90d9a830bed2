package io.barnabas.broker.app;

import io.barnabas.broker.config.HousekeepingConfig;
import io.barnabas.broker.control.LogDirectories;
import io.barnabas.broker.replica.PartitionTable;
import io.barnabas.log.LogDirectory;
import io.barnabas.runtime.loop.EventLoop;

/** The rounds that nobody asks for: retention, flushes, checkpoints, and a look at followers that lag. Runs on a loop of its own. */
public final class Housekeeping {
    /** What becomes due by time alone, flushes and unlinks, is looked for at least this often. */
    private static final long LONGEST_FLUSH_CHECK_MS = 1_000;

    private final EventLoop loop;
    private final HousekeepingConfig config;
    private final LogDirectories logs;
    private final PartitionTable partitions;
    private final long replicaLagMaxMs;
    private volatile boolean stopped;

    /** @param loop may be held up by disks */
    public Housekeeping(
            EventLoop loop,
            HousekeepingConfig config,
            LogDirectories logs,
            PartitionTable partitions,
            long replicaLagMaxMs) {
        this.loop = loop;
        this.config = config;
        this.logs = logs;
        this.partitions = partitions;
        this.replicaLagMaxMs = replicaLagMaxMs;
    }

    public void start() {
        every(config.initialDelayMs(), config.retentionCheckMs(), () -> logs.forEachWorking(LogDirectory::retain));
        long flushCheckMs = Math.min(config.flushCheckMs(), LONGEST_FLUSH_CHECK_MS);
        every(flushCheckMs, flushCheckMs, () -> logs.forEachWorking(LogDirectory::flushDirty));
        long checkpointMs = Math.min(config.recoveryPointMs(), config.highWatermarkMs());
        every(checkpointMs, checkpointMs, () -> logs.forEachWorking(LogDirectory::writeCheckpoints));
        long lagCheckMs = Math.max(1, replicaLagMaxMs / 2);
        every(lagCheckMs, lagCheckMs, partitions::tick);
    }

    /** No further rounds; one that is under way goes on. */
    public void stop() {
        stopped = true;
    }

    /** A round that fails is told of by the loop, and the next one comes all the same. */
    public void every(long firstMs, long periodMs, Runnable round) {
        loop.schedule(
                () -> {
                    if (!stopped) {
                        every(periodMs, periodMs, round);
                        round.run();
                    }
                },
                firstMs);
    }
}
