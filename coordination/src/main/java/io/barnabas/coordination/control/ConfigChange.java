package io.barnabas.coordination.control;

import java.util.List;

/**
 * A change of one entity's dynamic configuration.
 *
 * @param operations applied in order
 * @param replaceAll true if what is not set here is dropped (AlterConfigs); false to keep it (IncrementalAlterConfigs)
 */
public record ConfigChange(ConfigEntity entity, List<Op> operations, boolean replaceAll) {
    public ConfigChange {
        operations = List.copyOf(operations);
    }

    /** @param value null for {@link Kind#DELETE} */
    public record Op(String key, Kind kind, String value) {
        public static Op set(String key, String value) {
            return new Op(key, Kind.SET, value);
        }

        public static Op delete(String key) {
            return new Op(key, Kind.DELETE, null);
        }
    }

    /** What to do with a key; the last two are for lists (KIP-339). */
    public enum Kind {
        SET,
        DELETE,
        APPEND,
        SUBTRACT
    }
}
