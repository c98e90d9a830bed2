package io.barnabas.log;

import io.barnabas.log.segment.HotWindow;
import io.barnabas.log.storage.Storage;
import io.barnabas.log.storage.StorageException;
import io.barnabas.runtime.time.Clock;
import java.util.random.RandomGenerator;

/** What the logs of a directory share. */
interface LogContext {
    Storage storage();

    Clock clock();

    HotWindow window();

    RandomGenerator random();

    GroupCommit groupCommit();

    boolean isOffline();

    /** The disk failed: the directory goes offline. */
    void onFailure(StorageException failure);

    /** Closed segments wait for {@link PartitionLog#flushClosed()}. */
    void requestFlush(PartitionLog log);

    /** Makes the recovery points of the directory durable before it returns. */
    void writeRecoveryPoints();

    /** Makes the high watermarks of the directory durable before it returns. */
    void writeHighWatermarks();

    /** Makes durable up to where the logs of the directory are clean, before it returns. */
    void writeCleanedOffsets();

    /** Makes the log start offsets of the directory durable before it returns. */
    void writeLogStarts();

    /** Runs {@code deletion} in the background, {@code delayMs} from now or later. */
    void deleteLater(long delayMs, Runnable deletion);
}
