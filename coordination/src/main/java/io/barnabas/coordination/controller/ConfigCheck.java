package io.barnabas.coordination.controller;

import io.barnabas.coordination.control.ConfigEntity;
import java.util.Map;

/** Port: knows which configurations make sense. Called on the controller's loop; must not block. */
public interface ConfigCheck {
    /**
     * @param config the entity's complete new configuration
     * @return what is wrong with it as one sentence, or null
     */
    String complaint(ConfigEntity entity, Map<String, String> config);

    /** What a key of type list is while the entity does not set it; null if the key is not a list. */
    String listDefault(ConfigEntity entity, String key);

    /** Accepts everything, and knows no lists. */
    static ConfigCheck none() {
        return new ConfigCheck() {
            @Override
            public String complaint(ConfigEntity entity, Map<String, String> config) {
                return null;
            }

            @Override
            public String listDefault(ConfigEntity entity, String key) {
                return null;
            }
        };
    }
}
