package io.barnabas.broker.peer;

import io.barnabas.broker.metadata.ClusterView;
import io.barnabas.coordination.control.KryoControlCodec;
import io.barnabas.coordination.control.PeerReply;
import io.barnabas.coordination.control.PeerRequest;
import io.barnabas.coordination.failure.ChannelEnd;
import io.barnabas.coordination.failure.ControllerSuspicion;
import io.barnabas.coordination.failure.ControllerSuspicionEffect;
import io.barnabas.coordination.failure.ProbeResult;
import io.barnabas.model.BrokerId;
import io.barnabas.model.Endpoint;
import io.barnabas.runtime.loop.EventLoop;
import io.barnabas.runtime.time.Clock;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.UUID;
import java.util.concurrent.CompletionStage;
import java.util.concurrent.RejectedExecutionException;
import java.util.random.RandomGenerator;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Watches the controller from this broker: runs the {@link ControllerSuspicion} on what is seen of its connections, and has the office
 * taken from one that seems dead (FFD-13). Any thread; all work is done on one loop.
 */
public final class ControllerWatch {
    private static final Logger LOG = LoggerFactory.getLogger(ControllerWatch.class);
    private static final long CONFIRM_TIMEOUT_MS = 2_000;

    private final ControllerSuspicion suspicion;
    private final Office office;
    private final String listener;
    private final PeerNetwork network;
    private final PeerPassport passport;
    private final KryoControlCodec codec;
    private final RefusalProbe probes;
    private final EventLoop loop;
    private final Clock clock;
    private final Carrier carrier = new Carrier();

    // on the loop
    private final Map<Object, Spoken> visits = new HashMap<>();
    private ClusterView view = ClusterView.UNKNOWN;

    /** How the office is taken. */
    @FunctionalInterface
    public interface Office {
        /** @return whether this broker is controller then */
        CompletionStage<Boolean> usurp(BrokerId deposed, int controllerEpoch);
    }

    private record Spoken(BrokerId controller, int controllerEpoch) {}

    /**
     * @param listener name of the listener over which brokers speak
     * @param loop     not blocked by anyone; closed by its owner
     */
    public ControllerWatch(
            Office office,
            String listener,
            PeerNetwork network,
            PeerPassport passport,
            KryoControlCodec codec,
            EventLoop loop,
            Clock clock,
            RandomGenerator random) {
        this.suspicion = new ControllerSuspicion(passport.self(), random);
        this.office = office;
        this.listener = listener;
        this.network = network;
        this.passport = passport;
        this.codec = codec;
        this.probes = new RefusalProbe(network, loop);
        this.loop = loop;
        this.clock = clock;
    }

    /** The controller has told something new of the cluster. */
    public void onView(ClusterView next) {
        onLoop(() -> {
            view = next;
            carryOut(suspicion.onRegistered(
                    next.brokers().stream().map(ClusterView.Broker::id).toList()));
            if (!next.controller().isNone()) {
                carryOut(suspicion.onController(next.controller(), next.controllerEpoch()));
            }
        });
    }

    /** Whether this broker's session with the store has contact. */
    public void onSession(boolean connected) {
        onLoop(() -> carryOut(suspicion.onSession(connected)));
    }

    /** See {@link PeerDesk.Host}. */
    public void onSpoken(Object visit, BrokerId controller, int controllerEpoch, UUID incarnation) {
        onLoop(() -> {
            Spoken now = new Spoken(controller, controllerEpoch);
            if (!now.equals(visits.put(visit, now))) {
                carryOut(suspicion.onChannelUp(controller, controllerEpoch, incarnation));
            }
        });
    }

    /** See {@link PeerDesk.Host}. */
    public void onGone(Object visit, LinkEnd how) {
        onLoop(() -> {
            Spoken last = visits.remove(visit);
            if (last != null && !visits.containsValue(last)) {
                carryOut(suspicion.onChannelEnded(last.controller(), last.controllerEpoch(), channelEnd(how)));
            }
        });
    }

    /** See {@link PeerDesk.Host}. */
    public void onMet(BrokerId broker, UUID incarnation) {
        onLoop(() -> suspicion.onMet(broker, incarnation, clock.monotonicMillis()));
    }

