package io.barnabas.system.tests.simulation;

import io.barnabas.broker.api.ApiDispatcher;
import io.barnabas.broker.app.BrokerCore;
import io.barnabas.broker.app.BrokerQuestions;
import io.barnabas.broker.app.Housekeeping;
import io.barnabas.broker.app.OtherBrokers;
import io.barnabas.broker.app.Peers;
import io.barnabas.broker.app.ServedApis;
import io.barnabas.broker.app.Workers;
import io.barnabas.broker.config.BrokerConfig;
import io.barnabas.broker.control.ConfigRules;
import io.barnabas.broker.control.LeaseKeeper;
import io.barnabas.broker.control.LogDirectories;
import io.barnabas.broker.control.TopicConfigs;
import io.barnabas.broker.http.HttpRoutes;
import io.barnabas.broker.lag.LocalLogEnds;
import io.barnabas.broker.metadata.ClusterView;
import io.barnabas.broker.metadata.CurrentCluster;
import io.barnabas.broker.peer.ControllerRoute;
import io.barnabas.broker.peer.PeerPassport;
import io.barnabas.broker.peer.PeerService;
import io.barnabas.coordination.ControllerLoop;
import io.barnabas.coordination.control.LastShutdown;
import io.barnabas.coordination.controller.ControllerConfig;
import io.barnabas.coordination.controller.LeaderBalancing;
import io.barnabas.coordination.store.BrokerRegistration;
import io.barnabas.coordination.store.BrokerRegistry.RegistrationListener;
import io.barnabas.coordination.zookeeper.ZooKeeperCoordination;
import io.barnabas.log.DirectoryIdentity;
import io.barnabas.log.LogDirectory;
import io.barnabas.log.LogDirectoryConfig;
import io.barnabas.log.storage.SimulatedStorage;
import io.barnabas.model.BrokerId;
import io.barnabas.model.Endpoint;
import io.barnabas.model.TopicIds;
import io.barnabas.runtime.loop.EventLoop;
import io.barnabas.runtime.time.Clock;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Collection;
import java.util.List;
import java.util.UUID;
import java.util.function.Consumer;
import java.util.function.Supplier;

/** A machine with a disk on which a broker runs, is killed, stopped and started again. */
final class SimulatedBroker {
    static final int PORT = 9092;
    private static final Path DIRECTORY = Path.of("/data");
    private static final int NETWORK_LOOPS = 2;
    private static final long LEADER_TIMEOUT_MS = 10_000;

    private final SimulatedCluster cluster;
    private final World world;
    private final BrokerId id;
    private final int place;
    private final BrokerConfig config;
    private final SimulatedStorage storage = new SimulatedStorage();
    private final World.MachineClock machineClock = new World.MachineClock();
    private long previousSession;
    private int starts;

    /** How the run before ended that no registration has told of yet. */
    private LastShutdown ending = LastShutdown.CLEAN;

    private Incarnation running;
    private Incarnation latest;
    private boolean lossUntold;
    private long forcedEndNanos = Long.MIN_VALUE / 2;

    SimulatedBroker(SimulatedCluster cluster, BrokerId id, int place, BrokerConfig config) {
        this.cluster = cluster;
        this.world = cluster.world();
        this.id = id;
        this.place = place;
        this.config = config;
    }

    BrokerId id() {
        return id;
    }

    int place() {
        return place;
    }

    World.MachineClock clock() {
        return machineClock;
    }

    /** Null while no process runs. */
    Incarnation running() {
        return running;
    }

    /** The one that runs, or ran last; null before the first. */
    Incarnation latest() {
        return latest;
    }

    /** It has lost its power, and no registration has told of that yet. */
    boolean isLossUntold() {
        return lossUntold;
    }

    boolean isUp() {
        return running != null;
    }

    boolean isStopped() {
        return running != null && !running.process.isRunning();
    }

    void start() {
        if (running != null) {
            return;
        }
        storage.restart();
        cluster.network().machineStarts(place);
        starts++;
        running = new Incarnation();
        latest = running;
        world.note(() -> running.process.name() + ": starts");
        running.begin();
    }

    /** Somebody ends its session, although it is heard of all the time. */
    void sessionEndsByForce() {
        forcedEndNanos = world.nowNanos();
        cluster.zooKeeper().closeSession(running.sessionId());
    }

    /**
     * Its session was ended before its time, and it may not know yet: until its lease has run out it may tell what is over. Leases hold against
     * sessions that end because nothing is heard of them (REPL-20).
     */
    boolean mayTellWhatIsOver() {
        return world.nowNanos() - forcedEndNanos <= cluster.leaseAndAnswerNanos();
    }

    /** The process ends in the middle of whatever it did; the machine's page cache stays. */
    void kill() {
        if (running == null) {
            return;
        }
        world.note(() -> running.process.name() + ": killed");
        ending = ending == LastShutdown.MACHINE ? LastShutdown.MACHINE : LastShutdown.PROCESS;
        end();
        cluster.network().processEnded(place);
    }

