package io.barnabas.broker.app;

import io.barnabas.broker.api.ApiDispatcher;
import io.barnabas.broker.config.BrokerConfig;
import io.barnabas.broker.config.Listener;
import io.barnabas.broker.control.ConfigRules;
import io.barnabas.broker.control.LeaseKeeper;
import io.barnabas.broker.control.LogDirectories;
import io.barnabas.broker.control.TopicConfigs;
import io.barnabas.broker.http.ClusterRoutes;
import io.barnabas.broker.http.GroupQueries;
import io.barnabas.broker.http.HealthRoutes;
import io.barnabas.broker.http.HttpRoutes;
import io.barnabas.broker.http.LagRoutes;
import io.barnabas.broker.lag.ClusterLogEnds;
import io.barnabas.broker.lag.LagMonitor;
import io.barnabas.broker.lag.LocalLogEnds;
import io.barnabas.broker.metadata.ClusterView;
import io.barnabas.broker.metadata.CurrentCluster;
import io.barnabas.broker.peer.ControllerRoute;
import io.barnabas.broker.peer.PeerPassport;
import io.barnabas.broker.server.NettyServer;
import io.barnabas.broker.server.ServerConfig;
import io.barnabas.consumer.coordinator.GroupCoordinator;
import io.barnabas.coordination.ControllerLoop;
import io.barnabas.coordination.controller.ControllerConfig;
import io.barnabas.coordination.store.BrokerRegistration;
import io.barnabas.coordination.store.BrokerRegistry;
import io.barnabas.coordination.store.BrokerRegistry.RegistrationListener;
import io.barnabas.coordination.store.ClusterSecretStore;
import io.barnabas.coordination.store.Coordination;
import io.barnabas.coordination.store.CoordinationException;
import io.barnabas.log.DirectoryIdentity;
import io.barnabas.log.LogDirectory;
import io.barnabas.log.LogDirectoryConfig;
import io.barnabas.log.storage.FileStorage;
import io.barnabas.log.storage.Storage;
import io.barnabas.model.BrokerId;
import io.barnabas.model.Endpoint;
import io.barnabas.model.Outcome;
import io.barnabas.model.TopicIds;
import io.barnabas.model.TopicPartition;
import io.barnabas.runtime.time.Clock;
import java.net.InetAddress;
import java.net.UnknownHostException;
import java.nio.file.Path;
import java.security.SecureRandom;
import java.util.ArrayList;
import java.util.List;
import java.util.Set;
import java.util.UUID;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionException;
import java.util.concurrent.CompletionStage;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;
import java.util.function.Consumer;
import java.util.random.RandomGenerator;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * A broker in the world. Starts in this order: ports are bound; ZooKeeper is reached while the logs are made whole; the broker
 * registers and stands for controller; and when the controller has told it of the cluster, requests are let through. Stops in the
 * order of CTRL-28: leaderships are handed over, sockets closed, logs flushed and marked clean, and only then the registration ends.
 */
public final class BrokerServer implements AutoCloseable {
    private static final Logger LOG = LoggerFactory.getLogger(BrokerServer.class);
    private static final long SHUT_DOWN_ANSWER_SECONDS = 30;
    private static final long LEASE_WAITING_MS = 1_000;
    private static final long TELL_WAITING_SECONDS = 10;

    private final BrokerConfig config;
    private final Clock clock;
    private final RandomGenerator random;

    /** Secrets must not be guessed from what else is random here. */
    private final SecureRandom secureRandom = new SecureRandom();

    private final Consumer<String> onFatal;
    private final Storage storage = new FileStorage();
    private final CurrentCluster cluster = new CurrentCluster();
    private final HttpRoutes routes = new HttpRoutes();

    /** What this broker tells of itself alone. */
    private final HttpRoutes ownPages = new HttpRoutes();

    private final ServedApis apis = new ServedApis(cluster);

    private Threads threads;
    private Workers workers;
    private NettyServer network;
    private CoordinationDoor door;
    private CompletableFuture<Coordination> reached;
    private Coordination coordination;
    private LogDirectories logs;
    private Peers peers;
    private ControllerLoop controller;
    private ControllerRoute route;
    private OtherBrokers others;
    private LeaseKeeper lease;
    private Housekeeping housekeeping;
    private CompactionRounds compaction;
    private volatile BrokerCore core;
    private BrokerId self;
    private String clusterId;
    private List<Endpoint> endpoints = List.of();
    private volatile long brokerEpoch = -1;
    private volatile BrokerRegistration registration;
    private volatile boolean stopping;

