package io.barnabas.consumer.coordinator.assignor;

import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeMap;
import java.util.TreeSet;
import java.util.UUID;

/**
 * Cuts each topic into as many stretches of neighbouring partitions as it has subscribers, the longer ones first. Topics with the same subscribers
 * and as many partitions are therefore cut alike: a member owns the same numbers of all of them, as joins need it. What members
 * own already plays no part, nor do racks; a member keeps its stretch because its place among the subscribers is settled by its id.
 */
public final class RangeAssignor implements Assignor {
    public static final String NAME = "range";

    @Override
    public String name() {
        return NAME;
    }

    @Override
    public Map<String, Map<UUID, Set<Integer>>> assign(AssignmentTask task) {
        List<Subscriber> subscribers = new ArrayList<>(task.subscribers());
        subscribers.sort(Subscriber.ORDER);
        Map<UUID, List<String>> subscribersOf = new TreeMap<>();
        Map<String, Map<UUID, Set<Integer>>> assignment = new LinkedHashMap<>();
        for (Subscriber subscriber : subscribers) {
            assignment.put(subscriber.memberId(), new TreeMap<>());
            for (UUID topic : subscriber.topics()) {
                if (task.topics().containsKey(topic)) {
                    subscribersOf
                            .computeIfAbsent(topic, first -> new ArrayList<>())
                            .add(subscriber.memberId());
                }
            }
        }
        subscribersOf.forEach((topic, members) -> {
            int partitionCount = task.topics().get(topic).partitionCount();
            int next = 0;
            for (int place = 0; place < members.size(); place++) {
                int end = next + length(place, partitionCount, members.size());
                if (next < end) {
                    assignment.get(members.get(place)).put(topic, stretch(next, end));
                }
                next = end;
            }
        });
        return assignment;
    }

    private static int length(int place, int partitionCount, int memberCount) {
        return partitionCount / memberCount + (place < partitionCount % memberCount ? 1 : 0);
    }

    private static Set<Integer> stretch(int first, int end) {
        Set<Integer> partitions = new TreeSet<>();
        for (int partition = first; partition < end; partition++) {
            partitions.add(partition);
        }
        return partitions;
    }
}