    /** The machine loses its power: what was not fsynced is gone, and nobody is told. */
    void losePower() {
        world.note(() -> "b" + id + ": loses power");
        ending = LastShutdown.MACHINE;
        lossUntold = true;
        if (running != null) {
            end();
        }
        cluster.network().machineEnded(place);
        storage.powerLoss(world.random().nextLong());
    }

    private void end() {
        running.process.kill();
        running.zooKeeper.abandon();
        running = null;
    }

    void stop() {
        if (running != null) {
            world.note(() -> running.process.name() + ": stopped");
            running.process.stop();
        }
    }

    void resume() {
        if (running != null && !running.process.isRunning()) {
            world.note(() -> running.process.name() + ": goes on");
            running.process.resume();
        }
    }

    Endpoint endpoint() {
        return new Endpoint("PLAINTEXT", "PLAINTEXT", "b" + id, PORT + place);
    }

    /** One process, from its start to its end. */
    final class Incarnation implements RegistrationListener {
        final SimulatedProcess process;
        private final Clock clock;
        private final List<EventLoop> network = new ArrayList<>();
        private final EventLoop control;
        private final EventLoop timers;
        private final EventLoop disks;
        private final EventLoop groups;
        private final EventLoop controllerLoop;
        private final EventLoop housekeepingLoop;
        private final EventLoop start;
        private final SimulatedZooKeeperClient zooKeeper;
        private final ZooKeeperCoordination coordination;
        private final CurrentCluster view = new CurrentCluster();
        private final ServedApis apis = new ServedApis(view);
        private LogDirectories logs;
        private ControllerLoop controller;
        private final UUID incarnation = TopicIds.random(world.random());
        private BrokerRegistration registration;
        private ControllerRoute route;
        private PeerService desk;
        private LeaseKeeper lease;
        private BrokerCore core;
        private boolean serving;
        private long brokerEpoch = -1;

        Incarnation() {
            process = new SimulatedProcess(world, "b" + id + "." + starts, this::onUncaught);
            clock = world.clock(machineClock);
            for (int i = 0; i < NETWORK_LOOPS; i++) {
                network.add(process.loop("network-" + i));
            }
            control = process.loop("control");
            timers = process.loop("timers");
            disks = process.loop("disks");
            groups = process.loop("groups");
            controllerLoop = process.loop("controller");
            housekeepingLoop = process.loop("housekeeping");
            start = process.loop("start");
            zooKeeper = new SimulatedZooKeeperClient(
                    world,
                    cluster.zooKeeper(),
                    process,
                    process.loop("zookeeper"),
                    cluster.wayToZooKeeper(place),
                    config.zooKeeper().sessionTimeoutMs());
            coordination = ZooKeeperCoordination.over(
                    zooKeeper, config.zooKeeper().sessionTimeoutMs(), previousSession, clock);
        }

        BrokerCore core() {
            return core;
        }

        ControllerLoop controller() {
            return controller;
        }

        CurrentCluster view() {
            return view;
        }

        /** Of its session with ZooKeeper, 0 while there is none. */
        long sessionId() {
            return zooKeeper.sessionId();
        }

        long brokerEpoch() {
            return brokerEpoch;
        }

        private void onUncaught(Throwable thrown) {
            if (thrown instanceof SimulatedStorage.Died) {
                kill();
            } else {
                cluster.verdicts().uncaught(process.name(), thrown);
            }
        }

        void begin() {
            zooKeeper.open(coordination, previousSession);
            byte[] fresh = new byte[32];
            world.random().nextBytes(fresh);
            then(
                    coordination.clusterSecret().loadOrCreate(fresh),
                    secret -> then(coordination.clusterId().loadOrCreate("simulatedCluster000000"), clusterId -> {
                        previousSession = zooKeeper.sessionId();
                        openLogs(clusterId);
                        assemble(clusterId, secret);
                        register();
                    }));
        }

        private <T> void then(java.util.concurrent.CompletionStage<T> stage, Consumer<T> next) {
            stage.whenComplete((value, failure) -> start.execute(() -> {
                if (failure != null) {
                    exit(failure.toString());
                } else {
                    next.accept(value);
                }
            }));
        }

        /** As a process does that cannot go on; somebody starts it again. */
        private void exit(String why) {
            if (running == this) {
                world.note(() -> process.name() + ": exits, " + why);
                kill();
                cluster.startLater(SimulatedBroker.this);
            }
        }

        private void openLogs(String clusterId) {
            LogDirectoryConfig keeping = config.logDirectories().withHotBytes(1 << 20);
            LogDirectory directory = LogDirectory.open(
                    DIRECTORY,
                    new DirectoryIdentity(id.value(), clusterId),
                    keeping,
                    new TopicConfigs(id, config, view),
                    storage,
                    clock,
                    disks,
                    world.random());
            logs = new LogDirectories(List.of(directory));
        }

