package io.barnabas.tools.placement;

import java.util.ArrayDeque;
import java.util.Comparator;
import java.util.Deque;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeSet;
import org.apache.kafka.common.TopicPartition;

/**
 * Evens out a load by shifts from one broker to another. From a broker the shortest chain of shifts is taken that ends at a broker
 * with a load at least two lower, so each chain lowers the sum of squares of the loads, and what is in between keeps its load. Where
 * every shift is allowed, chains are single shifts from the highest to the lowest load, and there are as few as there can be.
 */
abstract class LoadSpread {
    private final Placement placement;

    /** One step of a chain. */
    record Shift(TopicPartition partition, int from, int to) {}

    LoadSpread(Placement placement) {
        this.placement = placement;
    }

    final Placement placement() {
        return placement;
    }

    abstract int load(int broker);

    /** The best shift between two brokers, or null if none is allowed. */
    abstract Shift find(int from, int to);

    /** Whether a shift found earlier is still allowed. */
    abstract boolean allowed(Shift shift);

    abstract void apply(Shift shift);

    abstract Shift inverse(Shift shift);

    final void run() {
        boolean better = true;
        while (better) {
            better = onceThroughAll();
        }
    }

    /** Each broker is relieved as long as it can be, the highest load first. */
    private boolean onceThroughAll() {
        boolean better = false;
        Set<Integer> left = new TreeSet<>(placement.brokers().ids());
        while (!left.isEmpty()) {
            int highest = left.stream().max(Comparator.comparingInt(this::load)).orElseThrow();
            if (relieve(highest)) {
                better = true;
            } else {
                left.remove(highest);
            }
        }
        return better;
    }

    private boolean relieve(int source) {
        Map<Integer, Shift> into = new HashMap<>();
        Deque<Integer> frontier = new ArrayDeque<>(List.of(source));
        List<Integer> lowestFirst = placement.brokers().ids().stream()
                .sorted(Comparator.comparingInt(this::load))
                .toList();
        while (!frontier.isEmpty()) {
            int from = frontier.remove();
            for (int to : lowestFirst) {
                Shift shift = to == source || into.containsKey(to) ? null : find(from, to);
                if (shift != null) {
                    into.put(to, shift);
                    frontier.add(to);
                    if (load(to) <= load(source) - 2 && applyChain(source, to, into)) {
                        return true;
                    }
                }
            }
        }
        return false;
    }

    /** Undone if the shifts, each found alone, do not go together. */
    private boolean applyChain(int source, int end, Map<Integer, Shift> into) {
        Deque<Shift> done = new ArrayDeque<>();
        for (int at = end; at != source; at = into.get(at).from()) {
            Shift shift = into.get(at);
            if (!allowed(shift)) {
                while (!done.isEmpty()) {
                    apply(inverse(done.pop()));
                }
                return false;
            }
            apply(shift);
            done.push(shift);
        }
        return true;
    }
}
