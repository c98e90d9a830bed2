package io.barnabas.coordination.zookeeper;

import io.barnabas.coordination.store.BrokerIdStore;
import io.barnabas.coordination.store.BrokerRegistry;
import io.barnabas.coordination.store.ClusterIdStore;
import io.barnabas.coordination.store.ClusterSecretStore;
import io.barnabas.coordination.store.ConfigStore;
import io.barnabas.coordination.store.ControllerLease;
import io.barnabas.coordination.store.Coordination;
import io.barnabas.coordination.store.CoordinationException;
import io.barnabas.coordination.store.FeatureStore;
import io.barnabas.coordination.store.PartitionStateStore;
import io.barnabas.coordination.store.ProducerIdStore;
import io.barnabas.coordination.store.Session;
import io.barnabas.coordination.store.SessionListener;
import io.barnabas.coordination.store.TopicStore;
import io.barnabas.runtime.time.Clock;
import java.io.IOException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.CompletionException;
import java.util.concurrent.CompletionStage;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;
import java.util.function.Consumer;
import org.apache.curator.framework.CuratorFramework;
import org.apache.curator.framework.CuratorFrameworkFactory;
import org.apache.curator.framework.state.ConnectionState;
import org.apache.curator.retry.RetryOneTime;
import org.apache.zookeeper.CreateMode;
import org.apache.zookeeper.Op;
import org.apache.zookeeper.Watcher;
import org.apache.zookeeper.ZooDefs;
import org.apache.zookeeper.ZooKeeper;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/** A session with ZooKeeper and all ports over it. */
public final class ZooKeeperCoordination implements Coordination, Session {
    private static final Logger LOG = LoggerFactory.getLogger(ZooKeeperCoordination.class);

    private final CuratorFramework curator;
    private final ZooKeeperCalls calls;
    private final SessionFile sessionFile;
    private final List<SessionListener> listeners = new CopyOnWriteArrayList<>();
    private final ZooKeeperBrokers brokers;
    private final ZooKeeperLease lease;
    private final ZooKeeperTopics topics;
    private final ZooKeeperPartitionStates partitionStates;
    private final ZooKeeperConfigs configs;
    private final ZooKeeperFeatures features;
    private final ZooKeeperIds ids;
    private final ZooKeeperSecret secret;
    private long currentSession;
    private boolean expiryTold;

    private ZooKeeperCoordination(
            CuratorFramework curator,
            ZooKeeperLink link,
            int sessionTimeoutMs,
            SessionFile sessionFile,
            long previous,
            Clock clock) {
        this.curator = curator;
        this.calls = new ZooKeeperCalls(link);
        this.sessionFile = sessionFile;
        this.brokers = new ZooKeeperBrokers(calls, clock, sessionTimeoutMs, previous);
        this.lease = new ZooKeeperLease(calls, clock);
        this.topics = new ZooKeeperTopics(calls);
        this.partitionStates = new ZooKeeperPartitionStates(calls, brokers);
        this.configs = new ZooKeeperConfigs(calls);
        this.features = new ZooKeeperFeatures(calls);
        this.ids = new ZooKeeperIds(calls);
        this.secret = new ZooKeeperSecret(calls);
    }

    /**
     * The ports over a link that others open and close, and whose changes they tell by {@link #onState}. The nodes that Kafka expects
     * have to be there.
     *
     * @param previousSession of the run before, 0 for none: what it left may be removed (CTRL-04)
     */
    public static ZooKeeperCoordination over(
            ZooKeeperLink link, int sessionTimeoutMs, long previousSession, Clock clock) {
        return new ZooKeeperCoordination(null, link, sessionTimeoutMs, null, previousSession, clock);
    }

    /** The nodes that Kafka, and we, expect to find; parents before children. Each is there from the first start on. */
    public static List<String> expectedNodes() {
        List<String> paths = new ArrayList<>(ZNodes.PERSISTENT);
        paths.addAll(ZNodes.OWN_PERSISTENT);
        return paths;
    }

