package io.barnabas.broker.api;

import io.barnabas.model.Refusal;
import java.util.concurrent.CompletionStage;

/** Port: takes back what a feature has left behind, before its level is lowered. */
public interface FeatureDowngrade {
    /**
     * Takes back what the lower level could not read, and sees to it that nothing of the kind is made any more.
     *
     * @return why it cannot be, or null when nothing is left
     */
    CompletionStage<Refusal> prepare(String feature, short level);

    /**
     * Ends what {@link #prepare} began. Called once for each, whatever it said.
     *
     * @param stored whether the lower level holds from now on; if not, everything goes on as before
     */
    void end(String feature, short level, boolean stored);
}
