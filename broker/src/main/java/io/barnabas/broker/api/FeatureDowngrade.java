package io.barnabas.broker.api;

import io.barnabas.model.Refusal;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionStage;

/** Port: takes back what a feature has left behind, before its level is lowered. */
public interface FeatureDowngrade {
    /** For brokers on which features leave nothing behind. */
    FeatureDowngrade NOTHING_LEFT = (feature, level) -> CompletableFuture.completedFuture(null);

    /** @return why it cannot be, or null when nothing is left that the lower level could not read */
    CompletionStage<Refusal> prepare(String feature, short level);
}
