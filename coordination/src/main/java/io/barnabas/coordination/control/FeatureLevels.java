package io.barnabas.coordination.control;

import java.util.Collections;
import java.util.Map;
import java.util.TreeMap;

/**
 * Which features are switched on, and how far. One that is not named is at level 0: off.
 *
 * @param levels by name, in order
 * @param epoch  grows with every change; 0 before the first
 */
public record FeatureLevels(Map<String, Short> levels, long epoch) {
    public static final FeatureLevels NONE = new FeatureLevels(Map.of(), 0);

    /** The consumer protocol of KIP-848: at 1, groups may speak it, and its records may be written. */
    public static final String GROUP_VERSION = "group.version";

    /** The highest level that we know of each feature; the lowest is always 0. */
    public static final Map<String, Short> SUPPORTED = Map.of(GROUP_VERSION, (short) 1);

    public FeatureLevels {
        levels = Collections.unmodifiableMap(new TreeMap<>(levels));
    }

    public short of(String feature) {
        return levels.getOrDefault(feature, (short) 0);
    }
}
