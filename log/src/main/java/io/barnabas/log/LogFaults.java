package io.barnabas.log;

import io.barnabas.log.segment.DamagedSegmentException;
import io.barnabas.log.storage.StorageException;
import io.barnabas.model.Outcome;
import io.barnabas.model.Refusal.Reason;
import java.util.function.Consumer;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * What it means to a log when its files fail it: usually that the disk did, and the whole directory goes offline. Not if the
 * log went away under the hands of its user, nor if a read met damage.
 */
final class LogFaults {
    private static final Logger LOG = LoggerFactory.getLogger(LogFaults.class);

    private final LogState state;
    private final LogContext context;

    private final Consumer<StorageException> toListener = this::tellUnreadable;
    private volatile Consumer<StorageException> unreadable;

    /** Damage that was logged last; a reader that comes again adds no line. */
    private volatile String damageLogged = "";

    LogFaults(LogState state, LogContext context) {
        this.state = state;
        this.context = context;
        this.unreadable = context::onFailure;
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

    /** In place of the directory, which is told at first. */
    void onUnreadable(Consumer<StorageException> listener) {
        unreadable = listener;
    }

    /** For slices: always the same one, which passes a failure on to the listener of then. */
    Consumer<StorageException> onUnreadable() {
        return toListener;
    }

    private void tellUnreadable(StorageException failed) {
        if (!(failed instanceof LogClosedException) && !state.isClosed()) {
            unreadable.accept(failed);
        }
    }

    /** Damage that a read has met is refused to that read; the directory stays. */
    StorageException refused(DamagedSegmentException damage) {
        if (state.isClosed()) {
            return new LogClosedException(state.partition());
        }
        if (!damageLogged.equals(damage.getMessage())) {
            damageLogged = damage.getMessage();
            LOG.atError()
                    .addKeyValue("partition", state.partition())
                    .addKeyValue("cause", damage.getMessage())
                    .log("the log is damaged, reads of that place are refused");
        }
        return new LogDamagedException(state.partition(), damage);
    }
}
