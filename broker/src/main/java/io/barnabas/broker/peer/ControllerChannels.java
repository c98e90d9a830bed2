package io.barnabas.broker.peer;

import io.barnabas.coordination.ControlSender;
import io.barnabas.coordination.control.BrokerInfo;
import io.barnabas.coordination.control.ControlMessage;
import io.barnabas.coordination.control.KryoControlCodec;
import io.barnabas.coordination.failure.BrokerSuspicion;
import io.barnabas.coordination.failure.BrokerSuspicionEffect;
import io.barnabas.coordination.failure.ProbeResult;
import io.barnabas.model.BrokerId;
import io.barnabas.model.Endpoint;
import io.barnabas.runtime.loop.EventLoop;
import io.barnabas.runtime.time.Clock;
import java.util.Collection;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.UUID;
import java.util.concurrent.RejectedExecutionException;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Carries the controller's messages to brokers: one line for each registration, while a term lasts (CTRL-18). To the broker of this
 * process they are handed over as they are. How lines end and are refused is the evidence by which brokers are suspected
 * (FFD-01). Any thread; all work is done on one loop.
 */
public final class ControllerChannels implements ControlSender {
    private static final Logger LOG = LoggerFactory.getLogger(ControllerChannels.class);

    private final ToSelf self;
    private final String listener;
    private final Verdicts verdicts;
    private final PeerNetwork network;
    private final PeerPassport passport;
    private final KryoControlCodec codec;
    private final EventLoop loop;
    private final Clock clock;

    // on the loop
    private Term term;
    private boolean sessionConnected = true;

    /** Takes what is meant for the broker of this process. Called on the controller's loop. */
    public interface ToSelf {
        void receive(long brokerEpoch, ControlMessage message);

        /** This broker was fenced and has to make another registration (FFD-09). */
        void registerAgain(long brokerEpoch);
    }

    /** What is made of the evidence. Called on the loop of the channels. */
    public interface Verdicts {
        void suspect(BrokerId broker, long brokerEpoch);

        void reappeared(BrokerId broker, long brokerEpoch);

        /** A broker has obeyed, in answer to what it was told at {@code toldNanos} of a monotonic clock. */
        void obeyed(BrokerId broker, long toldNanos);

        /** This registration has missed something, and has not asked for the full state. */
        void lacksState(BrokerId broker, long brokerEpoch);

        /** The process of {@code broker} whose office this one took, null if it took none (FFD-13). */
        UUID deposed(BrokerId broker);
    }

    /**
     * @param listener name of the listener over which brokers speak
     * @param loop     not blocked by anyone; closed by its owner
     */
    public ControllerChannels(
            ToSelf self,
            String listener,
            Verdicts verdicts,
            PeerNetwork network,
            PeerPassport passport,
            KryoControlCodec codec,
            EventLoop loop,
            Clock clock) {
        this.self = self;
        this.listener = listener;
        this.verdicts = verdicts;
        this.network = network;
        this.passport = passport;
        this.codec = codec;
        this.loop = loop;
        this.clock = clock;
    }

    @Override
    public void begin(int controllerEpoch) {
        onLoop(() -> {
            endTerm();
            term = new Term(controllerEpoch);
        });
    }

    @Override
    public void registered(Collection<BrokerInfo> brokers) {
        List<BrokerInfo> all = List.copyOf(brokers);
        onLoop(() -> {
            if (term != null) {
                term.registered(all);
            }
        });
    }

    @Override
    public void send(BrokerId to, long brokerEpoch, ControlMessage message) {
        if (to.equals(passport.self())) {
            self.receive(brokerEpoch, message);
        } else {
            onLoop(() -> {
                if (term != null && term.controllerEpoch == message.controllerEpoch()) {
                    term.send(to, brokerEpoch, message);
                }
            });
        }
    }

    @Override
    public void registerAgain(BrokerId to, long brokerEpoch) {
        if (to.equals(passport.self())) {
            self.registerAgain(brokerEpoch);
        } else {
            onLoop(() -> {
                if (term != null) {
                    term.registerAgain(to, brokerEpoch);
                }
            });
        }
    }

    @Override
    public void end() {
        onLoop(this::endTerm);
    }

    /** Whether this broker's session with the store has contact; without it nobody is suspected (FFD-03). */
    public void onSession(boolean connected) {
        onLoop(() -> {
            sessionConnected = connected;
            if (term != null) {
                term.carryOut(term.suspicion.onSession(connected, clock.monotonicMillis()));
            }
        });
    }

    private void endTerm() {
        if (term != null) {
            term.end();
            term = null;
        }
    }

    private void onLoop(Runnable task) {
        try {
            loop.execute(task);
        } catch (RejectedExecutionException stopping) {
            LOG.debug("nothing is told to other brokers any more");
        }
    }

    /** One term: whom it speaks with, and whom it suspects. */
    final class Term implements BrokerSuspicionEffect.Carrier {
        private final int controllerEpoch;
        private final BrokerSuspicion suspicion = new BrokerSuspicion(passport.self());
        private final Map<BrokerId, BrokerLine> lines = new HashMap<>();
        private final Set<BrokerId> judgedAsDeposed = new HashSet<>();
        private boolean over;

