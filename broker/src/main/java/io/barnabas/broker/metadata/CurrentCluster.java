package io.barnabas.broker.metadata;

import io.barnabas.model.BrokerId;
import io.barnabas.model.Invariant;
import java.util.ArrayList;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.function.Consumer;
import java.util.function.Predicate;

/**
 * The newest picture of the cluster, and which brokers in it are in doubt: a connection to them has just broken, and who leads in their place
 * may be known any moment. Read by any thread; replaced by the one that applies the controller's messages.
 */
public final class CurrentCluster {
    /** As long as a new leader is on its way, if one is: dead brokers are noticed and replaced in less. */
    private static final long DOUBT_NANOS = 1_000_000_000L;

    private final List<Consumer<ClusterView>> listeners = new CopyOnWriteArrayList<>();
    private final Map<BrokerId, Long> lost = new ConcurrentHashMap<>();
    private final Object lock = new Object();
    private List<Runnable> untilKnown = new ArrayList<>();
    private final Set<Waiter> untilShown = new LinkedHashSet<>();
    private volatile ClusterView view = ClusterView.UNKNOWN;

    public ClusterView view() {
        return view;
    }

    /** A connection to this broker has broken, or could not be made, after the last one worked. */
    public void lost(BrokerId broker, long nowNanos) {
        lost.put(broker, nowNanos);
    }

    /** This broker has answered. */
    public void reached(BrokerId broker) {
        if (lost.remove(broker) != null) {
            List<Runnable> waiting;
            synchronized (lock) {
                waiting = shown(view);
            }
            waiting.forEach(Runnable::run);
        }
    }

    /** Whether any broker is in doubt, at the price of one look where none is. Those that were in doubt for long enough are forgotten. */
    public boolean anyInDoubt(long nowNanos) {
        if (lost.isEmpty()) {
            return false;
        }
        lost.values().removeIf(since -> since + DOUBT_NANOS - nowNanos <= 0);
        return !lost.isEmpty();
    }

    /** @return until when (in nanoseconds from now) this broker is in doubt; 0 or less if it is not */
    public long doubtNanos(BrokerId broker, long nowNanos) {
        Long since = lost.get(broker);
        return since == null ? 0 : since + DOUBT_NANOS - nowNanos;
    }

    /** Called with every new picture, on the thread that replaces it; must not block. */
    public void onChange(Consumer<ClusterView> listener) {
        listeners.add(listener);
    }

    /**
     * Runs the action once the cluster is known: now, on the caller's thread, if it is; else when the first picture comes, on the
     * thread that brings it.
     */
    public void whenKnown(Runnable action) {
        if (!view.known()) {
            synchronized (lock) {
                if (!view.known()) {
                    untilKnown.add(action);
                    return;
                }
            }
        }
        action.run();
    }

    /**
     * Runs the action once a picture shows what is waited for: now, on the caller's thread, if this one does; else on the thread that
     * brings one that does.
     *
     * @return ends the waiting; to be run if nobody is interested any longer
     */
    public Runnable whenShown(Predicate<ClusterView> shown, Runnable action) {
        synchronized (lock) {
            if (!shown.test(view)) {
                var waiter = new Waiter(shown, action);
                untilShown.add(waiter);
                return () -> {
                    synchronized (lock) {
                        untilShown.remove(waiter);
                    }
                };
            }
        }
        action.run();
        return () -> {};
    }

    /** Swaps the picture. Called by one thread at a time. */
    public void replace(ClusterView next) {
        Invariant.holds(next.known(), "a picture that is not known cannot replace one");
        List<Runnable> waiting;
        synchronized (lock) {
            view = next;
            waiting = untilKnown;
            untilKnown = new ArrayList<>();
            waiting.addAll(shown(next));
        }
        listeners.forEach(listener -> listener.accept(next));
        waiting.forEach(Runnable::run);
    }

    /** Whoever waits for what {@code picture} shows, and waits no longer; holding the lock. */
    private List<Runnable> shown(ClusterView picture) {
        List<Runnable> actions = new ArrayList<>();
        for (Waiter waiter : List.copyOf(untilShown)) {
            if (waiter.shown.test(picture)) {
                untilShown.remove(waiter);
                actions.add(waiter.action);
            }
        }
        return actions;
    }

    /** Equal only to itself. */
    private static final class Waiter {
        private final Predicate<ClusterView> shown;
        private final Runnable action;

        Waiter(Predicate<ClusterView> shown, Runnable action) {
            this.shown = shown;
            this.action = action;
        }
    }
}