    /** The process of {@code broker} whose office was taken last; null if there is none. On the loop. */
    public UUID deposed(BrokerId broker) {
        return suspicion.deposed(broker);
    }

    static ChannelEnd channelEnd(LinkEnd how) {
        return switch (how) {
            case RESET -> ChannelEnd.RESET;
            case LOCAL -> ChannelEnd.LOCAL;
            case TIMED_OUT -> ChannelEnd.TIMED_OUT;
        };
    }

    private void carryOut(List<ControllerSuspicionEffect> effects) {
        effects.forEach(effect -> effect.carryOut(carrier));
    }

    private void onLoop(Runnable task) {
        try {
            loop.execute(task);
        } catch (RejectedExecutionException stopping) {
            LOG.debug("the controller is not watched any more");
        }
    }

    private Endpoint endpointOf(BrokerId broker) {
        ClusterView.Broker known = view.broker(broker);
        return known == null ? null : known.endpoint(listener);
    }

    private List<Endpoint> endpointsOf(BrokerId broker) {
        List<Endpoint> endpoints = new ArrayList<>();
        Endpoint endpoint = endpointOf(broker);
        if (endpoint != null) {
            endpoints.add(endpoint);
        }
        return endpoints;
    }

    private final class Carrier implements ControllerSuspicionEffect.Carrier {
        @Override
        public void probe(BrokerId controller, int round, long delayMs) {
            loop.schedule(
                    () -> probes.at(endpointsOf(controller))
                            .whenComplete((result, failure) -> onLoop(() -> {
                                ProbeResult found = failure != null
                                        ? ProbeResult.OTHER
                                        : switch (result) {
                                            case REFUSED -> ProbeResult.REFUSED;
                                            case REACHED -> ProbeResult.REACHED;
                                            case OTHER -> ProbeResult.OTHER;
                                        };
                                carryOut(suspicion.onProbed(round, found, clock.monotonicMillis()));
                            })),
                    delayMs);
        }

        @Override
        public void askConfirmation(BrokerId controller, int controllerEpoch, int round, List<BrokerId> brokers) {
            PeerRequest question = new PeerRequest.ConfirmRefusal(controller, controllerEpoch, endpointsOf(controller));
            for (BrokerId broker : brokers) {
                Endpoint endpoint = endpointOf(broker);
                if (endpoint == null) {
                    onLoop(() -> carryOut(suspicion.onAnswered(round, broker, false)));
                } else {
                    Question asked = new Question(question, round, broker);
                    asked.channel = PeerChannel.open(network, codec, passport, broker, endpoint, loop, asked);
                }
            }
        }

        @Override
        public void usurp(BrokerId controller, int controllerEpoch) {
            LOG.atWarn()
                    .addKeyValue("controller", controller)
                    .addKeyValue("controllerEpoch", controllerEpoch)
                    .log("nothing listens where the controller was, it is taken for dead");
            office.usurp(controller, controllerEpoch).whenComplete((won, failure) -> {
                if (failure != null || !won) {
                    onLoop(() -> carryOut(suspicion.onUsurpFailed(controller, controllerEpoch)));
                }
            });
        }
    }

    /** One broker is asked whether it finds the same. Several answers to one question count once. */
    private final class Question implements PeerChannel.Listener {
        private final PeerRequest question;
        private final int round;
        private final BrokerId broker;
        private PeerChannel channel;

        Question(PeerRequest question, int round, BrokerId broker) {
            this.question = question;
            this.round = round;
            this.broker = broker;
        }

        @Override
        public void onFailed(PeerNetwork.Failure failure, String why) {
            answered(false);
        }

        @Override
        public void onReady(long brokerEpoch, UUID incarnation) {
            channel.ask(
                    question,
                    CONFIRM_TIMEOUT_MS,
                    reply -> {
                        answered(reply instanceof PeerReply.Confirmed confirmed && confirmed.refused());
                        channel.close();
                    },
                    lost -> answered(false));
        }

        @Override
        public void onEnd(LinkEnd how, String why) {
            answered(false);
        }

        private void answered(boolean refused) {
            carryOut(suspicion.onAnswered(round, broker, refused));
        }
    }
}
