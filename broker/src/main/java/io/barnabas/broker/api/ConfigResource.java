package io.barnabas.broker.api;

/** Kinds of things that have a configuration, with their numbers on the wire. */
final class ConfigResource {
    static final byte TOPIC = 2;
    static final byte BROKER = 4;
    static final byte BROKER_LOGGER = 8;
    static final byte CLIENT_METRICS = 16;
    static final byte GROUP = 32;

    private ConfigResource() {}

    /** Why a kind other than topics, brokers and groups is not served, in a sentence. */
    static String notServed(byte type) {
        return switch (type) {
            case BROKER_LOGGER -> "Log levels are set in the broker's logback.xml, not over the wire.";
            case CLIENT_METRICS -> "Client metrics are not received by this broker.";
            default -> "Unexpected resource type " + type + ".";
        };
    }

    /** @return null if a group may be called so; else what is wrong with it */
    static String badGroup(String name) {
        return name.isEmpty() ? "Group name must not be empty: there are no defaults for groups to set." : null;
    }

    /** @return null if the name is this broker's id; else what is wrong with it */
    static String otherBroker(String name, int self) {
        try {
            return Integer.parseInt(name) == self
                    ? null
                    : "Unexpected broker id, expected " + self + " or empty string, but received " + name + ".";
        } catch (NumberFormatException notANumber) {
            return "Broker id must be an integer, but it is: " + name + ".";
        }
    }
}
