package io.barnabas.broker.metadata;

import io.barnabas.model.BrokerId;
import java.util.Collections;
import java.util.Map;
import java.util.TreeMap;

/**
 * What was configured in ZooKeeper, as it stands there. Only keys that were set.
 *
 * @param topics         by name of the topic; topics without any are absent
 * @param brokerDefaults for every broker
 * @param brokers        for single brokers; stronger than {@code brokerDefaults}
 * @param groups         by group; groups without any are absent
 */
public record DynamicConfigs(
        Map<String, Map<String, String>> topics,
        Map<String, String> brokerDefaults,
        Map<BrokerId, Map<String, String>> brokers,
        Map<String, Map<String, String>> groups) {
    public static final DynamicConfigs NONE = new DynamicConfigs(Map.of(), Map.of(), Map.of(), Map.of());

    public DynamicConfigs {
        topics = Collections.unmodifiableMap(topics);
        brokerDefaults = Collections.unmodifiableMap(new TreeMap<>(brokerDefaults));
        brokers = Map.copyOf(brokers);
        groups = Collections.unmodifiableMap(groups);
    }

    /** Empty if nothing was set. */
    public Map<String, String> topic(String name) {
        return topics.getOrDefault(name, Map.of());
    }

    /** What was set for this broker alone; empty if nothing was. */
    public Map<String, String> broker(BrokerId id) {
        return brokers.getOrDefault(id, Map.of());
    }

    /** Empty if nothing was set. */
    public Map<String, String> group(String groupId) {
        return groups.getOrDefault(groupId, Map.of());
    }

    /** What this broker has to obey: its own over those for all. */
    public Map<String, String> effectiveFor(BrokerId id) {
        Map<String, String> effective = new TreeMap<>(brokerDefaults);
        effective.putAll(broker(id));
        return effective;
    }
}
