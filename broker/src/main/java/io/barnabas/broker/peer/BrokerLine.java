package io.barnabas.broker.peer;

import io.barnabas.coordination.control.BrokerInfo;
import io.barnabas.coordination.control.ClusterState;
import io.barnabas.coordination.control.ControlMessage;
import io.barnabas.coordination.control.PeerReply;
import io.barnabas.coordination.control.PeerRequest;
import io.barnabas.coordination.failure.ProbeResult;
import io.barnabas.model.Endpoint;
import io.barnabas.model.Refusal.Reason;
import java.util.UUID;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * The controller's line to one registration of one broker, for one term: a channel that is made again whenever it is lost, what is to
 * be told over it, and a ping now and then. Used on the loop of the {@link ControllerChannels}.
 */
final class BrokerLine {
    private static final Logger LOG = LoggerFactory.getLogger(BrokerLine.class);

    /** Between two signs of life; a leader's lease hangs on them (REPL-20). */
    static final long PING_INTERVAL_MS = 500;

    /** So many pings after something was not taken the broker is told everything, if it has not asked for it. */
    private static final int PINGS_PER_GAP = 12;

    /** A broker that does not answer a ping for so long is tried anew; its session decides whether it is there. */
    private static final long PING_TIMEOUT_MS = 6_000;

    /** Applying a message may take long, where thousands of logs have to be made. */
    private static final long TELL_TIMEOUT_MS = 300_000;

    private static final long LEAST_BACKOFF_MS = 50;
    private static final long MOST_BACKOFF_MS = 1_000;

    private final ControllerChannels.Term term;
    private final BrokerInfo broker;
    private final Outbox outbox = new Outbox();

    private PeerChannel channel;
    private boolean linked;
    private boolean retryIsScheduled;
    private long backoffMs = LEAST_BACKOFF_MS;
    private boolean telling;
    private boolean pinging;

    /** Whether it has taken a full state, and everything since. */
    private boolean hasState;

    /** Number of the newest message that was there to be told when this channel opened. */
    private long owed;

    /** Whether it has taken all up to there: only then a ping prolongs its lease. What is decided later does not hold that up. */
    private boolean current;

    /** Whether it did not take something and should ask for the full state; and so many pings ago. */
    private boolean inGap;

    private int pingsInGap;

    /** Whether the next ping goes out with the answer to the last: it proves the moment of the ping before it. */
    private boolean hurried;

    private boolean registerAgain;
    private boolean ordering;
    /** Process that did not know of this registration when it said hello; null when it does. */
    private UUID unaware;

    private boolean closed;

    /** The last round of probes, if it has no result yet. */
    private int openRound = NO_ROUND;

    private static final int NO_ROUND = -1;

    BrokerLine(ControllerChannels.Term term, BrokerInfo broker) {
        this.term = term;
        this.broker = broker;
    }

    BrokerInfo broker() {
        return broker;
    }

    void open() {
        connect();
        term.schedule(this::pingOn, PING_INTERVAL_MS);
    }

    void close() {
        closed = true;
        outbox.clear();
        if (channel != null) {
            channel.close();
        }
    }

    /** The registration is over. If its broker can be told, it is, so that it does not go on as leader until its lease ends. */
    void dismiss() {
        PeerChannel last = channel;
        boolean heard = isReady();
        closed = true;
        outbox.clear();
        if (heard) {
            last.ask(
                    new PeerRequest.RegistrationOver(term.controllerEpoch(), broker.brokerEpoch()),
                    PING_TIMEOUT_MS,
                    reply -> last.close(),
                    lost -> {});
        } else if (last != null) {
            last.close();
        }
    }

    void tell(ControlMessage message) {
        if (!closed) {
            outbox.add(message);
            pump();
        }
    }

    /** Has it make another registration, as soon as it can be told (FFD-09). */
    void orderNewRegistration() {
        registerAgain = true;
        order();
    }

