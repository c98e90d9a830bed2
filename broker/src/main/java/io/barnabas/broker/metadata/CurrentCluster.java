package io.barnabas.broker.metadata;

import io.barnabas.model.Invariant;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.function.Consumer;

/** The newest picture of the cluster. Read by any thread; replaced by the one that applies the controller's messages. */
public final class CurrentCluster {
    private final List<Consumer<ClusterView>> listeners = new CopyOnWriteArrayList<>();
    private final Object lock = new Object();
    private List<Runnable> untilKnown = new ArrayList<>();
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

    /** Swaps the picture. Called by one thread at a time. */
    public void replace(ClusterView next) {
        Invariant.holds(next.known(), "a picture that is not known cannot replace one");
        List<Runnable> waiting;
        synchronized (lock) {
            view = next;
            waiting = untilKnown;
            untilKnown = new ArrayList<>();
        }
        listeners.forEach(listener -> listener.accept(next));
        waiting.forEach(Runnable::run);
    }
}
