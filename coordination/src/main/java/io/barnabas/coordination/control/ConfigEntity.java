package io.barnabas.coordination.control;

import java.util.Locale;
import java.util.Objects;

/**
 * What a dynamic configuration is kept for.
 *
 * @param name as stored: those of users and clients percent-encoded, a client of a user is {@code user/clients/client};
 *     groups have their plain ids; {@link #DEFAULT_NAME} for the type's default
 */
public record ConfigEntity(Type type, String name) {
    /** Name of the entity whose configuration holds for all that have none of their own. */
    public static final String DEFAULT_NAME = "<default>";

    public ConfigEntity {
        Objects.requireNonNull(type, "type");
        Objects.requireNonNull(name, "name");
    }

    public static ConfigEntity topic(String name) {
        return new ConfigEntity(Type.TOPIC, name);
    }

    public static ConfigEntity broker(String name) {
        return new ConfigEntity(Type.BROKER, name);
    }

    public static ConfigEntity brokerDefault() {
        return new ConfigEntity(Type.BROKER, DEFAULT_NAME);
    }

    public static ConfigEntity group(String groupId) {
        return new ConfigEntity(Type.GROUP, groupId);
    }

    /** {@code topics/orders}, as change notifications name it. */
    @Override
    public String toString() {
        return type.folder() + "/" + name;
    }

    /** Kinds of entities. */
    public enum Type {
        TOPIC("topics"),
        BROKER("brokers"),
        USER("users"),
        CLIENT("clients"),
        IP("ips"),
        GROUP("groups");

        private final String folder;

        Type(String folder) {
            this.folder = folder;
        }

        /** Name of the folder that holds this type, as {@code topics}. */
        public String folder() {
            return folder;
        }

        /** @throws IllegalArgumentException if there is no such folder */
        public static Type ofFolder(String folder) {
            for (Type type : values()) {
                if (type.folder.equals(folder)) {
                    return type;
                }
            }
            throw new IllegalArgumentException("no entity type " + folder.toLowerCase(Locale.ROOT));
        }
    }
}
