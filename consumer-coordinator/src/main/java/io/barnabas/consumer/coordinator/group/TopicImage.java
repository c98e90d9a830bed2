package io.barnabas.consumer.coordinator.group;

import java.util.Collection;
import java.util.List;
import java.util.UUID;

/** The topics of the cluster at one moment, as far as groups need to know them. Immutable; a new moment is a new image. */
public interface TopicImage {
    /** Nothing is known yet. */
    TopicImage EMPTY = new TopicImage() {
        @Override
        public long version() {
            return -1;
        }

        @Override
        public Topic topic(String name) {
            return null;
        }

        @Override
        public Topic topic(UUID id) {
            return null;
        }

        @Override
        public Collection<String> names() {
            return List.of();
        }
    };

    /** Grows with every change. */
    long version();

    /** @return null if there is none */
    Topic topic(String name);

    /** @return null if there is none */
    Topic topic(UUID id);

    /** In order. */
    Collection<String> names();

    /** One topic. */
    interface Topic {
        String name();

        UUID id();

        int partitionCount();

        /** The racks of the brokers that hold a replica; empty if none has one. */
        Collection<String> racks(int partition);
    }
}
