package io.barnabas.log;

import io.barnabas.log.storage.Storage;
import io.barnabas.model.TopicPartition;
import io.barnabas.runtime.time.Clock;
import java.nio.file.Path;
import java.util.Collection;
import java.util.UUID;
import java.util.concurrent.Executor;

/** One directory of {@code log.dirs}. */
public final class LogDirectory implements AutoCloseable {
    private LogDirectory() {}

    /** What the directory's {@code meta.properties} says; null if there is none yet. */
    public static DirectoryIdentity identityOf(Path directory, Storage storage) {
        throw new UnsupportedOperationException("being built");
    }

    /** @param background runs recovery in parallel, and flushes later: it must live until the directory is closed */
    public static LogDirectory open(
            Path directory,
            DirectoryIdentity expected,
            LogDirectoryConfig config,
            LogConfigSource configs,
            Storage storage,
            Clock clock,
            Executor background) {
        throw new UnsupportedOperationException("being built");
    }

    public Path path() {
        throw new UnsupportedOperationException("being built");
    }

    public boolean wasClean() {
        throw new UnsupportedOperationException("being built");
    }

    public Collection<PartitionLog> logs() {
        throw new UnsupportedOperationException("being built");
    }

    /** Null if absent. */
    public PartitionLog find(TopicPartition partition) {
        throw new UnsupportedOperationException("being built");
    }

    public PartitionLog create(TopicPartition partition, UUID topicId, LogConfig config) {
        throw new UnsupportedOperationException("being built");
    }

    public void delete(TopicPartition partition) {
        throw new UnsupportedOperationException("being built");
    }

    public void setAside(TopicPartition partition) {
        throw new UnsupportedOperationException("being built");
    }

    /** Applies retention to all logs and unlinks what was deleted long enough ago. */
    public void retain() {
        throw new UnsupportedOperationException("being built");
    }

    /** Flushes what the flush policy and closed segments ask for. */
    public void flushDirty() {
        throw new UnsupportedOperationException("being built");
    }

    public void writeCheckpoints() {
        throw new UnsupportedOperationException("being built");
    }

    public boolean isOffline() {
        throw new UnsupportedOperationException("being built");
    }

    /** Runs {@code action} once when the directory goes offline, at once if it is. */
    public void onOffline(Runnable action) {
        throw new UnsupportedOperationException("being built");
    }

    /** As {@link #close(long)} without a broker epoch. */
    @Override
    public void close() {
        close(-1);
    }

    public void close(long brokerEpoch) {
        throw new UnsupportedOperationException("being built");
    }
}
