package io.barnabas.benchmarks.compare;

import java.util.LinkedHashMap;
import java.util.Map;

/** What one cell measured: figure by name, in order of printing. */
final class Figures {
    private final Map<String, Double> values = new LinkedHashMap<>();

    Figures put(String name, double value) {
        values.put(name, value);
        return this;
    }

    Map<String, Double> values() {
        return values;
    }
}
