package io.barnabas.broker.config;

import java.util.Objects;

/**
 * One key of {@code server.properties}.
 *
 * @param defaultValue as text; null if there is none
 * @param importance   as Kafka ranks it
 * @param update       where Kafka lets it be changed while the broker runs
 * @param use          what becomes of it here
 * @param about        one sentence for a person; for {@link Use#NONE} and {@link Use#REFUSED} the reason
 */
public record ConfigKey(
        String name,
        ConfigType type,
        String defaultValue,
        ValueRule rule,
        Importance importance,
        Update update,
        Use use,
        String about) {
    public ConfigKey {
        Objects.requireNonNull(name, "name");
        Objects.requireNonNull(rule, "rule");
    }

    public enum Importance {
        HIGH,
        MEDIUM,
        LOW
    }

    public enum Update {
        READ_ONLY,
        PER_BROKER,
        CLUSTER_WIDE
    }

    public enum Use {
        /** Obeyed, and a change takes effect while the broker runs. */
        LIVE,
        /** Obeyed; read at the start. */
        USED,
        /** Accepted without effect. */
        NONE,
        /** Only the default is accepted: anything else would be less than what is asked for. */
        REFUSED
    }

    /** Whether values must not be shown: passwords and keys. */
    public boolean sensitive() {
        return type == ConfigType.PASSWORD;
    }

    /** Whether a change takes effect without a restart; anything else is read-only here. */
    public boolean live() {
        return use == Use.LIVE;
    }

    /** @return what is wrong with the value by itself, as in "must be at least 1"; null if nothing is */
    public String complaint(String value) {
        return rule.complaint(value);
    }

    /** Whether the value says no more than the default does. */
    public boolean saysDefault(String value) {
        String given = value.trim();
        return given.equals(defaultValue == null ? "" : defaultValue)
                || (type == ConfigType.BOOLEAN && given.equalsIgnoreCase(defaultValue));
    }
}
