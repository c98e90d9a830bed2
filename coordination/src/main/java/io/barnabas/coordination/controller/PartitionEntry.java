package io.barnabas.coordination.controller;

import io.barnabas.coordination.control.PartitionInfo;
import io.barnabas.model.BrokerId;
import io.barnabas.model.LeaderAndIsr;
import io.barnabas.model.TopicPartition;
import java.util.ArrayDeque;
import java.util.Deque;
import java.util.List;

/** One partition in the controller's memory. At most one write of its state is under way (REPL-04). */
final class PartitionEntry {
    final TopicPartition id;
    final TopicEntry topic;
    final List<BrokerId> assigned;
    final List<BrokerId> adding;
    final List<BrokerId> removing;

    /** As stored; null until first elected. */
    LeaderAndIsr committed;

    /** Under way to the store, or null. */
    LeaderAndIsr inFlight;

    /** The proposal behind {@link #inFlight}; null if the controller wants it itself. */
    Proposal inFlightProposal;

    /** Being read anew after a conflict. */
    boolean loading;

    /** Its node was taken away by somebody: nothing can be stored for it in this term. */
    boolean missing;

    /** Something changed while it was busy. */
    boolean reviewAgain;

    /** Proposals that came while it was busy. */
    final Deque<Proposal> waiting = new ArrayDeque<>(0);

    PartitionEntry(
            TopicPartition id,
            TopicEntry topic,
            List<BrokerId> assigned,
            List<BrokerId> adding,
            List<BrokerId> removing) {
        this.id = id;
        this.topic = topic;
        this.assigned = assigned;
        this.adding = adding;
        this.removing = removing;
    }

    boolean busy() {
        return inFlight != null || loading;
    }

    PartitionInfo info(boolean isNew) {
        return new PartitionInfo(id.partition(), assigned, adding, removing, committed, isNew);
    }

    /** What a leader asked for. */
    record Proposal(long request, LeaderAndIsr state) {}
}