    private BrokerServer(BrokerConfig config, Clock clock, RandomGenerator random, Consumer<String> onFatal) {
        this.config = config;
        this.clock = clock;
        this.random = random;
        this.onFatal = onFatal;
    }

    /**
     * Starts a broker; returns when it serves.
     *
     * @param onFatal told, on any thread, when the broker cannot go on: its id belongs to another, or all its disks have failed
     * @throws RuntimeException with one sentence for the person who started it; nothing is left running then
     */
    public static BrokerServer start(
            BrokerConfig config, Clock clock, RandomGenerator random, Consumer<String> onFatal) {
        BrokerServer server = new BrokerServer(config, clock, random, onFatal);
        try {
            server.start();
            return server;
        } catch (RuntimeException | Error failed) {
            server.stopping = true;
            server.release();
            throw failed;
        }
    }

    public BrokerId id() {
        return self;
    }

    public String clusterId() {
        return clusterId;
    }

    /** Where clients are told to connect. */
    public List<Endpoint> endpoints() {
        return endpoints;
    }

    /** The port that a listener has got. */
    public int port(String listener) {
        return network.port(listener);
    }

    /** Where HTTP is served, each as host and port; empty if it is not. */
    public List<String> httpListeners() {
        return network.httpAddresses().stream()
                .map(address -> {
                    String host = address.getAddress().getHostAddress();
                    return (host.indexOf(':') < 0 ? host : "[" + host + "]") + ":" + address.getPort();
                })
                .toList();
    }

    /** The cluster as this broker sees it. */
    public ClusterView cluster() {
        return cluster.view();
    }

    private void start() {
        network = new NettyServer(ServerConfig.of(config), config.listeners(), new ApiDispatcher(apis.table()), clock);
        network.bind();
        HealthRoutes.addTo(routes, this::missing);
        network.bindHttp(config.http(), routes);
        threads = new Threads(
                config.logDirectories().recoveryThreads() * config.logDirs().size());
        workers = threads.workers(network.loops(config.groups().threads()));

        door = new CoordinationDoor(config, storage, clock);
        door.lock();
        DirectoryIdentity known = DirectoryIdentities.read(config, storage);
        reached = CompletableFuture.supplyAsync(() -> door.open(known), workers.validation());
        if (known != null) {
            self = new BrokerId(known.brokerId());
            openLogs(known);
        }
        coordination = await(reached);
        var secret = coordination.clusterSecret().loadOrCreate(freshSecret());
        clusterId = await(coordination.clusterId().loadOrCreate(freshClusterId()));
        if (known == null) {
            self = config.configuredId().isNone()
                    ? await(coordination.brokerIds().next(config.reservedBrokerMaxId()))
                    : config.configuredId();
            openLogs(new DirectoryIdentity(self.value(), clusterId));
        } else if (!known.clusterId().equals(clusterId)) {
            throw new StartException("the log directories belong to cluster " + known.clusterId() + ", but "
                    + door.describe() + " to cluster " + clusterId + "; check zookeeper.connect and log.dirs");
        }
        endpoints = advertised();
        assemble(await(secret));
        register();
        var leased = lease.start(others::all);
        controller.start();
        awaitCluster();
        await(leased);
        awaitLease();
        network.serve();
        housekeeping.start();
        compaction.start();
        core.producerIds().prefetch();
    }

    private void openLogs(DirectoryIdentity identity) {
        TopicConfigs configs = new TopicConfigs(self, config, cluster);
        List<LogDirectory> opened = new ArrayList<>();
        logs = new LogDirectories(opened);
        LogDirectoryConfig keeping = config.logDirectories()
                .withHotBytes(PageCacheBudget.perDirectory(config.logDirs().size()));
        for (Path directory : config.logDirs()) {
            opened.add(LogDirectory.open(directory, identity, keeping, configs, storage, clock, workers.disks()));
            logs = new LogDirectories(opened);
        }
    }

