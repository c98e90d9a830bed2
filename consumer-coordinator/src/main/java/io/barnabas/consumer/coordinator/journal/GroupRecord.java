package io.barnabas.consumer.coordinator.journal;

import java.util.Objects;

/**
 * One record of {@code __consumer_offsets}. The last one of each key counts.
 *
 * @param value null for a tombstone; else the kind of value that belongs to the kind of key
 */
public record GroupRecord(GroupKey key, GroupValue value) {
    public GroupRecord {
        Objects.requireNonNull(key, "key");
        if (value != null && !key.takes(value)) {
            throw new IllegalArgumentException(value.getClass().getSimpleName() + " under " + key);
        }
    }

    public static GroupRecord tombstone(GroupKey key) {
        return new GroupRecord(key, null);
    }

    public boolean isTombstone() {
        return value == null;
    }
}
