package io.barnabas.coordination.store;

import java.util.concurrent.CompletionStage;

/** The name of this cluster among all clusters. */
public interface ClusterIdStore {
    /** The stored id; if there is none, {@code fresh} becomes it. */
    CompletionStage<String> loadOrCreate(String fresh);
}