    /**
     * Connects, ends what is left of this broker's session before (CTRL-05), and makes the nodes that Kafka expects. Blocks
     * for at most about twice the connection time-out.
     *
     * @param sessionFile where the session is kept for the next start; null to keep none. Under a lock of the caller
     * @throws CoordinationException with one sentence: ZooKeeper does not answer, or what it holds must not be used
     */
    public static ZooKeeperCoordination open(ZooKeeperConfig config, Path sessionFile, Clock clock) {
        SessionFile file = sessionFile == null ? null : new SessionFile(sessionFile);
        SessionFile.Kept kept = file == null ? null : file.load();
        if (kept != null) {
            endSession(config, kept);
        }
        makeChroot(config);
        CuratorFramework curator = CuratorFrameworkFactory.builder()
                .connectString(config.servers() + config.chroot())
                .sessionTimeoutMs(config.sessionTimeoutMs())
                .connectionTimeoutMs(config.connectionTimeoutMs())
                .retryPolicy(new RetryOneTime(100))
                .dontUseContainerParents()
                .zookeeperFactory(EnduringSession.factory(clock))
                .build();
        ZooKeeperCoordination opened = new ZooKeeperCoordination(
                curator,
                new CuratorLink(curator),
                config.sessionTimeoutMs(),
                file,
                kept == null ? 0 : kept.sessionId(),
                clock);
        // a session that is said to be lost may be there again; if it is not, the next connection shows it
        curator.getConnectionStateListenable()
                .addListener((client, state) ->
                        opened.onState(state == ConnectionState.LOST ? ConnectionState.SUSPENDED : state));
        curator.start();
        try {
            if (!curator.blockUntilConnected(config.connectionTimeoutMs(), TimeUnit.MILLISECONDS)) {
                throw unreachable(config);
            }
            opened.prepare(config);
            return opened;
        } catch (InterruptedException interrupted) {
            Thread.currentThread().interrupt();
            opened.close();
            throw new CoordinationException("interrupted while connecting to ZooKeeper", interrupted);
        } catch (RuntimeException refused) {
            opened.close();
            throw refused;
        }
    }

    private static CoordinationException unreachable(ZooKeeperConfig config) {
        return new CoordinationException("no answer from ZooKeeper at " + config.servers() + " within "
                + config.connectionTimeoutMs() + " ms (zookeeper.connect, zookeeper.connection.timeout.ms)");
    }

    private void prepare(ZooKeeperConfig config) {
        noteSession();
        await(calls.sync(), config);
        if (await(calls.read(ZNodes.MIGRATION, null), config).exists()) {
            throw new CoordinationException("this cluster is being migrated to KRaft (ZooKeeper has a node "
                    + ZNodes.MIGRATION + "); finish or roll back the migration first");
        }
        await(lease.holder(() -> {}), config);
        CompletionStage<?> made = Fenced.done(null);
        for (String path : ZNodes.PERSISTENT) {
            made = made.thenCombine(calls.multi(List.of(persistent(path, null))), (before, answer) -> answer);
        }
        for (String path : ZNodes.OWN_PERSISTENT) {
            made = made.thenCombine(calls.multi(List.of(persistent(path, null))), (before, answer) -> answer);
        }
        made = made.thenCombine(
                calls.multi(List.of(persistent(ZNodes.FEATURE, ZNodes.noFeatures()))), (before, answer) -> answer);
        await(made, config);
        await(topics.loadAll(), config); // refuses topics without ids, and servers without multi-read
        await(calls.readAll(List.of(ZNodes.FEATURE)), config);
    }

    private static Op persistent(String path, byte[] data) {
        return Op.create(path, data, ZooDefs.Ids.OPEN_ACL_UNSAFE, CreateMode.PERSISTENT);
    }

    private static <T> T await(CompletionStage<T> stage, ZooKeeperConfig config) {
        try {
            return stage.toCompletableFuture()
                    .orTimeout(config.connectionTimeoutMs(), TimeUnit.MILLISECONDS)
                    .join();
        } catch (CompletionException failed) {
            if (failed.getCause() instanceof CoordinationException known) {
                throw known;
            }
            throw unreachable(config);
        }
    }

    /** Attaches to the session of the run before and closes it: its ephemeral nodes vanish at once. */
    private static void endSession(ZooKeeperConfig config, SessionFile.Kept kept) {
        CountDownLatch settled = new CountDownLatch(1);
        Watcher watcher = event -> {
            switch (event.getState()) {
                case SyncConnected, Expired, AuthFailed -> settled.countDown();
                default -> {}
            }
        };
        String connect = config.servers() + config.chroot();
        try {
            ZooKeeper old =
                    new ZooKeeper(connect, config.sessionTimeoutMs(), watcher, kept.sessionId(), kept.password());
            boolean reached = settled.await(config.connectionTimeoutMs(), TimeUnit.MILLISECONDS);
            old.close();
            if (reached) {
                LOG.atInfo()
                        .addKeyValue("session", Long.toHexString(kept.sessionId()))
                        .log("ended the session before");
            }
        } catch (IOException wrong) {
            throw new CoordinationException(
                    "cannot use zookeeper.connect=" + connect + ": " + wrong.getMessage(), wrong);
        } catch (InterruptedException interrupted) {
            Thread.currentThread().interrupt();
            throw new CoordinationException("interrupted while connecting to ZooKeeper", interrupted);
        }
    }

