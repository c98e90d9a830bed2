package io.barnabas.broker.replica;

import io.barnabas.model.BrokerId;
import java.lang.reflect.Field;
import java.lang.reflect.Modifier;
import java.util.Arrays;
import java.util.List;
import java.util.Map;

/** Machines as they are now, to see what would become of them. */
final class Copies {
    private static final List<Field> OF_MACHINE = fieldsOf(ReplicaMachine.class);
    private static final List<Field> OF_PROGRESS = fieldsOf(FollowerProgress.class);
    private static final Field FOLLOWERS = OF_MACHINE.stream()
            .filter(field -> field.getName().equals("followers"))
            .findFirst()
            .orElseThrow();

    private Copies() {}

    private static List<Field> fieldsOf(Class<?> type) {
        return Arrays.stream(type.getDeclaredFields())
                .filter(field -> !Modifier.isStatic(field.getModifiers()))
                .peek(field -> field.setAccessible(true))
                .toList();
    }

    @SuppressWarnings("unchecked")
    static ReplicaMachine of(ReplicaMachine original) {
        try {
            ReplicaMachine copy = new ReplicaMachine(new BrokerId(0), 0, 1, 0, 0);
            for (Field field : OF_MACHINE) {
                if (!field.equals(FOLLOWERS)) {
                    field.set(copy, field.get(original));
                }
            }
            var followers = (Map<BrokerId, FollowerProgress>) FOLLOWERS.get(copy);
            for (var entry : ((Map<BrokerId, FollowerProgress>) FOLLOWERS.get(original)).entrySet()) {
                FollowerProgress progress = new FollowerProgress();
                for (Field field : OF_PROGRESS) {
                    field.set(progress, field.get(entry.getValue()));
                }
                followers.put(entry.getKey(), progress);
            }
            return copy;
        } catch (IllegalAccessException impossible) {
            throw new AssertionError(impossible);
        }
    }
}