    /** Connects now, unless it is connected; the result is reported with {@code round}. */
    void probe(int round) {
        if (closed) {
            return;
        }
        openRound = round;
        if (channel != null && linked) {
            report(ProbeResult.REACHED);
        } else if (channel == null) {
            connect();
        }
    }

    private void report(ProbeResult result) {
        if (openRound != NO_ROUND) {
            int round = openRound;
            openRound = NO_ROUND;
            term.onProbed(broker, round, result);
        }
    }

    private void connect() {
        if (closed || channel != null) {
            return;
        }
        Endpoint endpoint = term.endpointOf(broker);
        if (endpoint == null) {
            LOG.atWarn()
                    .addKeyValue("broker", broker.id())
                    .log("a broker has no listener over which brokers speak; it cannot be told anything");
            closed = true;
            return;
        }
        linked = false;
        Ear ear = new Ear();
        channel = term.open(broker.id(), endpoint, ear);
        ear.mine = channel;
    }

    private void retryLater() {
        channel = null;
        linked = false;
        if (!closed && !retryIsScheduled) {
            retryIsScheduled = true;
            term.schedule(
                    () -> {
                        retryIsScheduled = false;
                        connect();
                    },
                    backoffMs);
            backoffMs = Math.min(MOST_BACKOFF_MS, 2 * backoffMs);
        }
    }

    /** Hears what becomes of one channel. */
    private final class Ear implements PeerChannel.Listener {
        private PeerChannel mine;

        @Override
        public void onFailed(PeerNetwork.Failure failure, String why) {
            LOG.atDebug()
                    .addKeyValue("broker", broker.id())
                    .addKeyValue("why", why)
                    .log("cannot connect");
            if (channel == mine) {
                retryLater();
                report(failure == PeerNetwork.Failure.REFUSED ? ProbeResult.REFUSED : ProbeResult.OTHER);
            }
        }

        @Override
        public void onLinked() {
            if (channel == mine) {
                linked = true;
                report(ProbeResult.REACHED);
            }
        }

        @Override
        public void onReady(long brokerEpoch, UUID incarnation) {
            if (channel != mine || closed) {
                return;
            }
            LOG.atInfo()
                    .addKeyValue("broker", broker.id())
                    .addKeyValue("brokerEpoch", brokerEpoch)
                    .log("channel to a broker is open");
            backoffMs = LEAST_BACKOFF_MS;
            telling = false;
            pinging = false;
            current = false;
            owed = outbox.newest();
            ordering = false;
            unaware = brokerEpoch == broker.brokerEpoch() ? null : incarnation;
            term.onHello(broker, brokerEpoch, incarnation);
            order();
            pump();
            noteTaken(owed == Outbox.NOTHING);
            if (unaware == null) {
                ping();
            }
        }

        @Override
        public void onEnd(LinkEnd how, String why) {
            if (channel != mine) {
                return;
            }
            if (!closed) {
                LOG.atInfo()
                        .addKeyValue("broker", broker.id())
                        .addKeyValue("how", how)
                        .addKeyValue("why", why)
                        .log("channel to a broker has ended");
            }
            retryLater();
            term.onChannelEnded(broker, how);
        }
    }

    private boolean isReady() {
        return !closed && channel != null && channel.isReady();
    }

    private void pump() {
        if (telling || !isReady()) {
            return;
        }
        ControlMessage message = outbox.next();
        if (message == null) {
            return;
        }
        telling = true;
        PeerChannel over = channel;
        try {
            over.ask(
                    new PeerRequest.Tell(broker.brokerEpoch(), message),
                    TELL_TIMEOUT_MS,
                    reply -> {
                        if (channel == over) {
                            telling = false;
                            onTold(message, reply);
                        }
                    },
                    lost -> {});
        } catch (RuntimeException unwritable) {
            // larger than a frame may be: the broker notices the gap, and whoever runs this reads the log
            LOG.atError()
                    .addKeyValue("broker", broker.id())
                    .addKeyValue("sequence", message.sequence())
                    .setCause(unwritable)
                    .log("a broker cannot be told what has changed");
            telling = false;
            outbox.arrived();
            noteGap();
        }
    }

