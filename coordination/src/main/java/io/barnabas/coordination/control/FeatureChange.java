package io.barnabas.coordination.control;

import java.util.Objects;

/**
 * A feature is to have another level.
 *
 * @param level 0 switches it off
 * @param kind  what the one who asks knows to be doing
 */
public record FeatureChange(String feature, short level, Kind kind) {
    public FeatureChange {
        Objects.requireNonNull(feature, "feature");
        Objects.requireNonNull(kind, "kind");
    }

    /** How a level may change; a lower one has to be asked for as such (KIP-584). */
    public enum Kind {
        UPGRADE,
        SAFE_DOWNGRADE,
        UNSAFE_DOWNGRADE
    }
}
