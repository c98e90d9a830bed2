package io.barnabas.broker.app;

import io.barnabas.broker.config.BrokerConfig;
import io.barnabas.broker.control.ControlHandler;
import io.barnabas.broker.control.LeaseKeeper;
import io.barnabas.broker.fetcher.LeaderConnections;
import io.barnabas.broker.fetcher.LeaderContacts;
import io.barnabas.broker.fetcher.ReplicaFetchers;
import io.barnabas.broker.metadata.ClusterView;
import io.barnabas.broker.metadata.CurrentCluster;
import io.barnabas.broker.peer.ControllerChannels;
import io.barnabas.broker.peer.ControllerPath;
import io.barnabas.broker.peer.ControllerRoute;
import io.barnabas.broker.peer.ControllerWatch;
import io.barnabas.broker.peer.LinkEnd;
import io.barnabas.broker.peer.PeerDesk;
import io.barnabas.broker.peer.PeerDirectory;
import io.barnabas.broker.peer.PeerInquiries;
import io.barnabas.broker.peer.PeerNetwork;
import io.barnabas.broker.peer.PeerPassport;
import io.barnabas.broker.peer.PeerService;
import io.barnabas.broker.peer.RefusalProbe;
import io.barnabas.broker.replica.Replication;
import io.barnabas.broker.server.PeerClient;
import io.barnabas.broker.server.PeerClientConfig;
import io.barnabas.broker.throttle.ReplicaThrottle;
import io.barnabas.coordination.ControlSender;
import io.barnabas.coordination.ControllerClient;
import io.barnabas.coordination.ControllerLoop;
import io.barnabas.coordination.control.BrokerInfo;
import io.barnabas.coordination.control.ControlMessage;
import io.barnabas.coordination.control.KryoControlCodec;
import io.barnabas.coordination.control.PeerReply;
import io.barnabas.coordination.control.PeerRequest;
import io.barnabas.coordination.store.Coordination;
import io.barnabas.coordination.store.SessionListener;
import io.barnabas.model.BrokerId;
import io.barnabas.model.Endpoint;
import io.barnabas.runtime.loop.EventLoop;
import io.barnabas.runtime.time.Clock;
import java.util.List;
import java.util.UUID;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionStage;
import java.util.concurrent.Executor;
import java.util.function.LongConsumer;
import java.util.function.Supplier;
import java.util.random.RandomGenerator;

/**
 * What binds this broker to the others: the controller's lines to them, the way to the controller, the desk for what they ask in
 * private, and the fetchers. The first loop of its sockets is for what is said in private, the others copy.
 */
public final class Peers implements AutoCloseable {
    private final String listener;
    private final CurrentCluster cluster;
    private final Coordination coordination;
    private final PeerPassport passport;
    private final KryoControlCodec codec = new KryoControlCodec();
    private final PeerNetwork network;
    private final Runnable closeNetwork;
    private final EventLoop loop;
    private final Clock clock;
    private final ControllerChannels channels;
    private final ReplicaFetchers fetchers;
    private final ControllerWatch watch;
    private ControllerLoop candidate;
    private LeaseKeeper lease;
    private final PeerInquiries inquiries;
    private ControllerPath path;

    /**
     * With sockets of its own.
     *
     * @param blocking where names of hosts may be looked up
     */
    static Peers connected(
            BrokerConfig config,
            CurrentCluster cluster,
            Coordination coordination,
            PeerPassport passport,
            Executor blocking,
            Executor disks,
            Supplier<ControlHandler> control,
            LongConsumer reregister,
            Clock clock,
            RandomGenerator random) {
        String listener = config.listeners().interBroker();
        PeerClient client = new PeerClient(
                PeerClientConfig.of(
                        config, passport.self(), 1 + config.replication().fetchers()),
                broker -> endpoint(cluster.view().broker(broker), listener),
                blocking,
                clock);
        return new Peers(
                config,
                cluster,
                coordination,
                passport,
                client,
                client,
                client.loops(),
                client::close,
                disks,
                control,
                reregister,
                clock,
                random);
    }

