package io.barnabas.log.batch;

/** Whose clock a batch's timestamps come from: {@code message.timestamp.type}. */
public enum TimestampType {
    /** The client's, one per record. */
    CREATE_TIME("CreateTime"),
    /** The leader's at append; one for the whole batch, kept as its max timestamp. */
    LOG_APPEND_TIME("LogAppendTime");

    private final String configName;

    TimestampType(String configName) {
        this.configName = configName;
    }

    /** As the topic config spells it. */
    public String configName() {
        return configName;
    }

    /** @throws IllegalArgumentException if there is no such type */
    public static TimestampType named(String configName) {
        for (TimestampType type : values()) {
            if (type.configName.equals(configName)) {
                return type;
            }
        }
        throw new IllegalArgumentException("no timestamp type " + configName);
    }
}