    private void assemble(byte[] secret) {
        peers = Peers.connected(
                config,
                cluster,
                coordination,
                new PeerPassport(secret, clusterId, self, () -> brokerEpoch, TopicIds.random(random), secureRandom),
                workers.validation(),
                workers.disks(),
                () -> core.control(),
                this::registerAgain,
                clock,
                random);
        controller = new ControllerLoop(
                self,
                coordination,
                peers.sender(),
                new ControllerConfig(
                        config.topics().partitions(),
                        config.topics().replicationFactor(),
                        config.topics().deleteEnable(),
                        config.log().uncleanLeaderElectionEnable(),
                        config.balancing(),
                        config.replication().eligibleLeaders(),
                        config.log().minInsyncReplicas(),
                        new ConfigRules(config)),
                threads.controller(),
                clock,
                random);
        lease = new LeaseKeeper(
                config.serving().leaderLeaseMs(),
                coordination.lease(),
                new LeaseKeeper.Office() {
                    @Override
                    public int controllerEpoch() {
                        return controller.controllerEpoch();
                    }

                    @Override
                    public void resign() {
                        controller.resign();
                    }
                },
                threads.controller(),
                clock);
        route = peers.routeTo(controller, lease, config.serving().requestTimeoutMs());
        others = new OtherBrokers(
                self,
                cluster,
                peers.inquiries(),
                group -> core.groups().coordinator().partitionFor(group));
        core = new BrokerCore(
                self,
                clusterId,
                config,
                cluster,
                new TopicConfigs(self, config, cluster),
                logs,
                route,
                peers.replication(),
                () -> brokerEpoch,
                () -> route.requestState(self, brokerEpoch),
                lease,
                others,
                workers,
                clock,
                random);
        BrokerQuestions questions =
                new BrokerQuestions(new LocalLogEnds(core.partitions(), workers.disks()), ownPages, core.downgrade());
        network.serve(peers.desk(core.control(), questions, this::registerAgain, this::onRegistrationOver));
        apis.serveWith(core);
        housekeeping = new Housekeeping(
                threads.housekeeping(),
                config.housekeeping(),
                logs,
                core.partitions(),
                config.serving().replicaLagMaxMs());
        compaction = new CompactionRounds(config.housekeeping().cleaner(), logs.all(), clock);
        watchLag();
        for (LogDirectory directory : logs.all()) {
            directory.onOffline(() -> workers.control().execute(() -> onDirectoryLost(directory)));
        }
    }

    /** Before anything is led, so that no commit is missed. */
    private void watchLag() {
        GroupCoordinator coordinator = core.groups().coordinator();
        ClusterLogEnds ends = new ClusterLogEnds(
                new LocalLogEnds(core.partitions(), workers.disks()),
                self,
                others::leaderOf,
                others,
                config.lag().sampleIntervalMs(),
                clock);
        LagMonitor lag = new LagMonitor(config.lag().windows(), ends, coordinator::partitionFor, clock);
        coordinator.observe(lag);
        housekeeping.every(config.lag().sampleIntervalMs(), config.lag().sampleIntervalMs(), () -> {
            lag.sample();
            ends.refresh();
        });
        new ClusterRoutes(ownPages, others, self, workers.validation()).addTo(routes);
        LagRoutes.addTo(
                ownPages,
                GroupQueries.of(coordinator),
                lag,
                ends,
                cluster,
                clusterId,
                endpoints.get(0).host(),
                workers.validation(),
                clock);
    }

    /** Why this broker is not ready; any thread. */
    private List<String> missing() {
        BrokerCore assembled = core;
        return assembled == null || brokerEpoch < 0
                ? List.of(stopping ? "the broker is stopping" : "the broker is not registered in the cluster")
                : Readiness.missing(
                        cluster.view(),
                        self,
                        assembled.partitions(),
                        assembled.groups().coordinator()::isActive);
    }

    private void register() {
        // the epoch comes by onRegistered, in order: a later registration may have come before this one is heard of
        // here
        PreviousRun previous = new PreviousRun(logs.all(), storage, PreviousRun.thisBoot());
        UUID incarnation = new UUID(random.nextLong(), random.nextLong());
        registration = new BrokerRegistration(self, endpoints, config.rack(), incarnation, previous.ending());
        await(coordination.brokers().register(registration, registered));
        previous.forget();
    }

