package io.barnabas.log;

import java.util.List;

/**
 * One configuration key of a topic, as Kafka describes it.
 *
 * @param name           the topic's key
 * @param type           as DescribeConfigs tells it
 * @param defaultValue   Kafka's default, as text
 * @param allowed        what values may be, for people; empty if anything of the type
 * @param brokerSynonyms keys of the broker that give a topic without the key its value, the strongest first
 * @param onlyIn39       known to Kafka 3.9 and dropped in 4: accepted, not listed by DescribeConfigs
 */
public record TopicKey(
        String name, Type type, String defaultValue, String allowed, List<String> brokerSynonyms, boolean onlyIn39) {
    public TopicKey {
        brokerSynonyms = List.copyOf(brokerSynonyms);
    }

    /** Types of values on the wire of DescribeConfigs. */
    public enum Type {
        BOOLEAN,
        STRING,
        INT,
        LONG,
        DOUBLE,
        LIST
    }
}
