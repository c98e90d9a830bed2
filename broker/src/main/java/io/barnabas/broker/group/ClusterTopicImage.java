package io.barnabas.broker.group;

import io.barnabas.broker.metadata.ClusterView;
import io.barnabas.consumer.coordinator.group.TopicImage;
import io.barnabas.model.BrokerId;
import java.util.AbstractList;
import java.util.ArrayList;
import java.util.Collection;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.TreeSet;
import java.util.UUID;

/**
 * The topics of one picture of the cluster. The rack of a broker that has gone is remembered: replicas do not move when a broker is down, so
 * neither must what groups make of their places.
 */
final class ClusterTopicImage implements TopicImage {
    private final ClusterView view;
    private final long version;
    private final Map<BrokerId, String> racks;
    private final List<String> names;

    private ClusterTopicImage(ClusterView view, long version, Map<BrokerId, String> racks) {
        this.view = view;
        this.version = version;
        this.racks = racks;
        List<ClusterView.Topic> topics = new ArrayList<>(view.topics());
        this.names = new AbstractList<>() {
            @Override
            public String get(int index) {
                return topics.get(index).name();
            }

            @Override
            public int size() {
                return topics.size();
            }
        };
    }

    /** @param before null for the first */
    static ClusterTopicImage after(ClusterTopicImage before, ClusterView view) {
        Map<BrokerId, String> racks = before == null ? new HashMap<>() : new HashMap<>(before.racks);
        for (ClusterView.Broker broker : view.brokers()) {
            if (broker.rack() == null) {
                racks.remove(broker.id());
            } else {
                racks.put(broker.id(), broker.rack());
            }
        }
        boolean same = before != null && before.racks.equals(racks);
        return new ClusterTopicImage(view, before == null ? 0 : before.version + 1, same ? before.racks : racks);
    }

    @Override
    public long version() {
        return version;
    }

    @Override
    public TopicImage.Topic topic(String name) {
        return of(view.topic(name));
    }

    @Override
    public TopicImage.Topic topic(UUID id) {
        return of(view.topic(id));
    }

    @Override
    public Collection<String> names() {
        return names;
    }

    private TopicImage.Topic of(ClusterView.Topic topic) {
        return topic == null ? null : new Topic(topic, racks);
    }

    /** Equal if a group could see no difference. */
    private static final class Topic implements TopicImage.Topic {
        private final ClusterView.Topic topic;
        private final Map<BrokerId, String> racks;

        Topic(ClusterView.Topic topic, Map<BrokerId, String> racks) {
            this.topic = topic;
            this.racks = racks;
        }

        @Override
        public String name() {
            return topic.name();
        }

        @Override
        public UUID id() {
            return topic.id();
        }

        @Override
        public int partitionCount() {
            return topic.partitions().size();
        }

        @Override
        public Collection<String> racks(int partition) {
            ClusterView.Partition found = topic.partition(partition);
            if (found == null || racks.isEmpty()) {
                return List.of();
            }
            TreeSet<String> all = new TreeSet<>();
            for (BrokerId replica : found.assignedReplicas()) {
                String rack = racks.get(replica);
                if (rack != null) {
                    all.add(rack);
                }
            }
            return all;
        }

        @Override
        public boolean equals(Object other) {
            if (!(other instanceof Topic that)) {
                return false;
            }
            if (topic == that.topic && racks == that.racks) {
                return true;
            }
            return id().equals(that.id()) && name().equals(that.name()) && samePlaces(that);
        }

        private boolean samePlaces(Topic that) {
            if (partitionCount() != that.partitionCount()) {
                return false;
            }
            for (ClusterView.Partition partition : topic.partitions()) {
                if (!racks(partition.number()).equals(that.racks(partition.number()))) {
                    return false;
                }
            }
            return true;
        }

        @Override
        public int hashCode() {
            return id().hashCode();
        }

        @Override
        public String toString() {
            return name() + " " + id();
        }
    }
}
