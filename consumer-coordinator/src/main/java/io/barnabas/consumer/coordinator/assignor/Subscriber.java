package io.barnabas.consumer.coordinator.assignor;

import java.util.Comparator;
import java.util.Map;
import java.util.Set;
import java.util.UUID;

/**
 * A member as an assignor sees it.
 *
 * @param instanceId null for a dynamic member
 * @param rackId     null if it does not say
 * @param topics     to which it subscribes; may name some that are gone
 * @param current    what it was given last; may hold what it no longer subscribes to
 */
public record Subscriber(
        String memberId, String instanceId, String rackId, Set<UUID> topics, Map<UUID, Set<Integer>> current) {
    /** Static members first, by instance id, which survives a restart; then the others by member id. */
    static final Comparator<Subscriber> ORDER = Comparator.comparing(
                    Subscriber::instanceId, Comparator.nullsLast(Comparator.naturalOrder()))
            .thenComparing(Subscriber::memberId);

    public Subscriber {
        topics = Set.copyOf(topics);
        current = Map.copyOf(current);
    }
}
