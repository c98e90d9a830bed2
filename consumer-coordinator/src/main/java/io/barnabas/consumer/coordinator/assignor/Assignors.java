package io.barnabas.consumer.coordinator.assignor;

import java.util.Collections;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;

/** The assignors that groups may use, in order of preference ({@code group.consumer.assignors}). Immutable. */
public final class Assignors {
    /** Ours by every name that a configuration may use; Kafka's class names stand in older ones. */
    private static final Map<String, Assignor> KNOWN = Map.of(
            UniformAssignor.NAME,
            new UniformAssignor(),
            "org.apache.kafka.coordinator.group.assignor.UniformAssignor",
            new UniformAssignor(),
            RangeAssignor.NAME,
            new RangeAssignor(),
            "org.apache.kafka.coordinator.group.assignor.RangeAssignor",
            new RangeAssignor());

    private final Map<String, Assignor> byName;

    private Assignors(Map<String, Assignor> byName) {
        this.byName = Collections.unmodifiableMap(byName);
    }

    /**
     * @param names ours ({@code uniform}, {@code range}), or the names of Kafka's classes that do the same
     * @throws IllegalArgumentException with a sentence for the operator if there is none, one is unknown, or one comes twice
     */
    public static Assignors of(List<String> names) {
        if (names.isEmpty()) {
            throw new IllegalArgumentException("at least one assignor has to be given; there are uniform and range");
        }
        Map<String, Assignor> byName = new LinkedHashMap<>();
        for (String name : names) {
            Assignor assignor = KNOWN.get(name);
            if (assignor == null) {
                throw new IllegalArgumentException(
                        "there is no assignor '" + name + "'; there are uniform and range, classes cannot be loaded");
            }
            if (byName.put(assignor.name(), assignor) != null) {
                throw new IllegalArgumentException("the assignor '" + assignor.name() + "' is given twice");
            }
        }
        return new Assignors(byName);
    }

    /** @return null if there is none, or it is not configured */
    public Assignor find(String name) {
        return byName.get(name);
    }

    /** In order of preference. */
    public List<String> names() {
        return List.copyOf(byName.keySet());
    }

    /** For groups whose members wish for none: the most preferred one. */
    public Assignor standard() {
        return byName.values().iterator().next();
    }
}
