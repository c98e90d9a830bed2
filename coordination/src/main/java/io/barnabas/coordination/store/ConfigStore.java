package io.barnabas.coordination.store;

import io.barnabas.coordination.control.ConfigEntity;
import java.util.List;
import java.util.Map;
import java.util.concurrent.CompletionStage;

/** Dynamic configuration. */
public interface ConfigStore {
    /** Expected version of an entity that has no configuration stored. */
    int ABSENT = -1;

    CompletionStage<Map<ConfigEntity, StoredConfig>> loadAll();

    /** An entity without a stored configuration answers an empty one of version {@link #ABSENT}. */
    CompletionStage<StoredConfig> load(ConfigEntity entity);

    /**
     * Stores the complete configuration and tells everybody who listens to changes.
     *
     * @param expectedVersion of the configuration it was made from, or {@link #ABSENT}
     */
    CompletionStage<WriteResult> store(Term term, ConfigEntity entity, Map<String, String> config, int expectedVersion);

    /**
     * Recent changes by whoever made them, oldest first.
     *
     * @param onChange called at most once, at the first change after this read or when the session ends
     */
    CompletionStage<List<Notice>> notices(Runnable onChange);

    /** Forgets notices made before {@code epochMillis}. */
    CompletionStage<Void> purgeNotices(Term term, long epochMillis);

    /** @param version {@link #ABSENT} if nothing is stored */
    record StoredConfig(Map<String, String> config, int version) {
        public StoredConfig {
            config = Map.copyOf(config);
        }
    }

    /**
     * Somebody has changed an entity; read it.
     *
     * @param number grows with every notice
     */
    record Notice(long number, ConfigEntity entity) {}
}
