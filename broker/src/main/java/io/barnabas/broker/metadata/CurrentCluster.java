package io.barnabas.broker.metadata;

import io.barnabas.model.Invariant;
import java.util.ArrayList;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Set;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.function.Consumer;
import java.util.function.Predicate;

/** The newest picture of the cluster. Read by any thread; replaced by the one that applies the controller's messages. */
public final class CurrentCluster {
    private final List<Consumer<ClusterView>> listeners = new CopyOnWriteArrayList<>();
    private final Object lock = new Object();
    private List<Runnable> untilKnown = new ArrayList<>();
    private final Set<Waiter> untilShown = new LinkedHashSet<>();
    private volatile ClusterView view = ClusterView.UNKNOWN;

    public ClusterView view() {
        return view;
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
            for (Waiter waiter : List.copyOf(untilShown)) {
                if (waiter.shown.test(next)) {
                    untilShown.remove(waiter);
                    waiting.add(waiter.action);
                }
            }
        }
        listeners.forEach(listener -> listener.accept(next));
        waiting.forEach(Runnable::run);
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
