package io.barnabas.tools;

import io.barnabas.tools.placement.PlacementPlan.Move;
import java.util.ArrayDeque;
import java.util.Collection;
import java.util.Deque;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.SortedMap;
import java.util.TreeMap;
import java.util.TreeSet;
import org.apache.kafka.common.TopicPartition;

/**
 * Carries out moves, a bounded number of partitions at a time, and waits until all have arrived. What has begun is the cluster's: if this
 * process ends, those moves go on, and a new plan starts from where they lead.
 */
final class ReplicaMoves {
    private static final long WAIT_MILLIS = 500;

    private final Reassignments reassignments;
    private final int atOnce;
    private final Progress progress;
    private final Pause pause;

    /** @param atOnce partitions that may be moving at the same time, for these moves */
    ReplicaMoves(Reassignments reassignments, int atOnce, Progress progress, Pause pause) {
        this.reassignments = reassignments;
        this.atOnce = atOnce;
        this.progress = progress;
        this.pause = pause;
    }

    /**
     * Also waits for partitions that are moving already.
     *
     * @param moving of an earlier plan, or somebody else's
     * @return why, for each partition that was refused
     */
    SortedMap<TopicPartition, String> run(Collection<Move> moves, Collection<TopicPartition> moving) {
        Deque<Move> waiting = new ArrayDeque<>(moves);
        Set<TopicPartition> underWay = new TreeSet<>(LogOffsets.ORDER);
        underWay.addAll(moving);
        moves.forEach(move -> underWay.remove(move.partition()));
        int all = moves.size() + underWay.size();
        SortedMap<TopicPartition, String> refused = new TreeMap<>(LogOffsets.ORDER);
        while (true) {
            Map<TopicPartition, Optional<List<Integer>>> next = new TreeMap<>(LogOffsets.ORDER);
            while (!waiting.isEmpty() && underWay.size() < atOnce) {
                Move move = waiting.remove();
                next.put(move.partition(), Optional.of(move.to()));
                underWay.add(move.partition());
            }
            if (!next.isEmpty()) {
                refused.putAll(reassignments.alter(next));
                underWay.removeAll(refused.keySet());
            }
            if (!underWay.isEmpty()) {
                underWay.retainAll(reassignments.active(underWay).keySet());
            }
            int left = waiting.size() + underWay.size();
            if (left == 0) {
                return refused;
            }
            progress.at((all - left - refused.size()) + " of " + all + " partitions are done, " + underWay.size()
                    + " on the way");
            if (waiting.isEmpty() || underWay.size() >= atOnce) {
                pause.ofMillis(WAIT_MILLIS);
            }
        }
    }
}
