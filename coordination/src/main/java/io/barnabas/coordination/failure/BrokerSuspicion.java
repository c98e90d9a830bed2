package io.barnabas.coordination.failure;

import io.barnabas.coordination.control.BrokerInfo;
import io.barnabas.model.BrokerId;
import java.util.ArrayList;
import java.util.Collection;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.TreeMap;
import java.util.UUID;

/**
 * The controller's doubt about registered brokers, for one term (FFD-01 to FFD-03). A broker is suspected when its channel, opened
 * with a proof of who is there, was ended from its side and all connects since were refused. Everything else, silence above all,
 * is left to the broker's session with the store. Used by one thread; times are of a monotonic clock.
 */
public final class BrokerSuspicion {
    /** No more than {@link #mostInWindow} brokers are suspected in this time. */
    private static final long WINDOW_MS = 10_000;

    private final BrokerId self;
    private final Map<BrokerId, Watched> watched = new TreeMap<>();
    private final Map<BrokerId, Reputation> reputations = new HashMap<>();
    private final Patience.Times suspicions = new Patience.Times();
    private boolean sessionConnected = true;

    /** @param self the controller, which does not suspect itself */
    public BrokerSuspicion(BrokerId self) {
        this.self = self;
    }

    private enum Phase {
        /** No channel, or one that ended in a way that says nothing. */
        QUIET,
        UP,
        PROBING,
        /** A probe was accepted; what comes of it is not known yet. */
        REACHED,
        /** All was refused, but now is not the time to act on it. */
        HELD,
        SUSPECTED
    }

    private static final class Watched {
        final long brokerEpoch;
        Phase phase = Phase.QUIET;

        /** Of the process that was met under this registration; null before. */
        UUID incarnation;

        /** It was refused to us before these probes began, when its office was taken; until something else is seen of it. */
        boolean deposed;

        int refusals;
        int round;

        Watched(long brokerEpoch) {
            this.brokerEpoch = brokerEpoch;
        }

        boolean doubtful() {
            return phase == Phase.SUSPECTED || phase == Phase.HELD || (phase == Phase.PROBING && refusals > 0);
        }
    }

    /** What is remembered of a broker across its registrations. */
    private static final class Reputation {
        final Patience.Times wrong = new Patience.Times();

        /** The process that was suspected and has not been heard of since; null if there is none. */
        UUID suspected;
    }

    /** All brokers that are registered now; suspicions of other registrations are over. */
    public List<BrokerSuspicionEffect> onRegistered(Collection<BrokerInfo> brokers, long nowMs) {
        Map<BrokerId, Watched> next = new TreeMap<>();
        for (BrokerInfo broker : brokers) {
            Watched before = watched.get(broker.id());
            boolean same = before != null && before.brokerEpoch == broker.brokerEpoch();
            next.put(broker.id(), same ? before : new Watched(broker.brokerEpoch()));
        }
        watched.clear();
        watched.putAll(next);
        List<BrokerSuspicionEffect> effects = new ArrayList<>();
        tryHeldAgain(effects);
        return effects;
    }

    /** Whether the controller's own session with the store has contact: without it nobody is suspected. */
    public List<BrokerSuspicionEffect> onSession(boolean connected, long nowMs) {
        List<BrokerSuspicionEffect> effects = new ArrayList<>();
        boolean regained = connected && !sessionConnected;
        sessionConnected = connected;
        if (regained) {
            tryHeldAgain(effects);
        }
        return effects;
    }

    /**
     * A connection was made and both sides have proven who they are.
     *
     * @param brokerEpoch the registration that the connection was made for
     * @param saysEpoch   the registration that the broker says it has; -1 if it has none
     * @param incarnation of its process
     */
    public List<BrokerSuspicionEffect> onHello(
            BrokerId broker, long brokerEpoch, long saysEpoch, UUID incarnation, long nowMs) {
        List<BrokerSuspicionEffect> effects = new ArrayList<>();
        Reputation reputation = reputations.get(broker);
        if (reputation != null && incarnation.equals(reputation.suspected)) {
            reputation.wrong.add(nowMs);
            reputation.suspected = null;
        }
        Watched who = find(broker, brokerEpoch);
        if (who == null) {
            return effects;
        }
        if (saysEpoch == brokerEpoch) {
            // The process of this registration, whatever was taken for it before: it may be the next after the one we
            // deposed.
            if (who.phase == Phase.SUSPECTED) {
                effects.add(new BrokerSuspicionEffect.Reappeared(broker, brokerEpoch));
            } else {
                who.incarnation = incarnation;
                who.phase = Phase.UP;
            }
        } else if (who.incarnation != null && !who.incarnation.equals(incarnation)) {
            // Another process: that of this registration is no more, whatever the store still shows (FFD-10).
            if (who.phase != Phase.SUSPECTED) {
                suspect(broker, who, nowMs, effects);
            }
        } else if (who.phase != Phase.SUSPECTED) {
            who.phase = Phase.QUIET;
        }
        tryHeldAgain(effects);
        return effects;
    }

