package io.barnabas.consumer.coordinator.assignor;

import java.util.ArrayList;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Random;
import java.util.Set;
import java.util.UUID;

/** A group that lives: members come and go, change their minds; each task holds what the last one answered. */
final class RandomGroup {
    static final List<String> RACKS = List.of("rack-a", "rack-b", "rack-c");

    private final Random random;
    private final boolean mixed;
    private final Map<UUID, TopicShape> topics = new HashMap<>();
    private final List<Subscriber> members = new ArrayList<>();
    private Set<UUID> shared;
    private int named;

    /** @param mixed whether members subscribe to different topics */
    RandomGroup(Random random, boolean mixed) {
        this.random = random;
        this.mixed = mixed;
        int topicCount = 1 + random.nextInt(8);
        for (int topic = 0; topic < topicCount; topic++) {
            addTopic();
        }
        shared = Set.copyOf(topics.keySet());
        int memberCount = 1 + random.nextInt(12);
        for (int member = 0; member < memberCount; member++) {
            join();
        }
    }

    AssignmentTask task() {
        return new AssignmentTask(topics, members);
    }

    List<Subscriber> members() {
        return members;
    }

    void addTopic() {
        int partitionCount = 1 + random.nextInt(20);
        List<Set<String>> racks = new ArrayList<>();
        for (int partition = 0; partition < partitionCount; partition++) {
            racks.add(Set.of(RACKS.get(random.nextInt(3))));
        }
        topics.put(id(), random.nextBoolean() ? TopicShape.of(partitionCount) : new TopicShape(partitionCount, racks));
    }

    void join() {
        String instanceId = random.nextInt(3) == 0 ? "instance-" + random.nextInt(1000) + "-" + named : null;
        String rackId = random.nextBoolean() ? RACKS.get(random.nextInt(3)) : null;
        members.add(new Subscriber(id() + "-" + named++, instanceId, rackId, subscription(), Map.of()));
    }

    void leave() {
        if (members.size() > 1) {
            members.remove(random.nextInt(members.size()));
        }
    }

    void resubscribe() {
        if (mixed) {
            int place = random.nextInt(members.size());
            Subscriber old = members.get(place);
            members.set(
                    place,
                    new Subscriber(old.memberId(), old.instanceId(), old.rackId(), subscription(), old.current()));
            return;
        }
        shared = Set.copyOf(topics.keySet());
        members.replaceAll(
                old -> new Subscriber(old.memberId(), old.instanceId(), old.rackId(), shared, old.current()));
    }

    void grow() {
        UUID topic = List.copyOf(topics.keySet()).get(random.nextInt(topics.size()));
        topics.put(topic, TopicShape.of(topics.get(topic).partitionCount() + 1 + random.nextInt(5)));
    }

    /** One of the above. */
    void change() {
        switch (random.nextInt(6)) {
            case 0, 1 -> join();
            case 2 -> leave();
            case 3 -> {
                addTopic();
                resubscribe();
            }
            case 4 -> resubscribe();
            default -> grow();
        }
    }

    void accept(Map<String, Map<UUID, Set<Integer>>> assignment) {
        members.replaceAll(old -> new Subscriber(
                old.memberId(), old.instanceId(), old.rackId(), old.topics(), assignment.get(old.memberId())));
    }

    private Set<UUID> subscription() {
        if (!mixed) {
            return shared;
        }
        Set<UUID> subscription = new HashSet<>();
        for (UUID topic : topics.keySet()) {
            if (random.nextInt(3) > 0) {
                subscription.add(topic);
            }
        }
        return subscription;
    }

    private UUID id() {
        return new UUID(random.nextLong(), random.nextLong());
    }
}
