package io.barnabas.system.tests.simulation;

import io.barnabas.broker.api.ApiDispatcher;
import io.barnabas.broker.app.BrokerCore;
import io.barnabas.broker.app.Housekeeping;
import io.barnabas.broker.app.ServedApis;
import io.barnabas.broker.app.Workers;
import io.barnabas.broker.config.BrokerConfig;
import io.barnabas.broker.control.ConfigRules;
import io.barnabas.broker.control.LogDirectories;
import io.barnabas.broker.control.TopicConfigs;
import io.barnabas.broker.fetcher.ReplicaFetchers;
import io.barnabas.broker.metadata.CurrentCluster;
import io.barnabas.coordination.ControllerClient;
import io.barnabas.coordination.ControllerLoop;
import io.barnabas.coordination.controller.ControllerConfig;
import io.barnabas.coordination.store.BrokerRegistration;
import io.barnabas.coordination.store.BrokerRegistry.RegistrationListener;
import io.barnabas.coordination.zookeeper.ZooKeeperCoordination;
import io.barnabas.log.DirectoryIdentity;
import io.barnabas.log.LogDirectory;
import io.barnabas.log.LogDirectoryConfig;
import io.barnabas.log.storage.SimulatedStorage;
import io.barnabas.model.BrokerId;
import io.barnabas.model.Endpoint;
import io.barnabas.runtime.loop.EventLoop;
import io.barnabas.runtime.time.Clock;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.function.Consumer;

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
    private Incarnation running;

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
        world.note(() -> running.process.name() + ": starts");
        running.begin();
    }

    /** The process ends in the middle of whatever it did; the machine's page cache stays. */
    void kill() {
        if (running == null) {
            return;
        }
        world.note(() -> running.process.name() + ": killed");
        end();
        cluster.network().processEnded(place);
    }

    /** The machine loses its power: what was not fsynced is gone, and nobody is told. */
    void losePower() {
        if (running == null) {
            return;
        }
        world.note(() -> running.process.name() + ": loses power");
        end();
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
    final class Incarnation {
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
        private BrokerCore core;
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

        /** On some loop of the process. */
        void run(Runnable action) {
            timers.execute(action);
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
            then(coordination.clusterId().loadOrCreate("simulatedCluster000000"), clusterId -> {
                previousSession = zooKeeper.sessionId();
                openLogs(clusterId);
                assemble(clusterId);
                register();
            });
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

        private void assemble(String clusterId) {
            controller = new ControllerLoop(
                    id,
                    coordination,
                    cluster.control().sender(SimulatedBroker.this, this),
                    new ControllerConfig(
                            config.topics().partitions(),
                            config.topics().replicationFactor(),
                            config.topics().deleteEnable(),
                            config.log().uncleanLeaderElectionEnable(),
                            new ConfigRules(config)),
                    controllerLoop,
                    clock,
                    world.random());
            ControllerClient route = cluster.control().route(SimulatedBroker.this, this);
            ReplicaFetchers fetchers = new ReplicaFetchers(
                    id,
                    () -> brokerEpoch,
                    config.replication(),
                    (leader, loop) -> new LeaderWire(
                            world,
                            cluster.network(),
                            place,
                            cluster.broker(leader).place(),
                            "broker-" + id,
                            loop,
                            LEADER_TIMEOUT_MS),
                    List.of(process.loop("fetcher")),
                    disks,
                    clock);
            core = new BrokerCore(
                    id,
                    clusterId,
                    config,
                    view,
                    new TopicConfigs(id, config, view),
                    logs,
                    route,
                    fetchers,
                    () -> brokerEpoch,
                    () -> route.requestState(id, brokerEpoch),
                    new Workers(disks, disks, control, timers, List.of(groups)),
                    clock,
                    world.random());
            apis.serveWith(core);
        }

        private void register() {
            then(
                    coordination
                            .brokers()
                            .register(
                                    new BrokerRegistration(id, List.of(endpoint()), null), new RegistrationListener() {
                                        @Override
                                        public void onRegistered(long epoch) {
                                            world.note(() -> process.name() + ": registered as " + epoch);
                                            previousSession = zooKeeper.sessionId();
                                            brokerEpoch = epoch;
                                            cluster.control()
                                                    .route(SimulatedBroker.this, Incarnation.this)
                                                    .requestState(id, epoch);
                                        }

                                        @Override
                                        public void onLost() {
                                            brokerEpoch = -1;
                                        }

                                        @Override
                                        public void onRefused(String sentence) {
                                            start.execute(() -> exit(sentence));
                                        }
                                    }),
                    epoch -> {
                        controller.start();
                        view.whenKnown(() -> start.execute(this::serve));
                    });
        }

        private void serve() {
            world.note(() -> process.name() + ": serves");
            BrokerDoor door = new BrokerDoor(process, network, new ApiDispatcher(apis.table()), () -> null);
            cluster.network().listen(place, door::accept);
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
