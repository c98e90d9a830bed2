package io.barnabas.broker.config;

import io.barnabas.consumer.coordinator.group.GroupConfig;
import io.barnabas.consumer.coordinator.group.GroupSettings;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import java.util.function.ToIntFunction;

/**
 * A key that single groups may set for themselves, between bounds that the broker has (GROUP-40).
 *
 * @param brokerKey what holds for groups that do not set it
 * @param about     one sentence
 */
public record GroupConfigKey(
        String name,
        String brokerKey,
        ToIntFunction<GroupConfig.Consumer> least,
        ToIntFunction<GroupConfig.Consumer> most,
        ToIntFunction<GroupConfig.Consumer> standard,
        String about) {
    private static final GroupConfigKey HEARTBEAT_INTERVAL = new GroupConfigKey(
            GroupSettings.HEARTBEAT_INTERVAL_MS,
            "group." + GroupSettings.HEARTBEAT_INTERVAL_MS,
            GroupConfig.Consumer::minHeartbeatIntervalMs,
            GroupConfig.Consumer::maxHeartbeatIntervalMs,
            GroupConfig.Consumer::heartbeatIntervalMs,
            "How often members of the consumer protocol come: exactly so if it is set, else as the broker finds right.");

    private static final GroupConfigKey SESSION_TIMEOUT = new GroupConfigKey(
            GroupSettings.SESSION_TIMEOUT_MS,
            "group." + GroupSettings.SESSION_TIMEOUT_MS,
            GroupConfig.Consumer::minSessionTimeoutMs,
            GroupConfig.Consumer::maxSessionTimeoutMs,
            GroupConfig.Consumer::sessionTimeoutMs,
            "After how long a silence a member of the consumer protocol is taken for gone.");

    /** In order of name. */
    public static final List<GroupConfigKey> ALL = List.of(HEARTBEAT_INTERVAL, SESSION_TIMEOUT);

    /** @return null if groups have no such key */
    public static GroupConfigKey find(String name) {
        return ALL.stream().filter(key -> key.name.equals(name)).findFirst().orElse(null);
    }

    /**
     * @param values all that a group sets
     * @return what is wrong with them, in a sentence; null if nothing is
     */
    public static String complaint(Map<String, String> values, GroupConfig.Consumer broker) {
        for (Map.Entry<String, String> entry : values.entrySet()) {
            GroupConfigKey key = find(entry.getKey());
            if (key == null) {
                return "Unknown group config name: " + entry.getKey();
            }
            String complaint = key.complaint(entry.getValue(), broker);
            if (complaint != null) {
                return complaint;
            }
        }
        if (!values.isEmpty() && SESSION_TIMEOUT.in(values, broker) <= HEARTBEAT_INTERVAL.in(values, broker)) {
            return SESSION_TIMEOUT.name + " must be greater than " + HEARTBEAT_INTERVAL.name;
        }
        return null;
    }

    private String complaint(String value, GroupConfig.Consumer broker) {
        Integer number = number(value);
        if (number == null) {
            return "Invalid value " + value + " for " + name + ": it is no whole number of 32 bits";
        }
        if (number < least.applyAsInt(broker)) {
            return name + " must be greater than or equal to " + bound("min") + " (" + least.applyAsInt(broker) + ")";
        }
        if (number > most.applyAsInt(broker)) {
            return name + " must be less than or equal to " + bound("max") + " (" + most.applyAsInt(broker) + ")";
        }
        return null;
    }

    private String bound(String which) {
        return brokerKey.replace("group.consumer.", "group.consumer." + which + ".");
    }

    /**
     * What is obeyed of what a group has stored. The broker's bounds may have become narrower since: the nearest value within them is taken;
     * keys and values that make no sense are left out.
     */
    public static Map<String, String> obeyed(Map<String, String> stored, GroupConfig.Consumer broker) {
        if (stored.isEmpty()) {
            return stored;
        }
        Map<String, String> obeyed = new TreeMap<>();
        for (GroupConfigKey key : ALL) {
            if (number(stored.get(key.name)) != null) {
                obeyed.put(key.name, Integer.toString(key.in(stored, broker)));
            }
        }
        return obeyed;
    }

    private int in(Map<String, String> values, GroupConfig.Consumer broker) {
        Integer own = number(values.get(name));
        return own == null
                ? standard.applyAsInt(broker)
                : Math.max(least.applyAsInt(broker), Math.min(most.applyAsInt(broker), own));
    }

    private static Integer number(String value) {
        try {
            return value == null ? null : Integer.valueOf(value.trim());
        } catch (NumberFormatException notANumber) {
            return null;
        }
    }
}
