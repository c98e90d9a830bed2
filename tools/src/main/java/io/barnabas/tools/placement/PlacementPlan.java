package io.barnabas.tools.placement;

import java.util.List;
import java.util.Map;
import java.util.SortedMap;
import java.util.TreeMap;
import org.apache.kafka.common.TopicPartition;

/**
 * What to change, and what comes of it.
 *
 * @param moves  partitions whose replicas or their order change, by topic and number
 * @param before load of each broker that may hold replicas or holds some
 * @param after  the same brokers when all is done
 */
public record PlacementPlan(List<Move> moves, SortedMap<Integer, Load> before, SortedMap<Integer, Load> after) {
    public PlacementPlan {
        moves = List.copyOf(moves);
        before = new TreeMap<>(before);
        after = new TreeMap<>(after);
    }

    /**
     * One partition.
     *
     * @param from its replicas, preferred leader first
     * @param to   what they shall be
     */
    public record Move(TopicPartition partition, List<Integer> from, List<Integer> to) {
        public Move {
            from = List.copyOf(from);
            to = List.copyOf(to);
        }

        /** Replicas to be copied; 0 if only their order or number changes. */
        public int copies() {
            return (int) to.stream().filter(broker -> !from.contains(broker)).count();
        }
    }

    /**
     * What a broker holds.
     *
     * @param leaders partitions of which it is the preferred leader
     */
    public record Load(int replicas, int leaders) {
        static final Load NONE = new Load(0, 0);
    }

    /** Replicas to be copied in all. */
    public int copies() {
        return moves.stream().mapToInt(Move::copies).sum();
    }

    /** What brokers hold when partitions have these replicas. */
    static SortedMap<Integer, Load> loads(Iterable<Integer> brokers, Map<TopicPartition, List<Integer>> replicas) {
        SortedMap<Integer, Load> loads = new TreeMap<>();
        brokers.forEach(broker -> loads.put(broker, Load.NONE));
        for (List<Integer> brokersOfOne : replicas.values()) {
            for (int at = 0; at < brokersOfOne.size(); at++) {
                loads.merge(
                        brokersOfOne.get(at),
                        new Load(1, at == 0 ? 1 : 0),
                        (one, other) -> new Load(one.replicas() + other.replicas(), one.leaders() + other.leaders()));
            }
        }
        return loads;
    }
}
