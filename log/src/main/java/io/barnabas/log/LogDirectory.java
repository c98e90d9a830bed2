package io.barnabas.log;

import io.barnabas.log.segment.HotWindow;
import io.barnabas.log.storage.Storage;
import io.barnabas.log.storage.StorageException;
import io.barnabas.model.TopicIds;
import io.barnabas.model.TopicPartition;
import io.barnabas.runtime.time.Clock;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Collection;
import java.util.List;
import java.util.Map;
import java.util.Random;
import java.util.Set;
import java.util.UUID;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.Executor;
import java.util.random.RandomGenerator;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * One directory of {@code log.dirs}: its partitions, and the files that say what it is. Locked against other processes while
 * open. When its disk fails it goes offline as a whole, and stays so (KIP-112).
 *
 * <p>Any thread may call anything. {@link #retain}, {@link #flushDirty} and {@link #writeCheckpoints} are for the broker's
 * background thread, now and then.
 */
public final class LogDirectory implements AutoCloseable {
    private static final Logger LOG = LoggerFactory.getLogger(LogDirectory.class);

    private final Path path;
    private final LogDirectoryConfig config;
    private final Storage storage;
    private final Clock clock;
    private final Executor background;
    private final RandomGenerator random;
    private final Storage.DirectoryLock lock;
    private final boolean clean;
    private final Context context = new Context();
    private final HotWindow window;
    private final GroupCommit groupCommit;
    private final Map<TopicPartition, PartitionLog> logs = new ConcurrentHashMap<>();
    private final DirectoryCheckpoints checkpoints;
    private final Set<PartitionLog> flushRequested = ConcurrentHashMap.newKeySet();
    private final PendingDeletions deletions = new PendingDeletions();
    private final List<Runnable> offlineListeners = new ArrayList<>();

    /** One partition appears or goes away at a time. */
    private final Object membershipLock = new Object();

    private volatile boolean offline;
    private volatile boolean closed;

    private LogDirectory(
            Path path,
            LogDirectoryConfig config,
            Storage storage,
            Clock clock,
            Executor background,
            RandomGenerator random,
            Storage.DirectoryLock lock,
            boolean clean) {
        this.random = random;
        this.path = path;
        this.config = config;
        this.storage = storage;
        this.clock = clock;
        this.background = background;
        this.lock = lock;
        this.clean = clean;
        this.window = new HotWindow(config.hotBytes());
        this.groupCommit = new GroupCommit(background);
        this.checkpoints = new DirectoryCheckpoints(storage, path, logs.values());
    }

    /**
     * What the directory's {@code meta.properties} says; null if there is none yet.
     *
     * @throws StorageException if it is KRaft's or damaged
     */
    public static DirectoryIdentity identityOf(Path directory, Storage storage) {
        return DirectoryFiles.readIdentity(storage, directory);
    }

    /**
     * Opens a directory, creating it if need be, and makes the logs in it whole: in parallel, and only what the last stop
     * left in doubt. The marker of a clean stop is taken away before anything else happens.
     *
     * @param expected   whose directory it has to be
     * @param background runs recovery in parallel here, and flushes later: it must live until the directory is closed
     * @throws StorageException with one sentence that says what is wrong
     */
    public static LogDirectory open(
            Path directory,
            DirectoryIdentity expected,
            LogDirectoryConfig config,
            LogConfigSource configs,
            Storage storage,
            Clock clock,
            Executor background) {
        return open(directory, expected, config, configs, storage, clock, background, new Random());
    }

    /** As above; {@code random} spreads rolls over time and names what is moved away. */
    public static LogDirectory open(
            Path directory,
            DirectoryIdentity expected,
            LogDirectoryConfig config,
            LogConfigSource configs,
            Storage storage,
            Clock clock,
            Executor background,
            RandomGenerator random) {
        DirectoryClaim.createDurably(storage, directory);
        Storage.DirectoryLock lock = storage.tryLock(directory.resolve(DirectoryFiles.LOCK));
        if (lock == null) {
            throw new StorageException(directory + " is in use by another process; a log directory serves one broker");
        }
        boolean opened = false;
        try {
            List<String> names = storage.list(directory);
            DirectoryClaim.check(storage, directory, expected, names);
            Path marker = directory.resolve(DirectoryFiles.CLEAN_MARKER);
            boolean clean = storage.exists(marker);
            if (clean) {
                storage.delete(marker);
                storage.syncDirectory(directory);
            }
            LogDirectory opening = new LogDirectory(directory, config, storage, clock, background, random, lock, clean);
            opening.loadAll(names, configs);
            opened = true;
            return opening;
        } finally {
            if (!opened) {
                lock.close();
            }
        }
    }

    private void loadAll(List<String> names, LogConfigSource configs) {
        DirectoryCheckpoints.Found found = checkpoints.read();
        List<Runnable> loads = new ArrayList<>();
        for (String name : names) {
            Path directory = path.resolve(name);
            if (!storage.isDirectory(directory)) {
                continue;
            }
            TopicPartition partition = PartitionDirectoryName.parse(name);
            if (partition != null) {
                loads.add(() -> {
                    LogConfig topicConfig = configs.configOf(partition.topic());
                    LoadedLog loaded =
                            LogLoader.load(partition, directory, topicConfig, context, found.of(partition, clean));
                    logs.put(partition, new PartitionLog(partition, loaded, topicConfig, context));
                });
            } else if (PartitionDirectoryName.isToBeDeleted(name)) {
                context.deleteLater(0, () -> storage.deleteTree(directory));
            } else {
                LOG.atWarn().addKeyValue("directory", directory).log("not a partition that is served; left alone");
            }
        }
        long begun = clock.monotonicMillis();
        ParallelRun.all(loads, config.recoveryThreads(), background);
        if (logs.values().stream().anyMatch(log -> log.recoveryPoint() < found.recoveryPointOf(log.partition()))) {
            // a log lost more than it should have: what is appended now is not durable because others once were
            checkpoints.writeRecoveryPoints();
        }
        if (logs.values().stream().anyMatch(log -> log.highWatermark() < found.highWatermarkOf(log.partition()))) {
            // nor is it committed because others once were
            checkpoints.writeHighWatermarks();
        }
        LOG.atInfo()
                .addKeyValue("directory", path)
                .addKeyValue("partitions", logs.size())
                .addKeyValue("clean", clean)
                .addKeyValue("millis", clock.monotonicMillis() - begun)
                .log("opened a log directory");
    }

    public Path path() {
        return path;
    }

    /** Whether the last process stopped cleanly here. */
    public boolean wasClean() {
        return clean;
    }

    public Collection<PartitionLog> logs() {
        return List.copyOf(logs.values());
    }

    /** Null if absent. */
    public PartitionLog find(TopicPartition partition) {
        return logs.get(partition);
    }

    /**
     * The log of a partition, made if it is not there. One that belongs to another topic of that name (another id) is set
     * aside and a new one made (LOG-10). Creates files, fsyncs nothing unless a log is set aside.
     *
     * @param topicId {@link TopicIds#ZERO} takes a log of any topic
     * @throws StorageException if the disk failed; the directory is then offline
     */
    public PartitionLog create(TopicPartition partition, UUID topicId, LogConfig topicConfig) {
        return guarded(() -> {
            synchronized (membershipLock) {
                PartitionLog existing = logs.get(partition);
                boolean anyTopic = topicId.equals(TopicIds.ZERO);
                if (existing != null && (anyTopic || existing.topicId().equals(topicId))) {
                    return existing;
                }
                if (existing != null && existing.topicId().equals(TopicIds.ZERO)) {
                    existing.adopt(topicId);
                    return existing;
                }
                if (existing != null) {
                    LOG.atWarn()
                            .addKeyValue("partition", partition)
                            .addKeyValue("topicId", existing.topicId())
                            .addKeyValue("wanted", topicId)
                            .log("the log belongs to a deleted topic of that name and is set aside");
                    moveAway(partition, PartitionDirectoryName.STRAY);
                    existing.closeFiles();
                }
                forgetCheckpointsOf(partition);
                PartitionLog created = new PartitionLog(
                        partition,
                        LogLoader.create(partition, path.resolve(partition.toString()), topicId, context),
                        topicConfig,
                        context);
                logs.put(partition, created);
                return created;
            }
        });
    }

    /** What the checkpoints say of an earlier log of that name must not be taken for the new one's after a crash. */
    private void forgetCheckpointsOf(TopicPartition partition) {
        if (checkpoints.speakOf(partition)) {
            writeCheckpoints();
        }
    }

    /** Takes the partition away at once; its files go after {@code file.delete.delay.ms}. Nothing happens if it is absent. */
    public void delete(TopicPartition partition) {
        guarded(() -> {
            synchronized (membershipLock) {
                PartitionLog log = logs.get(partition);
                if (log != null) {
                    Path moved = moveAway(partition, PartitionDirectoryName.DELETE);
                    context.deleteLater(log.config().fileDeleteDelayMs(), () -> {
                        log.deleteFiles();
                        storage.deleteTree(moved);
                    });
                }
                return log;
            }
        });
    }

    /** Renames the partition's directory so that it is served no more but nothing is lost (LOG-43). */
    public void setAside(TopicPartition partition) {
        guarded(() -> {
            synchronized (membershipLock) {
                PartitionLog log = logs.get(partition);
                if (log != null) {
                    moveAway(partition, PartitionDirectoryName.STRAY);
                    log.closeFiles();
                }
                return log;
            }
        });
    }

    private Path moveAway(TopicPartition partition, String suffix) {
        PartitionLog log = logs.remove(partition);
        log.abandon();
        UUID unique = TopicIds.random(context.random());
        Path moved = path.resolve(PartitionDirectoryName.setAside(partition, unique, suffix));
        storage.rename(log.directory(), moved);
        log.movedTo(moved);
        // the old name must not come back with a new log in its place
        storage.syncDirectory(path);
        checkpoints.writeCleanedOffsets();
        LOG.atInfo()
                .addKeyValue("partition", partition)
                .addKeyValue("as", moved.getFileName())
                .log("log moved away");
        return moved;
    }

    // ---- housekeeping ----------------------------------------------------------------------------------------------

    /** Applies retention to all logs, forgets silent producers, and unlinks what was deleted long enough ago. */
    public void retain() {
        for (PartitionLog log : logs.values()) {
            if (!offline) {
                quietly(() -> log.retain(config.producerExpirationMs()));
            }
        }
        unlinkDue();
    }

    /** Flushes what the flush policy and closed segments ask for. */
    public void flushDirty() {
        for (PartitionLog log : logs.values()) {
            if (!offline) {
                quietly(log::flushIfDue);
            }
        }
        unlinkDue();
    }

    /** Writes down recovery points, high watermarks, log start offsets and how far all logs are compacted. */
    public void writeCheckpoints() {
        guarded(() -> {
            checkpoints.writeAll();
            return null;
        });
    }

    private void unlinkDue() {
        long now = clock.monotonicMillis();
        Runnable due = offline ? null : deletions.takeDue(now);
        while (due != null) {
            quietly(due);
            due = offline ? null : deletions.takeDue(now);
        }
    }

    // ---- the end ---------------------------------------------------------------------------------------------------

    public boolean isOffline() {
        return offline;
    }

    /** Runs {@code action} once when the directory goes offline, at once if it is. */
    public void onOffline(Runnable action) {
        synchronized (offlineListeners) {
            if (!offline) {
                offlineListeners.add(action);
                return;
            }
        }
        action.run();
    }

    private void goOffline(StorageException failure) {
        List<Runnable> listeners;
        synchronized (offlineListeners) {
            if (offline) {
                return;
            }
            offline = true;
            listeners = List.copyOf(offlineListeners);
            offlineListeners.clear();
        }
        LOG.atError().addKeyValue("directory", path).setCause(failure).log("log directory goes offline");
        listeners.forEach(Runnable::run);
    }

    /** As {@link #close(long)} without a broker epoch, as Kafka writes it with ZooKeeper. */
    @Override
    public void close() {
        close(-1);
    }

    /**
     * Makes everything durable, writes the checkpoints and, last of all, the marker of a clean stop. A directory that is
     * offline, or fails meanwhile, gets no marker.
     */
    public void close(long brokerEpoch) {
        synchronized (membershipLock) {
            if (closed) {
                return;
            }
            closed = true;
        }
        try {
            if (!offline) {
                ParallelRun.all(
                        logs.values().stream()
                                .<Runnable>map(log -> log::closeCleanly)
                                .toList(),
                        config.recoveryThreads(),
                        background);
                writeCheckpoints();
                if (offline) {
                    return;
                }
                storage.replaceSmall(
                        path.resolve(DirectoryFiles.CLEAN_MARKER), DirectoryFiles.cleanMarker(brokerEpoch));
            }
        } catch (StorageException failed) {
            goOffline(failed);
        } finally {
            logs.values().forEach(PartitionLog::abandon);
            if (offline) {
                logs.values().forEach(PartitionLog::closeFiles);
            }
            lock.close();
        }
    }

    /** Lets everything go without making anything durable, as a process does that dies. */
    void abandon() {
        logs.values().forEach(PartitionLog::abandon);
        logs.values().forEach(PartitionLog::closeFiles);
        lock.close();
    }

    private interface Work<T> {
        T run();
    }

    private <T> T guarded(Work<T> work) {
        if (offline) {
            throw new StorageException("the log directory " + path + " is offline");
        }
        try {
            return work.run();
        } catch (LogClosedException gone) {
            throw gone;
        } catch (StorageException failed) {
            goOffline(failed);
            throw failed;
        }
    }

    /** The failure is told to the listeners of {@link #onOffline}. */
    private void quietly(Runnable work) {
        try {
            work.run();
        } catch (LogClosedException gone) {
            LOG.atDebug().setCause(gone).log("a log went away before its turn");
        } catch (StorageException failed) {
            goOffline(failed);
        }
    }

    private final class Context implements LogContext {
        @Override
        public Storage storage() {
            return storage;
        }

        @Override
        public Clock clock() {
            return clock;
        }

        @Override
        public HotWindow window() {
            return window;
        }

        @Override
        public RandomGenerator random() {
            return random;
        }

        @Override
        public GroupCommit groupCommit() {
            return groupCommit;
        }

        @Override
        public boolean isOffline() {
            return offline;
        }

        @Override
        public void onFailure(StorageException failure) {
            goOffline(failure);
        }

        @Override
        public void requestFlush(PartitionLog log) {
            if (flushRequested.add(log)) {
                background.execute(() -> {
                    flushRequested.remove(log);
                    if (!offline) {
                        quietly(log::flushClosed);
                    }
                });
            }
        }

        @Override
        public void writeRecoveryPoints() {
            checkpoints.writeRecoveryPoints();
        }

        @Override
        public void writeHighWatermarks() {
            checkpoints.writeHighWatermarks();
        }

        @Override
        public void writeCleanedOffsets() {
            checkpoints.writeCleanedOffsets();
        }

        @Override
        public void writeLogStarts() {
            checkpoints.writeLogStarts();
        }

        @Override
        public void deleteLater(long delayMs, Runnable deletion) {
            deletions.add(clock.monotonicMillis() + delayMs, deletion);
        }
    }
}
