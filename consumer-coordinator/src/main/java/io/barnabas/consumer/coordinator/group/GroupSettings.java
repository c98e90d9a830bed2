package io.barnabas.consumer.coordinator.group;

import java.util.Map;

/** The configuration that single groups have of their own, as it is at the moment; it may change at any time (GROUP-40). */
@FunctionalInterface
public interface GroupSettings {
    /** How often members of the consumer protocol come: exactly so, if a group has it. */
    String HEARTBEAT_INTERVAL_MS = "consumer.heartbeat.interval.ms";

    /** After how long a silence members of the consumer protocol are gone. */
    String SESSION_TIMEOUT_MS = "consumer.session.timeout.ms";

    /** No group has any. */
    GroupSettings NONE = groupId -> Map.of();

    /** Valid values by key; empty if the group has none. */
    Map<String, String> of(String groupId);
}
