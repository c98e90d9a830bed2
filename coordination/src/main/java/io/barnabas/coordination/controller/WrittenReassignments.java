package io.barnabas.coordination.controller;

import io.barnabas.coordination.control.Reassignment;
import io.barnabas.model.BrokerId;
import io.barnabas.model.TopicPartition;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;

/**
 * Moves that somebody has written into the store instead of asking for them, as tools of Kafka before 3.0 do. They are taken as if
 * asked for, and taken out of the store when the last of them has ended or was refused: that is how those tools see it.
 */
final class WrittenReassignments {
    /** Nobody waits for an answer. */
    private static final long NO_REQUEST = -1;

    private final ClusterImage image;
    private final Reassignments reassignments;
    private final Set<TopicPartition> outstanding = new HashSet<>();

    WrittenReassignments(ClusterImage image, Reassignments reassignments) {
        this.image = image;
        this.reassignments = reassignments;
    }

    void onSeen(Map<TopicPartition, List<BrokerId>> wanted, Turn turn) {
        outstanding.clear();
        outstanding.addAll(wanted.keySet());
        wanted.forEach((partition, target) ->
                reassignments.onAsked(NO_REQUEST, 0, new Reassignment(partition, target), true, turn));
    }

    /** At the end of a turn. */
    void forgetEnded(Turn turn) {
        if (outstanding.isEmpty()) {
            return;
        }
        outstanding.removeIf(id -> hasEnded(image.partition(id)));
        if (outstanding.isEmpty()) {
            turn.works.add(new ControllerEffect.ClearWrittenReassignments());
        }
    }

    private static boolean hasEnded(PartitionEntry partition) {
        return partition == null
                || partition.topic.deleting
                || (!partition.assignment().isMoving()
                        && partition.topic.draft == null
                        && !partition.topic.loading
                        && partition.topic.edits.isEmpty());
    }
}
