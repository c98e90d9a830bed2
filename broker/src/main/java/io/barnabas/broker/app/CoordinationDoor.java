package io.barnabas.broker.app;

import io.barnabas.broker.config.BrokerConfig;
import io.barnabas.broker.config.ZooKeeperChoice;
import io.barnabas.coordination.store.Coordination;
import io.barnabas.coordination.zookeeper.EmbeddedZooKeeper;
import io.barnabas.coordination.zookeeper.ZooKeeperConfig;
import io.barnabas.coordination.zookeeper.ZooKeeperCoordination;
import io.barnabas.log.DirectoryIdentity;
import io.barnabas.log.storage.Storage;
import io.barnabas.runtime.time.Clock;
import java.nio.file.Path;

/** The way to ZooKeeper: to the one that {@code zookeeper.connect} names, or to one inside this process (DESIGN D13). */
final class CoordinationDoor implements AutoCloseable {
    private static final int PREFERRED_PORT = 2181;
    private static final String SESSION_FILE = "barnabas-session";
    private static final String LOCK = "barnabas.lock";

    private final BrokerConfig config;
    private final Storage storage;
    private final Clock clock;
    private Storage.DirectoryLock lock;
    private EmbeddedZooKeeper embedded;

    CoordinationDoor(BrokerConfig config, Storage storage, Clock clock) {
        this.config = config;
        this.storage = storage;
        this.clock = clock;
    }

    /**
     * Keeps other processes away from the embedded server's data and from the session that is kept for the next start. The log
     * directories have locks of their own, but those can only be had when it is known whose they are.
     *
     * @throws StartException if another process is there already
     */
    void lock() {
        Path first = config.logDirs().get(0);
        storage.createDirectories(first);
        lock = storage.tryLock(first.resolve(LOCK));
        if (lock == null) {
            throw new StartException(first + " is in use by another process, which holds " + LOCK
                    + " there; a log directory serves one broker");
        }
    }

    /**
     * Connects, and starts the embedded server before if there is to be one. Under the {@link #lock()}.
     *
     * @param known whose data the log directories hold; null if they are fresh
     * @throws StartException if the data belongs to a cluster whose ZooKeeper is elsewhere
     */
    Coordination open(DirectoryIdentity known) {
        ZooKeeperChoice choice = config.zooKeeper();
        Path firstDirectory = config.logDirs().get(0);
        String connect = choice.connect();
        if (choice.embedded()) {
            startEmbedded(embeddedDirectory(firstDirectory), known);
            connect = embedded.connectString();
        }
        return ZooKeeperCoordination.open(
                new ZooKeeperConfig(connect, choice.sessionTimeoutMs(), choice.connectionTimeoutMs()),
                firstDirectory.resolve(SESSION_FILE),
                clock);
    }

    /** For messages: which ZooKeeper it is. */
    String describe() {
        return config.zooKeeper().embedded()
                ? "the embedded ZooKeeper in "
                        + embeddedDirectory(config.logDirs().get(0))
                : "zookeeper.connect=" + config.zooKeeper().connect();
    }

    @Override
    public void close() {
        if (embedded != null) {
            embedded.close();
        }
        if (lock != null) {
            lock.close();
        }
    }

    private void startEmbedded(Path directory, DirectoryIdentity known) {
        if (known != null && !storage.isDirectory(directory)) {
            throw new StartException(config.logDirs().get(0) + " holds the data of cluster " + known.clusterId()
                    + ", whose ZooKeeper is not the embedded one (there is no " + directory
                    + "); set zookeeper.connect to it, or choose fresh log.dirs");
        }
        embedded = EmbeddedZooKeeper.start(directory, PREFERRED_PORT);
    }

    /** A sibling: Kafka does not start on a log directory that holds folders it does not know. */
    private static Path embeddedDirectory(Path logDirectory) {
        return logDirectory.resolveSibling(logDirectory.getFileName() + "-zookeeper");
    }
}