    /** This registration was fenced while its broker lived: it takes no part any more before it has another (FFD-09). */
    private void registerAgain(long fencedEpoch) {
        if (stopping || brokerEpoch != fencedEpoch) {
            return;
        }
        brokerEpoch = -1;
        lease.revoke();
        LOG.atWarn()
                .addKeyValue("broker", self)
                .addKeyValue("brokerEpoch", fencedEpoch)
                .log("was taken for dead, registering again");
        BrokerRegistry registry = coordination.brokers();
        registry.unregister()
                .thenCompose(gone -> registry.register(registration, registered))
                .whenComplete((epoch, failure) -> {
                    if (failure != null) {
                        fatal("cannot register again: " + failure.getMessage());
                    }
                });
    }

    /** The session with ZooKeeper will tell the same, and makes another registration then. */
    private void onRegistrationOver(long epoch) {
        if (brokerEpoch == epoch) {
            lease.revoke();
            LOG.atWarn()
                    .addKeyValue("broker", self)
                    .addKeyValue("brokerEpoch", epoch)
                    .log("the controller finds this broker's registration gone, nothing is served as leader");
        }
    }

    private final RegistrationListener registered = new RegistrationListener() {
        @Override
        public void onRegistered(long epoch) {
            brokerEpoch = epoch;
            lease.onRegistered();
            if (cluster.view().known()) {
                // what the controller sent to this registration before we knew of it was not obeyed
                route.requestState(self, epoch);
            }
        }

        @Override
        public void onLost() {
            brokerEpoch = -1;
            lease.revoke();
            LOG.atWarn().addKeyValue("broker", self).log("the session with ZooKeeper has ended, registering again");
        }

        @Override
        public void onRefused(String sentence) {
            fatal(sentence);
        }
    };

    private void awaitCluster() {
        CompletableFuture<Void> known = new CompletableFuture<>();
        cluster.whenKnown(() -> known.complete(null));
        while (true) {
            try {
                known.get(TELL_WAITING_SECONDS, TimeUnit.SECONDS);
                return;
            } catch (TimeoutException notYet) {
                LOG.atWarn()
                        .addKeyValue("controller", controller.controller())
                        .log("still waiting for the controller to tell of the cluster");
            } catch (InterruptedException e) {
                Thread.currentThread().interrupt();
                throw new StartException("interrupted while starting", e);
            } catch (ExecutionException impossible) {
                throw new IllegalStateException(impossible);
            }
        }
    }

    /** Word from the controller is on its way; a moment later nobody is turned away for the want of it. */
    private void awaitLease() {
        try {
            lease.everHeld().toCompletableFuture().get(LEASE_WAITING_MS, TimeUnit.MILLISECONDS);
        } catch (TimeoutException late) {
            LOG.atInfo().log("serving before there is proof that this broker leads what it was told to");
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            throw new StartException("interrupted while starting", e);
        } catch (ExecutionException impossible) {
            throw new IllegalStateException(impossible);
        }
    }

    private void onDirectoryLost(LogDirectory directory) {
        LOG.atError()
                .addKeyValue("directory", directory.path())
                .log("a log directory has failed; its partitions are offline here");
        directory.logs().forEach(log -> core.partitions().hostOnFailedDisk(log.partition()));
        if (logs.allMissing()) {
            fatal("every log directory has failed");
        }
    }

    private void fatal(String sentence) {
        if (!stopping) {
            onFatal.accept(sentence);
        }
    }

    /** Stops in good order; the data is clean afterwards. */
    @Override
    public synchronized void close() {
        if (stopping) {
            return;
        }
        stopping = true;
        LOG.atInfo().addKeyValue("broker", self).log("stopping");
        if (config.shutdown().controlled()) {
            handOver();
        }
        release();
        LOG.atInfo().addKeyValue("broker", self).log("stopped");
    }

    /** Has the controller move what this broker leads, as often as is worth trying (CTRL-28). */
    private void handOver() {
        try {
            for (int attempt = 0; attempt <= config.shutdown().attempts(); attempt++) {
                if (handedOver() || cluster.view().brokers().size() <= 1) {
                    return; // alone there is nobody to hand over to, and nobody else to ask
                }
                pause(config.shutdown().retryBackoffMs());
            }
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
        } catch (ExecutionException ended) {
            LOG.atWarn().setCause(ended).log("waiting for the next try failed, there is none");
        }
    }

