package io.barnabas.coordination.failure;

import io.barnabas.model.BrokerId;
import java.util.ArrayList;
import java.util.Collection;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Set;
import java.util.TreeSet;
import java.util.UUID;
import java.util.random.RandomGenerator;

/**
 * A broker's doubt about the controller (FFD-13). When the controller's channel to this broker was ended from its side, all
 * connects to it are refused, and with three brokers or more another one finds the same, this broker takes the office. Before it
 * does, it waits for a random moment and tries once more, so that not all candidates do so at once. Used by one thread; times are
 * of a monotonic clock.
 */
public final class ControllerSuspicion {
    /** Before it takes the office a broker waits for a random part of this. */
    static final int SPREAD_MS = 40;

    /** After somebody listened or nobody confirmed, before all begins anew; doubled each time. */
    private static final long AGAIN_MS = 25;

    private static final long AGAIN_MAX_MS = 2_000;

    private final BrokerId self;
    private final RandomGenerator random;
    private final Map<BrokerId, Reputation> reputations = new HashMap<>();
    private Set<BrokerId> registered = Set.of();
    private boolean sessionConnected = true;

    private BrokerId controller = BrokerId.NONE;
    private int controllerEpoch;

    /** Of the process that had the channel; null if there was none in this term. */
    private UUID incarnation;

    private Phase phase = Phase.QUIET;
    private int refusals;
    private int round;
    private final Set<BrokerId> asked = new HashSet<>();
    private long againMs = AGAIN_MS;

    public ControllerSuspicion(BrokerId self, RandomGenerator random) {
        this.self = self;
        this.random = random;
    }

    private enum Phase {
        /** No channel, or one that ended in a way that says nothing. */
        QUIET,
        UP,
        PROBING,
        ASKING,
        /** Tries once more after a random time. */
        LAST_PROBE,
        /** All is refused, but our own session has no contact. */
        HELD,
        USURPING
    }

    private static final class Reputation {
        final Patience.Times wrong = new Patience.Times();
        UUID deposed;
    }

    /** Who is controller, from the store or from the controller itself. Calls that tell nothing new are fine. */
    public List<ControllerSuspicionEffect> onController(BrokerId who, int epoch) {
        if (epoch > controllerEpoch || (epoch == controllerEpoch && !who.equals(controller))) {
            controller = who;
            controllerEpoch = epoch;
            incarnation = null;
            quiet();
        }
        return List.of();
    }

    /** All brokers that are registered, this one and the controller among them. */
    public List<ControllerSuspicionEffect> onRegistered(Collection<BrokerId> brokers) {
        registered = new TreeSet<>(brokers);
        return List.of();
    }

    /** Whether this broker's session with the store has contact. */
    public List<ControllerSuspicionEffect> onSession(boolean connected) {
        List<ControllerSuspicionEffect> effects = new ArrayList<>();
        sessionConnected = connected;
        if (connected && phase == Phase.HELD) {
            beginProbes(0, effects);
        }
        return effects;
    }

    /** The controller of this term has a channel to this broker, opened with a proof of who is there. */
    public List<ControllerSuspicionEffect> onChannelUp(BrokerId who, int epoch, UUID process) {
        onController(who, epoch);
        if (who.equals(controller) && epoch == controllerEpoch && !who.equals(self)) {
            incarnation = Objects.requireNonNull(process, "process");
            quiet();
            phase = Phase.UP;
        }
        return List.of();
    }

    /** That channel has ended. If there are several, the last of them. */
    public List<ControllerSuspicionEffect> onChannelEnded(BrokerId who, int epoch, ChannelEnd end) {
        List<ControllerSuspicionEffect> effects = new ArrayList<>();
        if (who.equals(controller) && epoch == controllerEpoch && phase == Phase.UP) {
            quiet();
            if (end == ChannelEnd.RESET) {
                beginProbes(0, effects);
            }
        }
        return effects;
    }

    /** A process was met that proved to be this broker's; if it was deposed before, that was wrong. */
    public void onMet(BrokerId who, UUID process, long nowMs) {
        Reputation reputation = reputations.get(who);
        if (reputation != null && process.equals(reputation.deposed)) {
            reputation.deposed = null;
            reputation.wrong.add(nowMs);
        }
    }