        private void assemble(String clusterId, byte[] secret) {
            Peers peers = new Peers(
                    config,
                    view,
                    coordination,
                    new PeerPassport(
                            secret, clusterId, id, () -> brokerEpoch, TopicIds.random(world.random()), world.random()),
                    new PeerWires(world, cluster.network(), place, endpoint -> endpoint.port() - PORT),
                    (leader, loop) -> new LeaderWire(
                            world,
                            cluster.network(),
                            place,
                            cluster.broker(leader).place(),
                            "broker-" + id,
                            loop,
                            LEADER_TIMEOUT_MS),
                    List.of(process.loop("peers"), process.loop("fetcher")),
                    () -> {},
                    disks,
                    () -> core.control(),
                    this::registerAgain,
                    clock,
                    world.random());
            controller = new ControllerLoop(
                    id,
                    coordination,
                    peers.sender(),
                    new ControllerConfig(
                            config.topics().partitions(),
                            config.topics().replicationFactor(),
                            config.topics().deleteEnable(),
                            config.log().uncleanLeaderElectionEnable(),
                            LeaderBalancing.OFF,
                            config.replication().eligibleLeaders(),
                            config.log().minInsyncReplicas(),
                            new ConfigRules(config)),
                    controllerLoop,
                    clock,
                    world.random());
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
                    controllerLoop,
                    clock);
            route = peers.routeTo(controller, lease, config.serving().requestTimeoutMs());
            OtherBrokers others = new OtherBrokers(
                    id,
                    view,
                    peers.inquiries(),
                    group -> core.groups().coordinator().partitionFor(group));
            core = new BrokerCore(
                    id,
                    clusterId,
                    config,
                    view,
                    new TopicConfigs(id, config, view),
                    logs,
                    route,
                    peers.replication(),
                    () -> brokerEpoch,
                    () -> route.requestState(id, brokerEpoch),
                    lease,
                    others,
                    new Workers(disks, disks, control, timers, List.of(groups)),
                    clock,
                    world.random());
            desk = peers.desk(
                    core.control(),
                    new BrokerQuestions(new LocalLogEnds(core.partitions(), disks), new HttpRoutes(), core.downgrade()),
                    this::registerAgain,
                    this::onRegistrationOver);
            listen(() -> desk);
            apis.serveWith(core);
        }

        private void register() {
            registration = new BrokerRegistration(id, List.of(endpoint()), null, incarnation, ending);
            then(coordination.brokers().register(registration, this), epoch -> {
                ending = LastShutdown.CLEAN;
                controller.start();
                var leased = lease.start(this::others);
                view.whenKnown(() -> then(leased, held -> serve()));
            });
        }

        private Collection<BrokerId> others() {
            return view.view().brokers().stream()
                    .map(ClusterView.Broker::id)
                    .filter(broker -> !broker.equals(id))
                    .toList();
        }

        @Override
        public void onRegistered(long epoch) {
            world.note(() -> process.name() + ": registered as " + epoch);
            previousSession = zooKeeper.sessionId();
            lossUntold = false;
            brokerEpoch = epoch;
            lease.onRegistered();
            if (view.view().known()) {
                route.requestState(id, epoch);
            }
        }

        @Override
        public void onLost() {
            brokerEpoch = -1;
            lease.revoke();
        }

        @Override
        public void onRefused(String sentence) {
            start.execute(() -> exit(sentence));
        }

        private void onRegistrationOver(long epoch) {
            if (brokerEpoch == epoch) {
                world.note(() -> process.name() + ": is told that it is registered no more");
                lease.revoke();
            }
        }

        private void registerAgain(long fencedEpoch) {
            if (brokerEpoch != fencedEpoch) {
                return;
            }
            world.note(() -> process.name() + ": was taken for dead as " + fencedEpoch);
            brokerEpoch = -1;
            lease.revoke();
            then(
                    coordination
                            .brokers()
                            .unregister()
                            .thenCompose(gone -> coordination.brokers().register(registration, this)),
                    epoch -> {});
        }

        /** From before the broker knows of the cluster; clients' requests wait until then (WIRE-26). */
        private void listen(Supplier<PeerService> peers) {
            BrokerDoor door = new BrokerDoor(process, network, new ApiDispatcher(apis.table()), peers, () -> serving);
            cluster.network().listen(place, door::accept);
        }

        private void serve() {
            world.note(() -> process.name() + ": serves");
            serving = true;
            new Housekeeping(
                            housekeepingLoop,
                            config.housekeeping(),
                            logs,
                            core.partitions(),
                            config.serving().replicaLagMaxMs())
                    .start();
            core.producerIds().prefetch();
        }
    }
}
