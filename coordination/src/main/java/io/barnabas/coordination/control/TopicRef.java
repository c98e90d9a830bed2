package io.barnabas.coordination.control;

import java.util.UUID;

/**
 * A topic by name or by id.
 *
 * @param name    null if it is named by id
 * @param topicId null if it is named by name
 */
public record TopicRef(String name, UUID topicId) {
    public TopicRef {
        if ((name == null) == (topicId == null)) {
            throw new IllegalArgumentException("a topic is named by name or by id: " + name + ", " + topicId);
        }
    }

    public static TopicRef named(String name) {
        return new TopicRef(name, null);
    }

    public static TopicRef of(UUID topicId) {
        return new TopicRef(null, topicId);
    }
}