    /**
     * It obeyed what was sent to this registration. A process that did not know of it when it said hello, since the answer to its
     * registering was on its way or lost, knows now: this is its hello.
     */
    private void onObeyed() {
        if (unaware != null) {
            UUID incarnation = unaware;
            unaware = null;
            term.onHello(broker, broker.brokerEpoch(), incarnation);
        }
    }

    private void noteGap() {
        hasState = false;
        current = false;
        inGap = true;
        pingsInGap = 0;
    }

    /** It may have had no word from a controller for so long that it serves nothing: two pings in a row give it its lease back. */
    private void noteTaken(boolean allOwed) {
        if (allOwed && hasState && !current) {
            current = true;
            hurried = true;
            ping();
        }
    }

    private void onTold(ControlMessage message, PeerReply reply) {
        if (closed) {
            return;
        }
        if (!(reply instanceof PeerReply.Told told)) {
            disbelieve(reply);
            return;
        }
        if (told.refusal() != null) {
            Reason reason = told.refusal().reason();
            if (reason == Reason.STALE_CONTROLLER_EPOCH) {
                obeysAnother();
                return;
            }
            if (reason == Reason.STALE_BROKER_EPOCH) {
                if (told.brokerEpoch() > broker.brokerEpoch()) {
                    outbox.clear(); // the store will tell of the newer registration
                } else {
                    // it has not heard of its own registration yet
                    term.schedule(this::pump, LEAST_BACKOFF_MS);
                    return;
                }
            }
            // whatever else it did not take: it notices the gap and asks for the full state (CTRL-19)
            noteGap();
        } else {
            if (message instanceof ClusterState) {
                hasState = true;
                inGap = false;
            }
            onObeyed();
            noteTaken(message.sequence() >= owed);
        }
        outbox.arrived();
        pump();
    }

    /** It obeys a later controller: this term is over, which its own loop will hear from the store. */
    private void obeysAnother() {
        LOG.atWarn().addKeyValue("broker", broker.id()).log("a broker obeys a later controller");
        close();
    }

    private void disbelieve(PeerReply reply) {
        LOG.atWarn()
                .addKeyValue("broker", broker.id())
                .addKeyValue("reply", reply)
                .log("a broker does not listen");
        channel.close();
    }

    private void order() {
        if (!registerAgain || ordering || !isReady()) {
            return;
        }
        ordering = true;
        PeerChannel over = channel;
        over.ask(
                new PeerRequest.RegisterAgain(term.controllerEpoch(), broker.brokerEpoch()),
                PING_TIMEOUT_MS,
                reply -> {
                    if (channel == over) {
                        ordering = false;
                        registerAgain = false;
                    }
                },
                lost -> {});
    }

    private void pingOn() {
        if (!closed) {
            ping();
            if (inGap && isReady() && outbox.size() == 0 && ++pingsInGap % PINGS_PER_GAP == 0) {
                term.requestState(broker); // what it asked may have been lost
            }
            term.schedule(this::pingOn, PING_INTERVAL_MS);
        }
    }

    private void ping() {
        if (isReady() && !pinging) {
            pinging = true;
            long toldNanos = term.nanoTime();
            PeerChannel over = channel;
            over.ask(
                    new PeerRequest.Ping(term.controllerEpoch(), term.controller(), broker.brokerEpoch(), !current),
                    PING_TIMEOUT_MS,
                    reply -> {
                        if (channel == over) {
                            pinging = false;
                            onPinged(reply, toldNanos);
                        }
                    },
                    lost -> {});
        }
    }

    private void onPinged(PeerReply reply, long toldNanos) {
        if (!(reply instanceof PeerReply.Told told)) {
            disbelieve(reply);
        } else if (told.refusal() == null) {
            onObeyed();
            term.onObeyed(broker, toldNanos);
            if (hurried) {
                hurried = false;
                ping();
            }
        } else if (told.refusal().reason() == Reason.STALE_CONTROLLER_EPOCH) {
            obeysAnother();
        }
    }
}