    /**
     * Over whatever network there is.
     *
     * @param network      for what is said in private
     * @param leaders      ways to those who are followed
     * @param loops        at least two: the first for what is said in private, the others copy
     * @param closeNetwork ends all that {@code network} and {@code leaders} have opened
     * @param disks        for fetchers
     * @param control      of this broker; asked when there is something to hand over
     * @param reregister   ends the registration given and makes another
     */
    public Peers(
            BrokerConfig config,
            CurrentCluster cluster,
            Coordination coordination,
            PeerPassport passport,
            PeerNetwork network,
            LeaderConnections leaders,
            List<? extends EventLoop> loops,
            Runnable closeNetwork,
            Executor disks,
            Supplier<ControlHandler> control,
            LongConsumer reregister,
            Clock clock,
            RandomGenerator random) {
        this.listener = config.listeners().interBroker();
        this.cluster = cluster;
        this.coordination = coordination;
        this.passport = passport;
        this.network = network;
        this.closeNetwork = closeNetwork;
        this.clock = clock;
        loop = loops.get(0);
        channels = new ControllerChannels(
                new ControllerChannels.ToSelf() {
                    @Override
                    public void receive(long brokerEpoch, ControlMessage message) {
                        control.get().receive(brokerEpoch, message);
                    }

                    @Override
                    public void registerAgain(long brokerEpoch) {
                        reregister.accept(brokerEpoch);
                    }
                },
                listener,
                new Verdicts(),
                network,
                passport,
                codec,
                loop,
                clock);
        watch = new ControllerWatch(
                (deposed, controllerEpoch) -> candidate.usurp(deposed, controllerEpoch),
                listener,
                network,
                passport,
                codec,
                loop,
                clock,
                random);
        cluster.onChange(watch::onView);
        coordination.session().listen(new SessionListener() {
            @Override
            public void onExpired() {
                onSession(false);
            }

            @Override
            public void onConnected() {
                onSession(true);
            }

            @Override
            public void onDisconnected() {
                onSession(false);
            }

            private void onSession(boolean connected) {
                channels.onSession(connected);
                watch.onSession(connected);
            }
        });
        inquiries = new PeerInquiries(directory(), network, passport, codec, loop);
        fetchers = new ReplicaFetchers(
                passport.self(),
                passport::brokerEpoch,
                config.replication(),
                ReplicaThrottle.ofFollower(passport.self(), config.replication().throttle(), clock)
                        .obeying(cluster),
                leaders,
                new LeaderContacts() {
                    @Override
                    public void lost(BrokerId leader) {
                        cluster.lost(leader, clock.nanoTime());
                    }

                    @Override
                    public void reached(BrokerId leader) {
                        cluster.reached(leader);
                    }
                },
                loops.subList(1, loops.size()),
                disks,
                clock);
    }

    /** Carries what the controller of this process says. */
    public ControlSender sender() {
        return channels;
    }

    /** Copies what others lead. */
    public Replication replication() {
        return fetchers;
    }

    /**
     * The controller, wherever it is. Called once, before {@code local} starts.
     *
     * @param local  the candidate in this process, which speaks through {@link #sender()}
     * @param keeper is told of what is heard of the controller, and of who obeys
     */
    public ControllerRoute routeTo(ControllerLoop local, LeaseKeeper keeper, long requestTimeoutMs) {
        candidate = local;
        lease = keeper;
        AtHome home = new AtHome(local);
        path = new ControllerPath(home, directory(), network, passport, codec, loop, clock);
        cluster.onChange(view -> path.onController(view.controller()));
        return new ControllerRoute(home, path, requestTimeoutMs);
    }

    /** The way to any other broker. */
    public PeerInquiries inquiries() {
        return inquiries;
    }

