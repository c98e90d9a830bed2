package io.barnabas.coordination.store;

import io.barnabas.model.BrokerId;
import java.util.concurrent.CompletionStage;

/** Who is controller. At most one term is current; a newer one makes all writes of older ones fail. */
public interface ControllerLease {
    /**
     * Who holds it now.
     *
     * @param onChange called at most once, at the first change after this read or when the session ends
     */
    CompletionStage<Holder> holder(Runnable onChange);

    /** Who holds it now, or later; nothing is heard of changes. */
    CompletionStage<Holder> look();

    /** Takes the lease if it is free. */
    CompletionStage<Attempt> acquire(BrokerId candidate);

    /**
     * Takes the lease from {@code deposed} although its session lives, all at once: there is no moment without a controller
     * (FFD-13). Lost if {@code deposed} no longer holds it, or if there was another term after {@code controllerEpoch}.
     */
    CompletionStage<Attempt> usurp(BrokerId candidate, BrokerId deposed, int controllerEpoch);

    /** Gives it back if this session holds it. */
    CompletionStage<Void> release(Term term);

    /**
     * @param broker  {@link BrokerId#NONE} while there is no controller
     * @param isMine  whether this very session holds it
     * @param epoch   the last controller epoch that was given out; 0 if none was
     */
    record Holder(BrokerId broker, boolean isMine, int epoch) {}

    /** @param term null if somebody else was first */
    record Attempt(Term term) {
        public boolean won() {
            return term != null;
        }
    }
}
