package io.barnabas.coordination.control;

import java.util.Objects;

/**
 * What a dynamic configuration belongs to.
 *
 * @param name {@value #DEFAULT_NAME} for the default of all of its type
 */
public record ConfigEntity(Type type, String name) {
    public static final String DEFAULT_NAME = "<default>";

    /** In the order of the folders under {@code /config}. */
    public enum Type {
        TOPIC,
        BROKER,
        USER,
        CLIENT,
        IP
    }

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
}
