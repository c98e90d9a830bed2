package io.barnabas.consumer.coordinator.group;

import java.util.Collection;
import java.util.Collections;
import java.util.NavigableMap;
import java.util.TreeMap;

/** The groups of one shard. A group changes its protocol by being replaced here. */
public final class Groups {
    private final NavigableMap<String, Group> byId = new TreeMap<>();

    /** @return null if there is none */
    public Group find(String groupId) {
        return byId.get(groupId);
    }

    public void put(Group group) {
        byId.put(group.groupId(), group);
    }

    public void remove(String groupId) {
        byId.remove(groupId);
    }

    /** @return the first id at or after {@code groupId}, or null if there is none */
    public String firstFrom(String groupId) {
        return byId.ceilingKey(groupId);
    }

    /** In order of their ids. */
    public Collection<Group> all() {
        return Collections.unmodifiableCollection(byId.values());
    }
}
