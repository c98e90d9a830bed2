package io.barnabas.coordination.store;

import java.util.Map;
import java.util.concurrent.CompletionStage;

/** Which features are switched on. A new cluster begins with {@link #OF_A_NEW_CLUSTER}, one that was taken over with none. */
public interface FeatureStore {
    /** Stored in the moment in which the cluster gets its id. */
    Map<String, Short> OF_A_NEW_CLUSTER = Map.of("group.version", (short) 1);

    /** Expected version while nothing is stored. */
    int ABSENT = -1;

    /** What cannot be read is as if no level were stored, in its version. */
    CompletionStage<StoredFeatures> load();

    /** @param expectedVersion of the levels they were made from, or {@link #ABSENT} */
    CompletionStage<WriteResult> store(Term term, Map<String, Short> levels, int expectedVersion);

    /** @param version {@link #ABSENT} if nothing is stored */
    record StoredFeatures(Map<String, Short> levels, int version) {
        public static final StoredFeatures NONE = new StoredFeatures(Map.of(), ABSENT);

        public StoredFeatures {
            levels = Map.copyOf(levels);
        }
    }
}