    /** A connection to it has ended, whether or not it came to a {@link #onHello}. */
    public List<BrokerSuspicionEffect> onChannelEnded(BrokerId broker, long brokerEpoch, ChannelEnd end, long nowMs) {
        List<BrokerSuspicionEffect> effects = new ArrayList<>();
        Watched who = find(broker, brokerEpoch);
        if (who != null && (who.phase == Phase.UP || who.phase == Phase.REACHED)) {
            if (end == ChannelEnd.RESET) {
                beginProbes(broker, who, effects);
            } else {
                who.phase = Phase.QUIET;
                tryHeldAgain(effects);
            }
        }
        return effects;
    }

    /** It was controller before us, and its channel to us was ended from its side: that counts as if ours had been (FFD-13). */
    public List<BrokerSuspicionEffect> onDeposed(BrokerId broker, UUID incarnation, long nowMs) {
        List<BrokerSuspicionEffect> effects = new ArrayList<>();
        Watched who = watched.get(broker);
        if (who != null && who.phase == Phase.QUIET && who.incarnation == null) {
            who.incarnation = incarnation;
            beginProbes(broker, who, effects);
            who.deposed = true;
        }
        return effects;
    }

    /** What came of a {@code Probe}. */
    public List<BrokerSuspicionEffect> onProbed(
            BrokerId broker, long brokerEpoch, int round, ProbeResult result, long nowMs) {
        List<BrokerSuspicionEffect> effects = new ArrayList<>();
        Watched who = find(broker, brokerEpoch);
        if (who == null || who.phase != Phase.PROBING || who.round != round) {
            return effects;
        }
        switch (result) {
            case REFUSED -> {
                who.refusals++;
                if (who.refusals < Patience.refusals(watched.size())) {
                    long delayMs = who.deposed
                            ? Patience.againDelayMs(who.refusals)
                            : Patience.delayMs(watched.size(), who.refusals);
                    probe(broker, who, delayMs, effects);
                } else {
                    decide(broker, who, nowMs, effects);
                }
            }
            case REACHED -> {
                who.phase = Phase.REACHED;
                tryHeldAgain(effects);
            }
            case OTHER -> {
                who.phase = Phase.QUIET;
                tryHeldAgain(effects);
            }
        }
        return effects;
    }

    /** Whether this registration is suspected. */
    public boolean isSuspected(BrokerId broker, long brokerEpoch) {
        Watched who = find(broker, brokerEpoch);
        return who != null && who.phase == Phase.SUSPECTED;
    }

    private Watched find(BrokerId broker, long brokerEpoch) {
        Watched who = watched.get(broker);
        return who == null || who.brokerEpoch != brokerEpoch || broker.equals(self) ? null : who;
    }

    private void decide(BrokerId broker, Watched who, long nowMs, List<BrokerSuspicionEffect> effects) {
        Reputation reputation = reputations.get(broker);
        if (reputation != null && reputation.wrong.since(nowMs, Patience.DAMPING_MS) >= Patience.WRONG_MAX) {
            who.phase = Phase.QUIET;
        } else if (!sessionConnected || tooManyAreDoubtful()) {
            who.phase = Phase.HELD;
        } else if (suspicions.since(nowMs, WINDOW_MS) >= mostInWindow()) {
            who.refusals = 0;
            probe(broker, who, suspicions.opensInMs(nowMs, WINDOW_MS), effects);
        } else {
            suspect(broker, who, nowMs, effects);
        }
    }

    /** If half of all seem dead, the fault is likely on our side. Of two brokers the other may be dead all the same. */
    private boolean tooManyAreDoubtful() {
        long doubtful = watched.values().stream().filter(Watched::doubtful).count();
        return watched.size() == 2 ? doubtful > 1 : 2 * doubtful >= watched.size();
    }

    private int mostInWindow() {
        return Math.max(2, watched.size() / 2);
    }

    private void suspect(BrokerId broker, Watched who, long nowMs, List<BrokerSuspicionEffect> effects) {
        who.phase = Phase.SUSPECTED;
        suspicions.add(nowMs);
        reputations.computeIfAbsent(broker, id -> new Reputation()).suspected =
                Objects.requireNonNull(who.incarnation, "suspected without having been met");
        effects.add(new BrokerSuspicionEffect.Suspect(broker, who.brokerEpoch));
    }

    private void beginProbes(BrokerId broker, Watched who, List<BrokerSuspicionEffect> effects) {
        who.phase = Phase.PROBING;
        who.deposed = false;
        who.refusals = 0;
        probe(broker, who, Patience.delayMs(watched.size(), 0), effects);
    }

    private static void probe(BrokerId broker, Watched who, long delayMs, List<BrokerSuspicionEffect> effects) {
        who.round++;
        effects.add(new BrokerSuspicionEffect.Probe(broker, who.brokerEpoch, who.round, delayMs));
    }

    /** Something is different: those that were held back are looked at anew, from the first refusal on. */
    private void tryHeldAgain(List<BrokerSuspicionEffect> effects) {
        if (!sessionConnected || tooManyAreDoubtful()) {
            return;
        }
        watched.forEach((broker, who) -> {
            if (who.phase == Phase.HELD) {
                beginProbes(broker, who, effects);
            }
        });
    }
}
