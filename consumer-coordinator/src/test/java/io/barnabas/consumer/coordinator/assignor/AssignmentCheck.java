package io.barnabas.consumer.coordinator.assignor;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.ArrayList;
import java.util.Collections;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.UUID;

/** What can be said of every assignment. */
final class AssignmentCheck {
    private AssignmentCheck() {}

    static void isValid(AssignmentTask task, Map<String, Map<UUID, Set<Integer>>> assignment) {
        Map<UUID, Set<Integer>> given = new HashMap<>();
        Set<UUID> wanted = new HashSet<>();
        for (Subscriber member : task.subscribers()) {
            wanted.addAll(member.topics());
            assignment.get(member.memberId()).forEach((topic, partitions) -> {
                assertThat(member.topics()).as("subscription of %s", member).contains(topic);
                assertThat(partitions).isNotEmpty();
                for (int partition : partitions) {
                    assertThat(given.computeIfAbsent(topic, first -> new HashSet<>())
                                    .add(partition))
                            .as("partition %d of %s is given once", partition, topic)
                            .isTrue();
                }
            });
        }
        assertThat(assignment).hasSameSizeAs(task.subscribers());
        wanted.retainAll(task.topics().keySet());
        Map<UUID, Set<Integer>> all = new HashMap<>();
        for (UUID topic : wanted) {
            Set<Integer> partitions = new HashSet<>();
            for (int partition = 0; partition < task.topics().get(topic).partitionCount(); partition++) {
                partitions.add(partition);
            }
            all.put(topic, partitions);
        }
        assertThat(given).isEqualTo(all);
    }

    /** From the highest to the lowest. */
    static List<Integer> loads(Map<String, Map<UUID, Set<Integer>>> assignment) {
        List<Integer> loads = new ArrayList<>();
        assignment.values().forEach(mine -> loads.add(size(mine)));
        loads.sort(Collections.reverseOrder());
        return loads;
    }

    /** How many partitions their present owners lose. */
    static int moves(AssignmentTask task, Map<String, Map<UUID, Set<Integer>>> assignment) {
        int moves = 0;
        for (Subscriber member : task.subscribers()) {
            for (var current : member.current().entrySet()) {
                Set<Integer> lost = new HashSet<>(current.getValue());
                lost.removeAll(assignment.get(member.memberId()).getOrDefault(current.getKey(), Set.of()));
                moves += lost.size();
            }
        }
        return moves;
    }

    /** How many partitions are read within their rack. */
    static int near(AssignmentTask task, Map<String, Map<UUID, Set<Integer>>> assignment) {
        int near = 0;
        for (Subscriber member : task.subscribers()) {
            for (var mine : assignment.get(member.memberId()).entrySet()) {
                for (int partition : mine.getValue()) {
                    near += task.topics().get(mine.getKey()).isNear(partition, member.rackId()) ? 1 : 0;
                }
            }
        }
        return near;
    }

    static int size(Map<UUID, Set<Integer>> mine) {
        return mine.values().stream().mapToInt(Set::size).sum();
    }

    /** Numbers of the last one, compared as the dictionary does: the smaller is the more even. */
    static int compare(List<Integer> loads, List<Integer> others) {
        for (int place = 0; place < loads.size(); place++) {
            int difference = Integer.compare(loads.get(place), others.get(place));
            if (difference != 0) {
                return difference;
            }
        }
        return 0;
    }
}