    private static void makeChroot(ZooKeeperConfig config) {
        if (config.chroot().isEmpty()) {
            return;
        }
        try (CuratorFramework root = CuratorFrameworkFactory.builder()
                .connectString(config.servers())
                .sessionTimeoutMs(config.sessionTimeoutMs())
                .connectionTimeoutMs(config.connectionTimeoutMs())
                .retryPolicy(new RetryOneTime(100))
                .dontUseContainerParents()
                .build()) {
            root.start();
            if (!root.blockUntilConnected(config.connectionTimeoutMs(), TimeUnit.MILLISECONDS)) {
                throw unreachable(config);
            }
            if (root.checkExists().forPath(config.chroot()) == null) {
                root.create().creatingParentsIfNeeded().forPath(config.chroot(), null);
            }
        } catch (CoordinationException known) {
            throw known;
        } catch (Exception failure) {
            throw new CoordinationException("cannot make the chroot " + config.chroot() + " in ZooKeeper", failure);
        }
    }

    /** The bond with ZooKeeper has changed. Told in order, by one thread at a time. */
    public void onState(ConnectionState state) {
        switch (state) {
            case CONNECTED, RECONNECTED -> {
                noteSession();
                calls.onConnected();
                brokers.onNewSession();
                tell(SessionListener::onConnected);
            }
            case LOST -> onExpired();
            case SUSPENDED -> tell(SessionListener::onDisconnected);
            case READ_ONLY -> LOG.warn("connected to a read-only ZooKeeper server");
        }
    }

    /** Keeps a new session before anything hangs on it (CTRL-05), and notices when it took the place of another. */
    private void noteSession() {
        long now = calls.sessionId();
        synchronized (this) {
            if (now == 0 || now == currentSession) {
                return;
            }
        }
        boolean replaced;
        synchronized (this) {
            replaced = currentSession != 0 && !expiryTold;
        }
        if (replaced) {
            onExpired();
        }
        synchronized (this) {
            currentSession = now;
            expiryTold = false;
        }
        if (sessionFile != null) {
            try {
                ZooKeeper zooKeeper = curator.getZookeeperClient().getZooKeeper();
                sessionFile.store(new SessionFile.Kept(zooKeeper.getSessionId(), zooKeeper.getSessionPasswd()));
            } catch (Exception failure) {
                LOG.atWarn()
                        .setCause(failure)
                        .log("cannot keep the session: the next start may have to wait for its end");
            }
        }
    }

    private void onExpired() {
        synchronized (this) {
            if (expiryTold) {
                return;
            }
            expiryTold = true;
        }
        LOG.warn("the ZooKeeper session has ended");
        tell(SessionListener::onExpired);
        brokers.onSessionLost();
    }

    /** One that fails does not keep the others from hearing. */
    private void tell(Consumer<SessionListener> what) {
        for (SessionListener listener : listeners) {
            try {
                what.accept(listener);
            } catch (RuntimeException failed) {
                LOG.atError().setCause(failed).log("a listener to the ZooKeeper session failed");
            }
        }
    }

    @Override
    public void listen(SessionListener listener) {
        listeners.add(listener);
    }

    @Override
    public boolean isConnected() {
        return calls.isConnected();
    }

    @Override
    public Session session() {
        return this;
    }

    @Override
    public BrokerRegistry brokers() {
        return brokers;
    }

    @Override
    public ControllerLease lease() {
        return lease;
    }

    @Override
    public TopicStore topics() {
        return topics;
    }

    @Override
    public PartitionStateStore partitionStates() {
        return partitionStates;
    }

    @Override
    public ConfigStore configs() {
        return configs;
    }

    @Override
    public FeatureStore features() {
        return features;
    }

    @Override
    public ProducerIdStore producerIds() {
        return ids;
    }

    @Override
    public ClusterIdStore clusterId() {
        return ids;
    }

    @Override
    public ClusterSecretStore clusterSecret() {
        return secret;
    }

    @Override
    public BrokerIdStore brokerIds() {
        return ids;
    }

    /** For tests that end or cut the session. */
    CuratorFramework curator() {
        return curator;
    }

    @Override
    public void close() {
        calls.close();
        if (curator != null) {
            curator.close();
        }
        boolean had;
        synchronized (this) {
            had = currentSession != 0;
        }
        if (sessionFile != null && had) {
            sessionFile.delete();
        }
    }
}