        Term(int controllerEpoch) {
            this.controllerEpoch = controllerEpoch;
            carryOut(suspicion.onSession(sessionConnected, clock.monotonicMillis()));
        }

        int controllerEpoch() {
            return controllerEpoch;
        }

        BrokerId controller() {
            return passport.self();
        }

        private void end() {
            over = true;
            lines.values().forEach(BrokerLine::close);
            lines.clear();
        }

        private void registered(List<BrokerInfo> brokers) {
            Set<BrokerId> there = new HashSet<>();
            for (BrokerInfo broker : brokers) {
                there.add(broker.id());
                if (!broker.id().equals(passport.self())) {
                    lineTo(broker);
                }
            }
            lines.entrySet().removeIf(line -> {
                boolean gone = !there.contains(line.getKey());
                if (gone) {
                    line.getValue().dismiss();
                }
                return gone;
            });
            carryOut(suspicion.onRegistered(brokers, clock.monotonicMillis()));
            for (BrokerInfo broker : brokers) {
                UUID process = judgedAsDeposed.add(broker.id()) ? verdicts.deposed(broker.id()) : null;
                if (process != null) {
                    carryOut(suspicion.onDeposed(broker.id(), process, clock.monotonicMillis()));
                }
            }
        }

        private BrokerLine lineTo(BrokerInfo broker) {
            BrokerLine line = lines.get(broker.id());
            if (line != null && line.broker().brokerEpoch() == broker.brokerEpoch()) {
                return line;
            }
            if (line != null) {
                line.dismiss();
            }
            BrokerLine fresh = new BrokerLine(this, broker);
            lines.put(broker.id(), fresh);
            fresh.open();
            return fresh;
        }

        private void send(BrokerId to, long brokerEpoch, ControlMessage message) {
            BrokerLine line = find(to, brokerEpoch);
            if (line == null) {
                LOG.atDebug()
                        .addKeyValue("broker", to)
                        .addKeyValue("brokerEpoch", brokerEpoch)
                        .log("dropped a message for a registration that is over");
            } else {
                line.tell(message);
            }
        }

        private BrokerLine find(BrokerId to, long brokerEpoch) {
            BrokerLine line = lines.get(to);
            return line != null && line.broker().brokerEpoch() == brokerEpoch ? line : null;
        }

        private void registerAgain(BrokerId to, long brokerEpoch) {
            BrokerLine line = find(to, brokerEpoch);
            if (line != null) {
                line.orderNewRegistration();
            }
        }

        // ---- for lines

        Endpoint endpointOf(BrokerInfo broker) {
            return broker.endpoints().stream()
                    .filter(endpoint -> endpoint.listener().equals(listener))
                    .findFirst()
                    .orElse(null);
        }

        PeerChannel open(BrokerId to, Endpoint endpoint, PeerChannel.Listener ear) {
            return PeerChannel.open(network, codec, passport, to, endpoint, loop, ear);
        }

        void schedule(Runnable task, long delayMs) {
            loop.schedule(
                    () -> {
                        if (!over) {
                            task.run();
                        }
                    },
                    delayMs);
        }

        long nanoTime() {
            return clock.nanoTime();
        }

        void onObeyed(BrokerInfo broker, long toldNanos) {
            verdicts.obeyed(broker.id(), toldNanos);
        }

        void requestState(BrokerInfo broker) {
            verdicts.lacksState(broker.id(), broker.brokerEpoch());
        }

        void onHello(BrokerInfo broker, long saysEpoch, UUID incarnation) {
            carryOut(suspicion.onHello(
                    broker.id(), broker.brokerEpoch(), saysEpoch, incarnation, clock.monotonicMillis()));
        }

        void onChannelEnded(BrokerInfo broker, LinkEnd how) {
            carryOut(suspicion.onChannelEnded(
                    broker.id(), broker.brokerEpoch(), ControllerWatch.channelEnd(how), clock.monotonicMillis()));
        }

        void onProbed(BrokerInfo broker, int round, ProbeResult result) {
            carryOut(suspicion.onProbed(broker.id(), broker.brokerEpoch(), round, result, clock.monotonicMillis()));
        }

        // ---- what the suspicion wants

        private void carryOut(List<BrokerSuspicionEffect> effects) {
            if (!over) {
                effects.forEach(effect -> effect.carryOut(this));
            }
        }

        @Override
        public void probe(BrokerId broker, long brokerEpoch, int round, long delayMs) {
            schedule(
                    () -> {
                        BrokerLine line = find(broker, brokerEpoch);
                        if (line != null) {
                            line.probe(round);
                        }
                    },
                    delayMs);
        }

        @Override
        public void suspect(BrokerId broker, long brokerEpoch) {
            LOG.atWarn()
                    .addKeyValue("broker", broker)
                    .addKeyValue("brokerEpoch", brokerEpoch)
                    .log("nothing listens where a broker was, it is taken for dead");
            verdicts.suspect(broker, brokerEpoch);
        }

        @Override
        public void reappeared(BrokerId broker, long brokerEpoch) {
            LOG.atWarn()
                    .addKeyValue("broker", broker)
                    .addKeyValue("brokerEpoch", brokerEpoch)
                    .log("a broker that was taken for dead lives");
            verdicts.reappeared(broker, brokerEpoch);
        }
    }
}
