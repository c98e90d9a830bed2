package io.barnabas.broker.config;

import io.barnabas.runtime.config.ConfigReader;

/**
 * What a topic gets when nobody says.
 *
 * @param partitions        {@code num.partitions}
 * @param replicationFactor {@code default.replication.factor}
 * @param autoCreate        {@code auto.create.topics.enable}
 * @param deleteEnable      {@code delete.topic.enable}
 */
public record TopicDefaults(int partitions, int replicationFactor, boolean autoCreate, boolean deleteEnable) {
    static TopicDefaults from(ConfigReader config) {
        return new TopicDefaults(
                config.integer("num.partitions", 1, ConfigReader.atLeast(1)),
                config.integer("default.replication.factor", 1, ConfigReader.between(1, Short.MAX_VALUE)),
                config.bool("auto.create.topics.enable", true),
                config.bool("delete.topic.enable", true));
    }
}