    /**
     * Takes what other brokers ask in private.
     *
     * @param reregister ends the registration given and makes another
     */
    public PeerService desk(
            ControlHandler control, BrokerQuestions questions, LongConsumer reregister, LongConsumer registrationOver) {
        // whoever serves by these pictures has been told of them before, and what they put off until after
        cluster.onChange(view -> control.afterwards(
                () -> lease.onPicture(view.controllerEpoch(), view.controller().equals(passport.self()))));
        RefusalProbe probe = new RefusalProbe(network, loop);
        return new PeerDesk(passport, new KryoControlCodec(), control, new AtHome(candidate), new PeerDesk.Host() {
            @Override
            public void registerAgain(long brokerEpoch) {
                reregister.accept(brokerEpoch);
            }

            @Override
            public void registrationOver(long brokerEpoch) {
                registrationOver.accept(brokerEpoch);
            }

            @Override
            public CompletionStage<Boolean> isRefused(BrokerId suspect, List<Endpoint> endpoints) {
                return probe.at(endpoints).thenApply(RefusalProbe.Result.REFUSED::equals);
            }

            @Override
            public void onController(Object visit, BrokerId controller, int controllerEpoch, UUID incarnation) {
                watch.onSpoken(visit, controller, controllerEpoch, incarnation);
            }

            @Override
            public void onPing(Object visit, boolean owing) {
                lease.onPing(visit, owing);
            }

            @Override
            public void onControllerGone(Object visit, LinkEnd how) {
                lease.onConnectionEnded(visit);
                watch.onGone(visit, how);
            }

            @Override
            public CompletionStage<PeerReply> answer(PeerRequest request) {
                return questions.answer(request);
            }

            @Override
            public void onMet(BrokerId broker, UUID incarnation) {
                watch.onMet(broker, incarnation);
            }
        });
    }

    /** Copies nothing any more, and ends all connections to other brokers; returns when that is done. */
    @Override
    public void close() {
        fetchers.close();
        if (path != null) {
            path.close();
        }
        inquiries.close();
        closeNetwork.run();
    }

    private PeerDirectory directory() {
        return (broker, fresh) -> {
            Endpoint known = endpoint(cluster.view().broker(broker), listener);
            if (known != null && !fresh) {
                return CompletableFuture.completedFuture(known);
            }
            return coordination
                    .brokers()
                    .liveBrokers(() -> {})
                    .thenApply(brokers -> brokers.stream()
                            .filter(registered -> registered.id().equals(broker))
                            .findFirst()
                            .map(this::endpoint)
                            .orElse(null));
        };
    }

    private static Endpoint endpoint(ClusterView.Broker broker, String listener) {
        return broker == null ? null : broker.endpoint(listener);
    }

    private Endpoint endpoint(BrokerInfo broker) {
        return broker.endpoints().stream()
                .filter(endpoint -> endpoint.listener().equals(listener))
                .findFirst()
                .orElse(null);
    }

    private record AtHome(ControllerLoop candidate) implements ControllerRoute.AtHome {
        @Override
        public boolean isController() {
            return candidate.isController();
        }

        @Override
        public BrokerId controller() {
            return candidate.controller();
        }

        @Override
        public ControllerClient client() {
            return candidate;
        }
    }

    /** The evidence of the lines goes to the controller that they belong to. */
    private final class Verdicts implements ControllerChannels.Verdicts {
        @Override
        public void suspect(BrokerId broker, long brokerEpoch) {
            candidate.suspect(broker, brokerEpoch);
        }

        @Override
        public void reappeared(BrokerId broker, long brokerEpoch) {
            candidate.reappeared(broker, brokerEpoch);
        }

        @Override
        public void lacksState(BrokerId broker, long brokerEpoch) {
            candidate.requestState(broker, brokerEpoch);
        }

        @Override
        public void obeyed(BrokerId broker, long toldNanos) {
            lease.onObeyed(broker, toldNanos);
        }

        @Override
        public UUID deposed(BrokerId broker) {
            return watch.deposed(broker);
        }
    }
}