    /** One try at having the controller move this broker's leaderships away. */
    private boolean handedOver() throws InterruptedException {
        try {
            Outcome<Set<TopicPartition>> left = route.shutDown(self, brokerEpoch)
                    .toCompletableFuture()
                    .get(SHUT_DOWN_ANSWER_SECONDS, TimeUnit.SECONDS);
            if (left.isDone() && left.value().isEmpty()) {
                return true;
            }
            LOG.atInfo()
                    .addKeyValue("remaining", left.isDone() ? left.value().size() : left.refusal())
                    .log("leaderships could not all be handed over");
        } catch (ExecutionException | TimeoutException failed) {
            LOG.atWarn().addKeyValue("reason", failed.toString()).log("the controller did not take the leaderships");
        }
        return false;
    }

    private void pause(long millis) throws InterruptedException, ExecutionException {
        CompletableFuture<Void> over = new CompletableFuture<>();
        workers.timers().schedule(() -> over.complete(null), millis);
        over.get();
    }

    /** Stops what was started, last things first. The logs are whole and at rest by then, also if the start failed behind them. */
    private void release() {
        attempt("housekeeping", () -> {
            if (housekeeping != null) {
                housekeeping.stop();
            }
        });
        attempt("compaction", () -> {
            if (compaction != null) {
                compaction.close();
            }
        });
        attempt("lease", () -> {
            if (lease != null) {
                lease.close();
            }
        });
        attempt("controller", () -> {
            if (controller != null) {
                controller.close();
            }
        });
        attempt("groups", () -> {
            if (core != null) {
                core.groups().close();
            }
        });
        attempt("network", () -> {
            if (network != null) {
                network.close();
            }
        });
        attempt("other brokers", () -> {
            if (peers != null) {
                peers.close();
            }
        });
        attempt("control", () -> {
            if (threads != null) {
                threads.stopChanging();
            }
        });
        if (logs != null) {
            for (LogDirectory directory : logs.all()) {
                attempt("log directory " + directory.path(), () -> directory.close(brokerEpoch));
            }
        }
        attempt("coordination", () -> {
            // a start that fails with the logs does not wait for ZooKeeper, which may be reached all the same
            Coordination opened = reached == null
                    ? null
                    : reached.handle((late, failure) -> late).join();
            if (opened != null) {
                opened.close();
            }
        });
        attempt("threads", () -> {
            if (threads != null) {
                threads.close();
            }
        });
        attempt("embedded ZooKeeper", () -> {
            if (door != null) {
                door.close();
            }
        });
    }

    /** One part that cannot be stopped must not keep the others from stopping. */
    private static void attempt(String what, Runnable stop) {
        try {
            stop.run();
        } catch (RuntimeException failed) {
            LOG.atError().addKeyValue("what", what).setCause(failed).log("could not be stopped in good order");
        }
    }

    private List<Endpoint> advertised() {
        List<Endpoint> told = new ArrayList<>();
        for (Listener listener : config.listeners().listeners()) {
            if (listener.advertised()) {
                String host = listener.advertisedHost().isEmpty() ? hostName() : listener.advertisedHost();
                int port = listener.advertisedPort() == 0 ? network.port(listener.name()) : listener.advertisedPort();
                told.add(new Endpoint(listener.name(), listener.securityProtocol(), host, port));
            }
        }
        return List.copyOf(told);
    }

    private static String hostName() {
        try {
            return InetAddress.getLocalHost().getCanonicalHostName();
        } catch (UnknownHostException nameless) {
            LOG.atWarn()
                    .log("this machine's own name is not known; clients are told localhost. Set advertised.listeners.");
            return "localhost";
        }
    }

    private byte[] freshSecret() {
        byte[] secret = new byte[ClusterSecretStore.SECRET_BYTES];
        secureRandom.nextBytes(secret);
        return secret;
    }

    private String freshClusterId() {
        return TopicIds.toBase64(TopicIds.random(random));
    }

    private <T> T await(CompletionStage<T> stage) {
        try {
            return stage.toCompletableFuture().join();
        } catch (CompletionException failed) {
            if (failed.getCause() instanceof RuntimeException cause) {
                throw cause;
            }
            throw new CoordinationException("ZooKeeper did not answer", failed.getCause());
        }
    }
}
