package io.barnabas.consumer.coordinator.group;

import java.nio.charset.StandardCharsets;
import java.util.Collection;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.SortedMap;
import java.util.TreeMap;
import java.util.UUID;

/** Topics that come and go when a test says so. Each change is a new image. */
final class FakeTopics {
    private final SortedMap<String, Topic> topics = new TreeMap<>();
    private final Map<String, UUID> ids = new HashMap<>();
    private long version;
    private int deletions;

    record Topic(String name, UUID id, int partitionCount, String rack) implements TopicImage.Topic {
        @Override
        public Collection<String> racks(int partition) {
            return rack == null ? List.of() : List.of(rack);
        }
    }

    private record Image(long version, SortedMap<String, Topic> byName) implements TopicImage {
        @Override
        public TopicImage.Topic topic(String name) {
            return byName.get(name);
        }

        @Override
        public TopicImage.Topic topic(UUID id) {
            return byName.values().stream()
                    .filter(topic -> topic.id().equals(id))
                    .findFirst()
                    .orElse(null);
        }

        @Override
        public Collection<String> names() {
            return byName.keySet();
        }
    }

    /** Creates it, or makes it another size. */
    FakeTopics set(String name, int partitions) {
        return set(name, partitions, null);
    }

    FakeTopics set(String name, int partitions, String rack) {
        topics.put(name, new Topic(name, id(name), partitions, rack));
        version++;
        return this;
    }

    /** The next one of this name is another topic. */
    FakeTopics delete(String name) {
        topics.remove(name);
        deletions++;
        ids.remove(name);
        version++;
        return this;
    }

    UUID id(String name) {
        return ids.computeIfAbsent(
                name, any -> UUID.nameUUIDFromBytes((name + deletions).getBytes(StandardCharsets.UTF_8)));
    }

    TopicImage image() {
        return version == 0 ? TopicImage.EMPTY : new Image(version, new TreeMap<>(topics));
    }
}
