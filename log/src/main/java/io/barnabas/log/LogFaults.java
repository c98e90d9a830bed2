package io.barnabas.log;

import io.barnabas.log.storage.StorageException;
import io.barnabas.model.Outcome;
import io.barnabas.model.Refusal.Reason;

/**
 * What it means to a log when its files fail it: usually that the disk did, and the whole directory goes offline. Not if the
 * log went away under the hands of its user.
 */
final class LogFaults {
    private final LogState state;
    private final LogContext context;

    LogFaults(LogState state, LogContext context) {
        this.state = state;
        this.context = context;
    }

    interface DiskWork<T> {
        T run();
    }

    <T> T onDisk(DiskWork<T> work) {
        throwIfOffline();
        try {
            return work.run();
        } catch (StorageException failed) {
            throw reported(failed);
        }
    }

    void throwIfOffline() {
        if (context.isOffline()) {
            throw new StorageException("the log directory of " + state.partition() + " is offline");
        }
    }

    <T> Outcome<T> refusedAsOffline() {
        return Outcome.refused(Reason.STORAGE_ERROR, "the log directory of " + state.partition() + " is offline");
    }

    /** What a failure means: nothing if the log was taken away under the hands of its user, else the disk failed. */
    StorageException reported(StorageException failed) {
        if (failed instanceof LogClosedException) {
            return failed;
        }
        if (state.isClosed()) {
            return new LogClosedException(state.partition());
        }
        context.onFailure(failed);
        return failed;
    }
}