    /** What came of a {@code Probe}. */
    public List<ControllerSuspicionEffect> onProbed(int ofRound, ProbeResult result, long nowMs) {
        List<ControllerSuspicionEffect> effects = new ArrayList<>();
        if (ofRound != round || (phase != Phase.PROBING && phase != Phase.LAST_PROBE)) {
            return effects;
        }
        if (result == ProbeResult.OTHER) {
            quiet();
        } else if (result == ProbeResult.REACHED) {
            // When a process dies its listener may outlive its connections by a moment.
            again(effects);
        } else if (phase == Phase.LAST_PROBE) {
            usurp(nowMs, effects);
        } else {
            refusals++;
            if (refusals < Patience.refusals(registered.size())) {
                probe(Patience.delayMs(registered.size(), refusals), effects);
            } else {
                onRefused(effects);
            }
        }
        return effects;
    }

    private void onRefused(List<ControllerSuspicionEffect> effects) {
        if (registered.size() < 3) {
            lastProbe(effects);
            return;
        }
        phase = Phase.ASKING;
        round++;
        asked.clear();
        for (BrokerId broker : registered) {
            if (!broker.equals(self) && !broker.equals(controller)) {
                asked.add(broker);
            }
        }
        effects.add(new ControllerSuspicionEffect.AskConfirmation(
                controller, controllerEpoch, round, List.copyOf(new TreeSet<>(asked))));
    }

    /** @param refused whether {@code by}, too, was refused; false, too, if it did not answer */
    public List<ControllerSuspicionEffect> onAnswered(int ofRound, BrokerId by, boolean refused) {
        List<ControllerSuspicionEffect> effects = new ArrayList<>();
        if (phase != Phase.ASKING || ofRound != round || !asked.remove(by)) {
            return effects;
        }
        if (refused) {
            lastProbe(effects);
        } else if (asked.isEmpty()) {
            again(effects);
        }
        return effects;
    }

    /** The office could not be taken, and nobody else is known to have it: all begins anew. */
    public List<ControllerSuspicionEffect> onUsurpFailed(BrokerId who, int epoch) {
        List<ControllerSuspicionEffect> effects = new ArrayList<>();
        if (phase == Phase.USURPING && who.equals(controller) && epoch == controllerEpoch) {
            again(effects);
        }
        return effects;
    }

    /** The process whose office was taken last, for {@link BrokerSuspicion#onDeposed}; null if {@code who} was not deposed. */
    public UUID deposed(BrokerId who) {
        Reputation reputation = reputations.get(who);
        return reputation == null ? null : reputation.deposed;
    }

    private void usurp(long nowMs, List<ControllerSuspicionEffect> effects) {
        Reputation reputation = reputations.computeIfAbsent(controller, id -> new Reputation());
        if (reputation.wrong.since(nowMs, Patience.DAMPING_MS) >= Patience.WRONG_MAX) {
            quiet();
        } else if (!sessionConnected) {
            phase = Phase.HELD;
        } else {
            phase = Phase.USURPING;
            reputation.deposed = incarnation;
            effects.add(new ControllerSuspicionEffect.Usurp(controller, controllerEpoch));
        }
    }

    private void quiet() {
        phase = Phase.QUIET;
        refusals = 0;
        round++;
        asked.clear();
        againMs = AGAIN_MS;
    }

    private void again(List<ControllerSuspicionEffect> effects) {
        long delayMs = againMs;
        againMs = Math.min(AGAIN_MAX_MS, 2 * againMs);
        beginProbes(delayMs, effects);
    }

    private void beginProbes(long delayMs, List<ControllerSuspicionEffect> effects) {
        phase = Phase.PROBING;
        refusals = 0;
        probe(delayMs, effects);
    }

    private void lastProbe(List<ControllerSuspicionEffect> effects) {
        phase = Phase.LAST_PROBE;
        probe(random.nextInt(SPREAD_MS), effects);
    }

    private void probe(long delayMs, List<ControllerSuspicionEffect> effects) {
        round++;
        effects.add(new ControllerSuspicionEffect.Probe(controller, round, delayMs));
    }
}
